using System.Diagnostics;
using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.TextEncoder.Tokenizer;
using SemanticSam.Training.Data;
using SemanticSam.Training.Objectives;
using SemanticSam.Training.Samples;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Training.Runs;

/// <summary>
/// Trains a Semantic-SAM that answers clicks, boxes and names on images with masks of wholes and parts: AdamW, warm-up and cosine, clipped
/// gradients, an average of the weights. Can be stopped at any step and resumed with identical results.
/// </summary>
internal sealed class SemanticSamTrainer : Trainer
{
    private readonly TrainerOptions _options;
    private readonly string _folder;
    private readonly WholePartDataset _data;
    private readonly SemanticSamModel _model;
    private readonly Device _device;
    private readonly TrainingState _state;
    private readonly SampleBuilder _samples;
    private readonly PromptAndNameObjective _objective;

    private SemanticSamTrainer(ModelPackage package, WholePartDataset data, ReadableImages readable, string folder, TrainerOptions options,
        TrainingIdentity identity, Device device)
    {
        (_options, _folder, _data, _device) = (options, folder, data, device);
        var config = package.Config;
        if (config.Text is null || config.Decoder.MaskTokens == 0 || config.Decoder.ObjectQueries == 0 || config.Decoder.Additions is not { NameQueries: true })
            throw new ArgumentException(
                $"The model '{config.Name}' cannot be trained here: it has to answer clicks and names (a language encoder, mask tokens, object queries and " +
                    $"name queries).");
        manual_seed(options.Seed);
        _model = options.Fresh ? new SemanticSamModel(config) : package.CreateModel(device);
        if (options.Fresh) _model.ResetForScratch();
        _model.to(device);
        _model.train();
        _state = new TrainingState(_model, options, identity: identity);
        var sampling = options.Samples with { MasksOfClick = config.Decoder.MaskTokens };
        _samples = new SampleBuilder(data, sampling, config.PixelMean, config.PixelStd, readable);
        var tokenizer = package.CreateTokenizer();
        var context = new TextContext(config.Text.Context, TextPadding.EndToken);
        _objective = new PromptAndNameObjective(_model, text => tokenizer.Encode(text, context), options.Objective);
    }

    /// <summary>Prepares a training.</summary>
    /// <param name="dataFolder">A folder laid out as <see cref="WholePartDataset.LoadSplit"/> reads it.</param>
    /// <param name="folder">Takes the model, metrics.jsonl and the state to go on from.</param>
    /// <param name="options">What to do.</param>
    /// <param name="init">
    /// Folder of a model of the Semantic-SAM family: what to start from, or whose sizes and words to take with
    /// <see cref="TrainerOptions.Fresh"/>.
    /// </param>
    /// <param name="resume">Go on from the state in <paramref name="folder"/>.</param>
    /// <param name="device">Where to compute; null is the CPU.</param>
    /// <param name="problem">Told of what of the set is repaired, left out or assumed; null refuses it at the first fault.</param>
    /// <exception cref="ArgumentException">An option is out of range, no image passes the filter, or the model cannot be trained here.</exception>
    /// <exception cref="IOException">The state exists although a new training was asked for, or does not although it is to go on.</exception>
    /// <exception cref="Engine.Checkpoints.CheckpointException">The state was begun from another model, on other data or with another size.</exception>
    public static SemanticSamTrainer Create(string dataFolder, string folder, TrainerOptions options, string init, bool resume = false, Device? device = null,
        Action<Formats.FormatProblem>? problem = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(init);
        options.Validate();
        string state = Path.Combine(folder, TrainingState.File);
        if (resume && !File.Exists(state)) throw new FileNotFoundException($"There is no training to resume: {state} does not exist.");
        if (!resume && File.Exists(state)) throw new IOException($"{folder} holds a training already; resume it, or choose another folder.");
        var readable = new ReadableImages(problem);
        var data = readable.Of(WholePartDataset.LoadSplit(dataFolder, "train", problem).Where(options.Images ?? DatasetFilter.NotResearch.Takes));
        var package = ModelPackage.FromFolder(init);
        if (package.IsNano)
            throw new ArgumentException($"'{init}' is of the embedded model's family, which other recipes train; a model of the Semantic-SAM family is needed.",
                nameof(init));
        var identity = SemanticSamIdentity.Of(package, data, options, folder);
        var trainer = new SemanticSamTrainer(package, data, readable, folder, options, identity, device ?? CPU);
        if (resume) trainer.GoOn();
        ModelFolderWriter.WriteSurroundings(folder, package, data); // once it is known that they are those of the weights there
        return trainer;
    }

