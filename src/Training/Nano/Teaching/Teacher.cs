using System.Diagnostics;
using System.Text;
using System.Text.Json;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Nano;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Torch;
using SemanticSam.Training.Data;
using SemanticSam.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano.Teaching;

/// <summary>
/// Teaches a model of the embedded family names of a few annotated images. Backbone and pyramid stand still, so that clicks stay as they
/// are; what compares pixels and words learns, tied to the old model where it knows the answer (<see cref="TeachObjective"/>).
/// </summary>
internal sealed class Teacher : Trainer
{
    private const int LeastOldWords = 32, NamesOfImage = 24;

    private readonly TaughtModel _files;
    private readonly TeachData _data;
    private readonly TeachOptions _options;
    private readonly Device _device;
    private readonly string _folder;
    private readonly NanoModel _model, _old;
    private readonly PhraseBook _phrases;
    private readonly NanoSampler _sampler;
    private readonly NanoSampleOptions _samples;
    private readonly NanoOptimizer _optimizer;
    private readonly TeachObjective _objective;
    private readonly Tensor _known;
    private readonly List<(string Name, Tensor Sentence)> _asked;
    private readonly NameVocabulary _vocabulary;
    private readonly ReadableImages _readable;
    private long _step;

    /// <param name="files">The model to teach.</param>
    /// <param name="data">Annotated images.</param>
    /// <param name="options">How.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="folder">Takes the taught model; a folder of that name is replaced.</param>
    /// <param name="readable">Leaves out images that cannot be decoded; null where the first of them ends the work.</param>
    public Teacher(TaughtModel files, TeachData data, TeachOptions options, Device device, string folder, ReadableImages? readable = null)
    {
        options.Validate();
        _readable = readable ?? new(null);
        (_files, _data, _options, _device, _folder) = (files, data, options, device, folder);
        manual_seed(options.Seed);
        _vocabulary = files.OpenVocabulary();
        _model = files.OpenNetwork();
        _old = files.OpenNetwork();
        foreach (var network in new[] { _model, _old })
        {
            network.ConvolutionType = FastTypes.Convolution(device);
            network.to(device);
            foreach (var (_, parameter) in network.named_parameters()) parameter.requires_grad = false;
        }
        _model.LearnWordsAlone(options.TeachesPixels);
        var names = new NanoNames(data.Learned, _vocabulary);
        var taught = data.Names.Select(n => n.Name).ToHashSet();
        var (tokenizer, encoder) = files.OpenText();
        using (encoder)
        {
            _phrases = new PhraseBook(names, tokenizer, encoder);
            string[] known = [.. KnownWords().Where(w => !taught.Contains(w)).Distinct()];
            _known = PhraseBook.Encode(known.Length >= LeastOldWords ? known : ["thing", .. known], tokenizer, encoder).to(device).DetachFromDisposeScope();
            _asked = [.. taught.Order(StringComparer.Ordinal).Select(n => (n, PhraseBook.Encode([n], tokenizer, encoder).to(device).DetachFromDisposeScope()))];
        }
        _samples = new NanoSampleOptions { Size = options.Size, Names = NamesOfImage, PresentNames = NamesOfImage / 2, Clicks = 1, Regions = 1,
            Corrections = 1, ZoomShare = 0.7 };
        _sampler = new NanoSampler(data.Learned, names, _phrases, _samples, files.Config.Network.LevelSizes, _readable);
        Schedule = new NanoTrainerOptions
        {
            Steps = options.Steps, Batch = options.Batch, Seed = options.Seed, WarmUp = Math.Min(20, options.Steps), Cooling = 0.6, Rate = options.Rate,
                BackboneRate = 0, WeightDecay = 0, AverageDecay = 0.97,
            Samples = _samples, Model = files.Config.Network,
        };
        _optimizer = new NanoOptimizer(_model, Schedule);
        _objective = new TeachObjective(_model, _old, _phrases.Sentences.to(device), _known, options);
    }

    public override long Step => _step;

    /// <summary>What changed on the images kept aside; null before the end, and where none are.</summary>
    public TeachReport? Report { get; private set; }

    /// <summary>Its images and names.</summary>
    public TeachData Data => _data;

    private NanoTrainerOptions Schedule { get; }

