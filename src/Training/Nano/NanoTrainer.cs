using System.Diagnostics;
using SemanticSam.Engine.Zoo;
using SemanticSam.Formats;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Nano;
using SemanticSam.Torch;
using SemanticSam.Training.Data;
using SemanticSam.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>Trains the embedded model.</summary>
internal sealed class NanoTrainer : Trainer
{
    private readonly NanoTrainerOptions _options;
    private readonly string _folder, _run;
    private readonly NanoModel _model;
    private readonly PhraseBook _phrases;
    private readonly NanoSampler _sampler;
    private readonly NanoOptimizer _optimizer;
    private readonly INanoObjective _objective;
    private readonly Device _device;
    private readonly Action<string> _say;
    private TimeSpan _before; // what earlier turns took
    private long _begun = Stopwatch.GetTimestamp();
    private long _step;

    // run: what a state must have been begun with to be gone on with.
    internal NanoTrainer(NanoMaterial material, Action<NanoModel> fill, string folder, string run, NanoTrainerOptions options, Device device,
        Action<string> say)
    {
        (_options, _folder, _run, _device, _say) = (options, folder, run, device, say);
        OutputFolder.Make(_folder);
        var (data, around) = (material.Images, material.Around);
        var names = new NanoNames(data, material.Vocabulary);
        _phrases = new PhraseBook(names, material.Tokenizer, material.Encoder);
        _sampler = new NanoSampler(data, names, _phrases, options.Samples, options.Model.LevelSizes, material.Readable, around);
        say($"{data.Count} images, {names.Queries.Count} names and parts of wholes in {_phrases.Sentences.shape[0]} phrases, {_sampler.Things} things to " +
            $"paste");
        manual_seed(options.Seed);
        _model = new NanoModel(options.Model) { TrainsFirstStage = options.TrainsFirstStage, ConvolutionType = FastTypes.Convolution(device) };
        using (var mean = _phrases.Sentences.mean([0])) _model.CenterNames(mean);
        fill(_model);
        if (around is not null) _model.LearnSurroundingsAlone();
        _model.to(device);
        _optimizer = new NanoOptimizer(_model, options);
        _objective = ObjectiveOf(around is null ? null : _phrases.Belonging(around));
    }

    private INanoObjective ObjectiveOf(float[]? isAround)
    {
        Tensor sentences = _phrases.Sentences.to(_device);
        if (isAround is null) return new NanoObjective(_model, sentences, _options.Samples);
        var head = _model.Surroundings ?? throw new ArgumentException("The network has no head for surroundings.");
        return new SurroundingsObjective(_model, head, sentences, tensor(isAround).to(_device), _options.Batch);
    }

    public override long Step => _step;

    internal NanoModel Model => _model;

    /// <summary>Makes a model folder of the weights that were written, once all is done; null for none.</summary>
    internal Action<string>? Pack { get; init; }

    /// <summary>What is trained on, for the model card; null for none.</summary>
    internal TrainingRecord? Record { get; init; }

    /// <summary>What it was begun with.</summary>
    internal TrainingIdentity Identity { get; init; } = TrainingIdentity.None;

    private string StatePath => Path.Combine(_folder, NanoFiles.State);

    /// <summary>Prepares a training.</summary>
    /// <param name="sources">Where everything is.</param>
    /// <param name="options">How to train.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="resume">Goes on with what is in the output folder.</param>
    /// <param name="say">Receives lines for a person.</param>
    /// <param name="problem">Told of what of the set is repaired, left out or assumed; null refuses it at the first fault.</param>
    public static NanoTrainer Create(NanoSources sources, NanoTrainerOptions options, Device device, bool resume, Action<string> say,
        Action<FormatProblem>? problem = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(say);
        options.Validate();
        if (sources.Surroundings is not null) options = options with { Model = options.Model.WithSurroundings() };
        string run = $"seed {options.Seed}, batch {options.Batch}, size {options.Samples.Size}, clicks {options.Samples.Clicks}, init " +
            $"{(sources.Init is null ? "backbone" : Path.GetFileName(sources.Init))}" +
            (sources.Further is null ? "" : $", further {Path.GetFileName(sources.Further)}") +
            (sources.Surroundings is null ? "" : $", surroundings {Path.GetFileName(sources.Surroundings)}");
        RefuseOther(sources.Out, resume);
        var readable = new ReadableImages(problem);
        var set = WholePartDataset.LoadSplit(sources.Data, "train", problem);
        if (sources.Further is { } further) set = set.Join(further, problem);
        AnnotatedImage[] data = [.. readable.Of((sources.Surroundings is { } file ? set.Join(file, problem) : set).Where(options.Filter.Takes)).Images,
            .. Regions(sources.Data) is { } regions ? readable.Of(regions.Where(options.Filter.Takes)).Images : []];
        var (record, images) = RecordOf(sources, options, run, device, data);
        var identity = NanoTrainingIdentity.Of(record.Data);
        if (resume) identity = NanoTrainingIdentity.Continue(sources.Out, Path.Combine(sources.Out, NanoFiles.State), identity, say);
        var (tokenizer, encoder) = NanoFiles.OpenText(sources.Text);
        using (encoder)
        {
            var vocabulary = NanoFiles.OpenVocabulary(sources.Vocabulary);
            var around = sources.Surroundings is null ? null
                : SurroundingsNames.Of(new NanoNames(data, vocabulary), [.. set.Where(options.Filter.Takes).Images], vocabulary);
            if (around is not null) say($"names of surroundings: {string.Join(", ", around.Select(q => q.ToString()).Order(StringComparer.Ordinal))}");
            var material = new NanoMaterial(data, vocabulary, tokenizer, encoder) { Readable = readable, Around = around };
            var trainer = new NanoTrainer(material, Fill, sources.Out, run, options, device, say)
            {
                Pack = folder => NanoPackageWriter.Write(folder, [Path.Combine(sources.Out, NanoFiles.Weights)], sources.Text,
                NanoFiles.ReadVocabulary(sources.Vocabulary)),
                Record = record, Identity = identity,
            };
            trainer.Begin(resume);
            AtomicFile.Write(Path.Combine(sources.Out, TrainingRecord.ImageList), System.Text.Encoding.UTF8.GetBytes(images));
            return trainer;
        }

        void Fill(NanoModel model)
        {
            NanoFiles.LoadBackbone(model, sources.Backbone);
            if (sources.Init is not null && NanoFiles.LoadWeights(model, sources.Init) is { Count: > 0 } missing)
                say($"fresh: {string.Join(", ", missing.Select(n => n.Split('.')[0]).Distinct())}");
        }
    }

