using System.Diagnostics;
using SemanticSam.Engine.Sessions.RsPrompter;
using SemanticSam.Engine.Zoo;
using SemanticSam.Imaging;
using SemanticSam.Torch;
using SemanticSam.Training.Objectives;
using SemanticSam.Training.Runs;
using static TorchSharp.torch;

namespace SemanticSam.Training.Tuning;

/// <summary>
/// Tunes a model on annotated images. Can be stopped at any step and resumed with identical results; the folder holds the model as of the last
/// checkpoint at any time.
/// </summary>
internal sealed class Tuner : IDisposable
{
    private const double Beta2 = 0.999;

    /// <summary>Side of the image where the encoder is adapted, as the authors have it.</summary>
    private const int AdaptedImageSize = 512;

    private const int MostStepsBetweenCheckpoints = 250;

    /// <summary>Bytes that runtime, libtorch, the encoder at work and views with their masks take; what 2.2 GB measured left over the rest.</summary>
    private const long Baseline = 1_500_000_000;

    private readonly TuningTask _task;
    private readonly TuningData _data;
    private readonly TuningOptions _options;
    private readonly TrainingState _state;
    private readonly CosineSchedule _schedule;
    private readonly string _folder;
    private readonly Action<string> _say;
    private readonly HashSet<int> _bad = [];
    private readonly TuningClock? _clock;
    private readonly long _baseNumbers;
    private readonly PrompterBase _below;
    private bool _begun;

    private Tuner(TuningTask task, TuningData data, TuningOptions options, int views, string folder, PrompterBase below, Action<string> say)
    {
        (_task, _data, _options, Views, _folder, _say, _below) = (task, data, options, views, folder, say, below);
        _clock = options.TimeLimit is { } limit ? new(folder, limit) : null;
        _baseNumbers = below.Network.parameters().Sum(p => p.numel());
        int stepsOfEpoch = (data.Images.Count + options.Batch - 1) / options.Batch;
        _schedule = new(options.RateOrDefault, stepsOfEpoch, options.EpochsOrDefault);
        Steps = (long)stepsOfEpoch * options.EpochsOrDefault;
        CheckpointEvery = options.CheckpointEvery ?? Math.Min(stepsOfEpoch, MostStepsBetweenCheckpoints);
        _state = new TrainingState(task.Trained, new TrainerOptions
        {
            Seed = options.Seed,
            Batch = options.Batch,
            LearningRate = options.RateOrDefault,
            WeightDecay = task.WeightDecay,
            AverageDecay = options.AverageDecay,
        }, (_, _) => true, Beta2, TuningIdentity.Of(data, options, below));
    }

    /// <summary>Steps in all.</summary>
    public long Steps { get; }

    /// <summary>Steps done.</summary>
    public long Step => _state.Step;

    /// <summary>Steps between two checkpoints.</summary>
    public int CheckpointEvery { get; }

    /// <summary>Views of an image whose features are kept; 0 where each step draws a new one.</summary>
    public int Views { get; }

    /// <summary>What it will do.</summary>
    public TuningPlan Plan()
    {
        long numbers = _task.Parts.Sum(p => p.Numbers), floats = 4, each = _data.Images.Count * (long)Math.Max(1, Views);
        // Weights, gradients, two moments, and the average; the base model lies beside them.
        return new(_data.Images.Count, _data.Instances, _data.Classes, _below.Name, _task.Parts, Steps, _options.EpochsOrDefault, Views,
            Baseline + (numbers * 5 + _baseNumbers) * floats + _task.StepBytes, Math.Min(_options.MostCache, each * _task.ViewBytes), numbers * floats * 5);
    }