    public override long Step => _state.Step;

    /// <summary>Trains up to the last step, or until canceled; what was reached is saved either way.</summary>
    internal override bool Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var stream = new SampleStream(_samples, _data.Images.Count, _options.Batch, _options.Seed, _state.Step);
        var report = new LossReport();
        var clock = Stopwatch.StartNew();
        long first = _state.Step;
        try
        {
            while (_state.Step < _options.Steps && !cancellation.IsCancellationRequested)
            {
                double rate = _options.RateOf(_state.Step);
                Advance(stream.Next(cancellation), rate, report);
                Tell(progress, report, rate, clock.Elapsed.TotalSeconds / (_state.Step - first));
                if (_state.Step % _options.CheckpointEvery == 0 && _state.Step < _options.Steps) Save();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        Save();
        return _state.Step >= _options.Steps;
    }

    /// <summary>One step on the given samples.</summary>
    internal void Advance(IReadOnlyList<TrainingSample> samples, double rate, LossReport report)
    {
        using var scope = NewDisposeScope();
        foreach (var group in _state.Optimizer.ParamGroups) group.LearningRate = rate;
        _state.Optimizer.zero_grad();
        _objective.Compute(new TrainingBatch(samples, _device), report).backward();
        double norm = nn.utils.clip_grad_norm_(_state.Groups.Parameters.Values, _options.ClipNorm);
        // A batch whose gradient overflows is left out; the weights stay sound.
        if (double.IsFinite(norm)) _state.Optimizer.step();
        else FiniteState.RequireAfterSkipping(_folder, _state.Step, _state.Groups.All, samples.Select(s => s.Image));
        report.Add("gradient_norm", double.IsFinite(norm) ? norm : 0);
        report.Add("skipped", double.IsFinite(norm) ? 0 : 1);
        _state.Averaged.Update(_state.Step);
        _state.Step++;
    }

    /// <summary>The weights as they are, not their average.</summary>
    internal IReadOnlyDictionary<string, Tensor> Weights => _state.Groups.All;

    public override void Dispose()
    {
        _state.Dispose();
        _model.Dispose();
    }

    private void GoOn()
    {
        _state.Load(_folder, () => SemanticSamIdentity.OfFolder(_folder), _ => "Give the same --init, --data, --licenses and --size, or go on with a new "
            + $"training: --init {_folder} with another --out starts from what this one has reached.");
        if (_state.Step > _options.Steps)
            throw new ArgumentOutOfRangeException(nameof(TrainerOptions.Steps), _options.Steps,
                $"The training in {_folder} has done {_state.Step} steps already.");
        MetricsLog.CutAfter(_folder, _state.Step);
    }

    private void Save()
    {
        OutputFolder.Require(_folder, ModelPackage.ConfigFile);
        _state.Save(_folder);
        ModelFolderWriter.WriteWeights(_folder, _state.Averaged.Values, _state.Step);
    }

    private void Tell(IProgress<TrainingProgress>? progress, LossReport report, double rate, double secondsPerStep)
    {
        bool line = _state.Step % _options.MetricsEvery == 0 || _state.Step == _options.Steps;
        var told = new TrainingProgress(_state.Step, _options.Steps, rate, secondsPerStep, line ? report.Means.ToDictionary() : null);
        if (line)
        {
            MetricsLog.Append(_folder, told);
            report.Clear();
        }
        progress?.Report(told);
    }
}