    private static void RefuseOther(string folder, bool resume)
    {
        string state = Path.Combine(folder, NanoFiles.State);
        if (resume && !File.Exists(state)) throw new FileNotFoundException($"There is no training to resume: {state} does not exist.");
        if (!resume && File.Exists(state)) throw new IOException($"{folder} holds a training already; resume it, or choose another folder.");
    }

    /// <summary>What the model card will say, and the list of images.</summary>
    private static (TrainingRecord Record, string Images) RecordOf(NanoSources sources, NanoTrainerOptions options, string run, Device device,
        IReadOnlyList<AnnotatedImage> data)
    {
        var files = new Dictionary<string, string> { ["backbone"] = sources.Backbone, ["text"] = Path.Combine(sources.Text, NanoFiles.TextWeights) };
        if (sources.Vocabulary is { } vocabulary) files["vocabulary"] = vocabulary;
        if (sources.Init is { } init) files["init"] = init;
        if (sources.Further is { } further) files["further"] = further;
        if (sources.Surroundings is { } surroundings) files["surroundings"] = surroundings;
        var settings = new Dictionary<string, string>
        {
            ["run"] = run, ["steps"] = $"{options.Steps}", ["time_limit"] = $"{options.TimeLimit}", ["seed"] = $"{options.Seed}",
            ["batch"] = $"{options.Batch}", ["size"] = $"{options.Samples.Size}", ["clicks"] = $"{options.Samples.Clicks}",
            ["rate"] = $"{options.Rate}", ["backbone_rate"] = $"{options.BackboneRate}", ["average_decay"] = $"{options.AverageDecay}",
            ["convolutions"] = $"{FastTypes.Convolution(device)}",
            ["licenses"] = options.Filter.ToString(),
        };
        return TrainingRecord.Of("nano", settings, files.ToDictionary(f => f.Key, f => FileHash.Sha256(f.Value)), data);
    }

    /// <summary>Images with unnamed regions; null where the folder has none.</summary>
    private static WholePartDataset? Regions(string folder)
    {
        string file = Path.Combine(folder, "annotations_regions_train.json");
        return File.Exists(file) ? WholePartDataset.Load(file, Path.Combine(folder, "images", "train")) : null;
    }

    /// <summary>Reads the state that an interrupted run left, or makes room for a new one.</summary>
    internal void Begin(bool resume)
    {
        if (resume)
        {
            _step = NanoFiles.LoadState(_optimizer, StatePath, _run);
            MetricsLog.CutAfter(_folder, Step);
            _before = TimeSpan.FromHours(TrainingRecord.HoursOf(_folder));
        }
        else File.Delete(Path.Combine(_folder, MetricsLog.File));
        _say($"convolutions in {_model.ConvolutionType}, {get_num_threads()} threads and {_options.Workers} for samples; step {Step} of {_options.Steps}");
    }

    /// <summary>How much is done, 0 to 1.</summary>
    public double Done => _options.Done(Step, Elapsed);

    private TimeSpan? TimeLeft => _options.TimeLimit is { } limit ? limit > Elapsed ? limit - Elapsed : TimeSpan.Zero : null;

    private TimeSpan Elapsed => _before + Stopwatch.GetElapsedTime(_begun);