    /// <summary>Prepares a tuning.</summary>
    /// <param name="data">The images.</param>
    /// <param name="source">The model to tune.</param>
    /// <param name="folder">Takes the model, metrics.jsonl, and the state to go on from.</param>
    /// <param name="options">How.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="say">Receives lines for a person.</param>
    /// <exception cref="TuningException">The model cannot be tuned by this method.</exception>
    /// <exception cref="Engine.Checkpoints.CheckpointException">The model's file is damaged or of another family.</exception>
    public static Tuner Create(TuningData data, BaseSource source, string folder, TuningOptions options, Device device, Action<string> say)
    {
        options.Validate();
        manual_seed(options.Seed);
        // Matrix products of a training need no more than the 10 bits of mantissa that a GPU is several times faster with.
        if (device.type != TorchSharp.DeviceType.CPU) backends.cuda.matmul.allow_tf32 = true;
        var below = source.Open(options.Crop ?? options.ImageSize ?? (options.Adapters ? AdaptedImageSize : null), device);
        TuningTask? task = null;
        try
        {
            if (options.Method == TuningMethod.Detector) below = below.Detected(embeds: false);
            if (options.Adapters) below = below.Adapted(options.LowRank);
            // Encoding by the embedded model's network costs less than reading what would be kept of it.
            int views = options.Views ?? (below.Sam is null ? 0 : options.FindsInstances ? 8 : 1);
            var cache = views > 0 && options is not ({ Method: TuningMethod.LowRank or TuningMethod.Detector or TuningMethod.Classifier } or { Adapters: true })
                ? new FeatureCache(OutputFolder.Below(folder, "features"), below.Sha256, options.MostCache, say) : null;
            task = options.Method == TuningMethod.Classifier ? new ClassifierTask(below, source, data, options, folder, device, say)
                : options.FindsInstances ? new PrompterTask(below, source, data, options, cache, device) : new BoxTask(below, data, options, cache, device);
            return new Tuner(task, data, options, cache is null ? 0 : views, folder, below, say);
        }
        catch
        {
            if (task is not null) task.Dispose();
            else below.Dispose();
            throw;
        }
    }

    /// <summary>Makes ready: writes what does not change, or reads where an interrupted run stood.</summary>
    /// <param name="resume">Go on with what is in the folder.</param>
    /// <exception cref="IOException">The folder cannot be written, or there is nothing to go on with.</exception>
    /// <exception cref="Engine.Checkpoints.CheckpointException">What is there was begun with other classes, another base model or the like.</exception>
    public void Begin(bool resume)
    {
        OutputFolder.Make(_folder);
        if (resume)
        {
            _state.Load(_folder, Earlier, other => TuningIdentity.Next(other, _below, _folder));
            MetricsLog.CutAfter(_folder, _state.Step);
            _clock?.Resume();
        }
        else
        {
            File.Delete(Path.Combine(_folder, MetricsLog.File));
            _clock?.Clear();
        }
        _task.WriteSurroundings(_folder, anew: !resume);
        if (!resume) Save(); // so that a run that is killed at any moment can be resumed, and a folder that cannot be written is known now
        _begun = true;
    }

    private TrainingIdentity Earlier()
    {
        _say($"the state in '{_folder}' is of an earlier version and does not say what it was begun with: what the folder says of it is compared");
        return TuningIdentity.OfFolder(_folder);
    }

    /// <summary>Trains until all steps are done, the time is up or the run is canceled; either way what was learned is written.</summary>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellation">Stops after the step in work.</param>
    /// <returns>Whether all steps are done, or the time is up.</returns>
    /// <exception cref="IOException">At the end the model cannot be written; the last checkpoint is whole.</exception>
    /// <exception cref="TrainingNotFiniteException">What was learned is not finite; the last checkpoint is whole.</exception>
    public bool Run(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        using var held = FinalizerDelay.Hold();
        var report = new LossReport();
        var clock = Stopwatch.StartNew();
        long first = _state.Step;
        _clock?.Start();
        while (!Done && !cancellation.IsCancellationRequested)
        {
            double rate = _clock is null ? _schedule.Of(_state.Step) : _schedule.Of(_state.Step, _clock.Gone);
            if (!Advance(rate, report)) throw new TuningException("None of the images can be decoded any more.");
            bool line = _state.Step % _options.MetricsEvery == 0 || Done;
            double pace = clock.Elapsed.TotalSeconds / (_state.Step - first);
            var left = _clock?.Left;
            var told = new TrainingProgress(_state.Step, TrainingProgress.StepsInAll(_state.Step, Steps, pace, left), rate, pace,
                line ? report.Means.ToDictionary() : null) { TimeLeft = left };
            if (line) Log(told, report);
            progress?.Report(told);
            if (_state.Step % CheckpointEvery == 0 && !Done) TrySave();
        }
        Save();
        return Done;
    }

    private bool Done => _state.Step >= Steps || _clock is { Gone: >= 1 };