    /// <summary>Teaches, measures and writes; nothing is written where it is canceled.</summary>
    /// <exception cref="TrainingNotFiniteException">A loss, a gradient or what was learned is not finite; nothing is written.</exception>
    internal override bool Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        try
        {
            Learn(progress, cancellation);
            FiniteState.Require(_folder, Step, _model.state_dict().Select(t => (t.Key, t.Value)));
            if (_data.Kept.Count > 0) Report = new(Measured(_old), Measured(_model));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return false;
        }
        Write();
        if (Report is { } report) progress?.Report(new(Step, _options.Steps, 0, 0, new Dictionary<string, double>
        {
            ["iou_before"] = TeachReport.MeanIou(report.Before) ?? 0, ["iou_after"] = TeachReport.MeanIou(report.After) ?? 0,
        }));
        return true;

        IReadOnlyList<NameFigures> Measured(NanoModel model) =>
            NameMeasure.Run(model, _data.Kept, _readable, _asked, _files.Config.ImageSize, _device, cancellation);
    }

    private void Learn(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        using var batches = new NanoBatches(Make, 0, _options.Workers, _options.Workers + 1);
        long since = Stopwatch.GetTimestamp();
        while (_step < _options.Steps)
        {
            cancellation.ThrowIfCancellationRequested();
            var losses = Learn(batches.Take());
            _step++;
            progress?.Report(new(_step, _options.Steps, _options.Rate * Schedule.Factor(_step - 1), Stopwatch.GetElapsedTime(since).TotalSeconds / _step,
                _step % _options.LogEvery == 0 ? losses : null));
        }
        TakeAverage();
    }

    /// <summary>Writes the taught model with a record of how it came about.</summary>
    private void Write()
    {
        _files.Write(_folder, _model, _data.NewTo(_vocabulary));
        var settings = new Dictionary<string, string>
        {
            ["steps"] = $"{_options.Steps}", ["seed"] = $"{_options.Seed}", ["batch"] = $"{_options.Batch}", ["size"] = $"{_options.Size}",
            ["rate"] = $"{_options.Rate}", ["pixels"] = $"{_options.TeachesPixels}", ["names"] = string.Join(", ", _asked.Select(a => a.Name)),
        };
        var (record, list) = TrainingRecord.Of("teach", settings, _files.Sources, _data.Learned);
        AtomicFile.Write(Path.Combine(_folder, TrainingRecord.ImageList), Encoding.UTF8.GetBytes(list));
        record.Write(_folder, Step, _device.ToString());
        string path = Path.Combine(_folder, TeachReport.File);
        if (Report is not { } report) File.Delete(path); // that of an earlier model
        else AtomicFile.Write(path, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(report, JsonSettings.Indented) + "\n"));
    }

    public override void Dispose()
    {
        _optimizer.Dispose();
        _phrases.Dispose();
        _known.Dispose();
        foreach (var (_, sentence) in _asked) sentence.Dispose();
        _model.Dispose();
        _old.Dispose();
    }

    private NanoBatch Make(long index) =>
        new(index, [.. Enumerable.Range(0, _options.Batch).Select(i => _sampler.Draw(NanoBatches.RandomOf(_options.Seed, index * _options.Batch + i)))],
            _samples);

    private Dictionary<string, double> Learn(NanoBatch batch)
    {
        using var scope = NewDisposeScope();
        manual_seed(unchecked((long)_options.Seed * 1_000_003 + batch.Index));
        _optimizer.Clear();
        var (loss, parts) = _objective.Run(batch, _device);
        double value = loss.item<float>();
        if (!double.IsFinite(value)) throw new NanoNotFiniteException("loss", batch);
        loss.backward();
        if (!double.IsFinite(_optimizer.Step(batch.Index, Schedule.Factor(batch.Index)))) throw new NanoNotFiniteException("gradient", batch);
        var losses = parts.ToDictionary(p => p.Name, p => (double)p.Value.item<float>());
        losses["loss"] = value;
        return losses;
    }

    /// <summary>What is written, and so what is measured, is the average of the weights.</summary>
    private void TakeAverage()
    {
        using var quiet = no_grad();
        var weights = _model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (var (name, value) in _optimizer.Average) weights[name].copy_(value);
    }

    /// <summary>Everything that the model knows to be a word for something.</summary>
    private IEnumerable<string> KnownWords()
    {
        foreach (var entry in _vocabulary.Wholes.Concat(_vocabulary.Parts))
        {
            yield return entry.Name;
            foreach (string word in entry.Synonyms.Concat(entry.Kinds)) yield return word;
            foreach (string whole in entry.Of) yield return $"{entry.Name} of a {whole}";
        }
    }
}