    /// <summary>
    /// Trains until all steps are done, the time is up or the run is canceled; in each case the state is written, and a model folder when all is done.
    /// </summary>
    /// <exception cref="TrainingNotFiniteException">A loss, a gradient or what was learned is not finite.</exception>
    internal override bool Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var batches = new NanoBatches(Ahead, Step, _options.Workers, _options.Workers + 2);
        var sums = new Dictionary<string, double>();
        long since = Stopwatch.GetTimestamp();
        double waited = 0;
        long first = Step;
        _begun = since;
        while (Done < 1 && !cancellation.IsCancellationRequested)
        {
            var batch = batches.Take();
            try
            {
                foreach (var (name, value) in Learn(batch)) sums[name] = sums.GetValueOrDefault(name) + value;
            }
            finally
            {
                batch.Release();
            }
            _step++;
            Dictionary<string, double>? line = null;
            if (Step % _options.LogEvery == 0)
            {
                double seconds = Stopwatch.GetElapsedTime(since).TotalSeconds, count = _options.LogEvery;
                line = sums.ToDictionary(p => p.Key, p => Math.Round(p.Value / count, 5));
                line["seconds"] = Math.Round(seconds, 1);
                line["images_a_second"] = Math.Round(count * _options.Batch / seconds, 3);
                line["waiting_share"] = Math.Round((batches.Waited - waited) / seconds, 4);
                MetricsLog.Append(_folder, Step, line);
                (since, waited) = (Stopwatch.GetTimestamp(), batches.Waited);
                sums.Clear();
            }
            double pace = Stopwatch.GetElapsedTime(_begun).TotalSeconds / (Step - first);
            var left = TimeLeft;
            long steps = TrainingProgress.StepsInAll(Step, _options.Steps, pace, left);
            progress?.Report(new(Step, steps, _options.Rate * _options.Factor(Step - 1, Elapsed), pace, line)
            {
                TimeLeft = left,
            });
            if (Step % _options.CheckpointEvery == 0) Save();
            if (Step % _options.PictureEvery == 0) NanoSheet.Write(Path.Combine(_folder, "pictures", $"{Step:000000}.png"), _model, batch, _phrases, _device);
        }
        Save();
        if (Done < 1) return false;
        Pack?.Invoke(Path.Combine(_folder, NanoFiles.ModelFolder));
        return true;
    }

    /// <summary>Writes weights and state.</summary>
    public void Save()
    {
        if (Record is not null) OutputFolder.Require(_folder, TrainingRecord.ImageList);
        FiniteState.Require(_folder, Step, _optimizer.State.Concat(_model.state_dict().Select(t => (t.Key, t.Value))));
        NanoFiles.SaveState(_optimizer, StatePath, Step, _run, Identity);
        NanoFiles.SaveWeights(_model, _optimizer, Path.Combine(_folder, NanoFiles.Weights), Step);
        Record?.Write(_folder, Step, _device.ToString());
    }

    public override void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
        _phrases.Dispose();
    }

    /// <summary>Takes a step on a batch: all its updates.</summary>
    /// <returns>What is logged, means over the updates.</returns>
    internal IReadOnlyList<(string Name, double Value)> Learn(NanoBatch batch)
    {
        using var scope = NewDisposeScope();
        manual_seed(unchecked(_options.Seed * 1_000_003 + batch.Index)); // so that a resumed run draws the same noise
        var losses = _objective.Begin(batch, _device);
        var updates = Enumerable.Range(0, _objective.Updates).Select(u => Update(batch, losses, u)).ToList();
        return [.. updates[0].Select((p, i) => (p.Name, updates.Average(u => u[i].Value)))];
    }

    private List<(string Name, double Value)> Update(NanoBatch batch, Func<int, (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts)> losses, int at)
    {
        using var scope = NewDisposeScope();
        _optimizer.Clear();
        var (loss, parts) = losses(at);
        loss.backward();
        double value = loss.item<float>(); // asked for only now, so that a device has work while it is waited for
        if (!double.IsFinite(value)) throw new NanoNotFiniteException("loss", batch);
        double factor = _options.Factor(batch.Index, Elapsed), norm = _optimizer.Step(batch.Index * _objective.Updates + at, factor);
        if (!double.IsFinite(norm)) throw new NanoNotFiniteException("gradient", batch);
        float[] values = stack(parts.Select(p => p.Value)).cpu().data<float>().ToArray();
        return [("loss", value), .. parts.Select((p, i) => (p.Name, (double)values[i])), ("gradient", norm), ("rate", factor)];
    }

    /// <summary>Writes the state as it is after so many steps; for tests.</summary>
    internal void StopAt(long step)
    {
        _step = step;
        Save();
    }

    /// <summary>Makes a batch, and brings it to a device that has memory of its own.</summary>
    private NanoBatch Ahead(long index)
    {
        var batch = Make(index);
        if (_device.type != DeviceType.CPU) batch.Upload(_device);
        return batch;
    }

    /// <summary>Makes a batch.</summary>
    internal NanoBatch Make(long index)
    {
        var samples = new NanoSample[_options.Batch];
        for (int i = 0; i < samples.Length; i++) samples[i] = _sampler.Draw(NanoBatches.RandomOf(_options.Seed, index * samples.Length + i));
        return new NanoBatch(index, samples, _options.Samples);
    }
}