    /// <summary>One step; false when no image is left.</summary>
    internal bool Advance(double rate, LossReport report)
    {
        using var scope = NewDisposeScope();
        manual_seed(ViewSource.HashCode(_options.Seed, _state.Step, 3)); // so that a resumed run draws the same points and dropouts
        foreach (var group in _state.Optimizer.ParamGroups) group.LearningRate = rate;
        _state.Optimizer.zero_grad();
        if (Loss(report) is not { } loss) return false;
        loss.backward();
        double norm = nn.utils.clip_grad_norm_(_state.Groups.Parameters.Values.Where(p => p.grad is not null), _options.MostGradient);
        // A batch whose gradient overflows is left out; the weights stay sound.
        if (double.IsFinite(norm)) _state.Optimizer.step();
        else FiniteState.RequireAfterSkipping(_folder, _state.Step, _state.Groups.All, Chosen(_state.Step).Select(c => _data.Images[c.Image].Name));
        report.Add("gradient_norm", double.IsFinite(norm) ? norm : 0);
        report.Add("skipped", double.IsFinite(norm) ? 0 : 1);
        _state.Averaged.Update(_state.Step);
        _state.Step++;
        return true;
    }

    /// <summary>Weights as they are, not their average.</summary>
    internal IReadOnlyDictionary<string, Tensor> Weights => _state.Groups.All;

    /// <summary>Writes the state and the model.</summary>
    internal void Save()
    {
        if (_begun) OutputFolder.Require(_folder, TrainingState.File);
        _state.Save(_folder);
        _clock?.Save();
        _task.WriteModel(_folder, _state.Averaged.Values);
    }

    public void Dispose()
    {
        _state.Dispose();
        _task.Dispose();
    }

    /// <summary>Of the step's images; one that cannot be decoded is told once and its place taken by the next.</summary>
    private Tensor? Loss(LossReport report)
    {
        while (_bad.Count < _data.Images.Count)
        {
            var images = Chosen(_state.Step);
            int at = -1;
            try
            {
                // Image by image in the order of the batch, so that it is known which of them cannot be read.
                foreach (var (image, _) in images)
                {
                    at = image;
                    if (!File.Exists(_data.Images[image].Path)) throw new FileNotFoundException("there is no such file any more");
                }
                at = -1;
                if (_state.Step + 1 < Steps) _task.Foresee(Chosen(_state.Step + 1));
                return _task.Loss(images, _state.Step, report);
            }
            catch (Exception e) when (e is ImageException or FileNotFoundException or TuningException)
            {
                foreach (var (image, _) in images.Where(i => at < 0 ? !Decodes(i.Image) : i.Image == at)) Exclude(image, e.Message);
                if (images.All(i => !_bad.Contains(i.Image))) throw;
            }
        }
        return null;
    }

    private bool Decodes(int image)
    {
        try
        {
            var decoded = ImageDecoder.Decode(_data.Images[image].Path, ImageDecoderOptions.Whole);
            return (decoded.Width, decoded.Height) == (_data.Images[image].Masks[0].Width, _data.Images[image].Masks[0].Height);
        }
        catch (Exception e) when (e is ImageException or IOException)
        {
            return false;
        }
    }

    private void Exclude(int image, string why)
    {
        if (_bad.Add(image)) _say($"{_data.Images[image].Name} is left out from now on: {why}");
    }

    /// <summary>The images of a step, each with its view. Every epoch has its own order; bad images are passed over.</summary>
    private List<(int Image, long View)> Chosen(long step)
    {
        int count = _data.Images.Count;
        var chosen = new List<(int, long)>();
        for (long position = step * _options.Batch; chosen.Count < _options.Batch; position++)
        {
            long epoch = position / count;
            int image = Order(epoch)[position % count];
            if (_bad.Contains(image)) continue;
            var random = new Random(ViewSource.HashCode(_options.Seed, position, 4));
            chosen.Add((image, Views == 1 ? 0 : Views > 1 ? random.Next(Views) : 1 + position));
        }
        return chosen;
    }

    private (long Epoch, int[] Order) _order = (-1, []);

    private int[] Order(long epoch)
    {
        if (_order.Epoch == epoch) return _order.Order;
        int[] order = [.. Enumerable.Range(0, _data.Images.Count)];
        new Random(ViewSource.HashCode(_options.Seed, epoch, 5)).Shuffle(order);
        _order = (epoch, order);
        return order;
    }

    private void Log(TrainingProgress told, LossReport report)
    {
        try
        {
            MetricsLog.Append(_folder, told);
        }
        catch (IOException e)
        {
            _say($"a line of metrics is lost: {e.Message}");
        }
        report.Clear();
    }

    /// <summary>Between the beginning and the end a checkpoint that cannot be written is no reason to lose what was learned since.</summary>
    private void TrySave()
    {
        try
        {
            Save();
        }
        catch (IOException e) when (File.Exists(Path.Combine(_folder, TrainingState.File)))
        {
            _say($"the checkpoint of step {_state.Step} could not be written, the one before is whole: {e.Message}");
        }
    }
}
