using System.Text;
using System.Text.Json;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Nano;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano.Teaching;

/// <summary>What teaching changed, on pictures kept aside.</summary>
/// <param name="Before">Each name before.</param>
/// <param name="After">Each name after.</param>
internal sealed record TeachReport(IReadOnlyList<NameFigures> Before, IReadOnlyList<NameFigures> After)
{
    /// <summary>Name of the file in the output folder.</summary>
    public const string File = "taught.json";
}

/// <summary>
/// Teaches a model of the embedded family names of a few annotated pictures. Backbone and pyramid stand still, so that clicks stay as they
/// are; what compares pixels and words learns, tied to the old model where it knows the answer (<see cref="TeachObjective"/>).
/// </summary>
internal sealed class Teacher : IDisposable
{
    private const int LeastOldWords = 32, PictureNames = 24;
    private static readonly string[] WordSide = ["names.", "presence."], PixelSide = ["pixel."];

    private readonly TaughtModel _files;
    private readonly TeachData _data;
    private readonly TeachOptions _options;
    private readonly Device _device;
    private readonly NanoModel _model, _old;
    private readonly PhraseBook _phrases;
    private readonly NanoSampler _sampler;
    private readonly NanoSampleOptions _samples;
    private readonly NanoOptimizer _optimizer;
    private readonly TeachObjective _objective;
    private readonly Tensor _known;
    private readonly List<(string Name, Tensor Sentence)> _asked;
    private readonly NameVocabulary _vocabulary;

    public Teacher(TaughtModel files, TeachData data, TeachOptions options, Device device)
    {
        options.Validate();
        (_files, _data, _options, _device) = (files, data, options, device);
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
        string[] learning = options.TeachesPixels ? [.. WordSide, .. PixelSide] : WordSide;
        foreach (var (name, parameter) in _model.named_parameters())
            if (learning.Any(l => name.StartsWith(l, StringComparison.Ordinal))) parameter.requires_grad = true;
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
        _samples = new NanoSampleOptions { Size = options.Size, Names = PictureNames, PresentNames = PictureNames / 2, Clicks = 1, Regions = 1,
            Corrections = 1, ZoomShare = 0.7 };
        _sampler = new NanoSampler(data.Learned, names, _phrases, _samples, files.Config.Network.LevelSizes);
        Schedule = new NanoTrainerOptions
        {
            Steps = options.Steps, Batch = options.Batch, Seed = options.Seed, WarmUp = Math.Min(20, options.Steps), Cooling = 0.6, Rate = options.Rate,
                BackboneRate = 0, WeightDecay = 0, AverageDecay = 0.97,
            Samples = _samples, Model = files.Config.Network,
        };
        _optimizer = new NanoOptimizer(_model, Schedule);
        _objective = new TeachObjective(_model, _old, _phrases.Sentences.to(device), _known, options);
    }

    /// <summary>Steps done.</summary>
    public int Step { get; private set; }

    private NanoTrainerOptions Schedule { get; }

    /// <summary>Teaches.</summary>
    /// <param name="stepped">Told of every step with its losses.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>What changed on the pictures kept aside; null where none are.</returns>
    /// <exception cref="NanoNotFiniteException">A loss or gradient is not finite.</exception>
    public TeachReport? Run(Action<IReadOnlyDictionary<string, double>>? stepped = null, CancellationToken cancellation = default)
    {
        using (var batches = new NanoBatches(Make, 0, _options.Workers, _options.Workers + 1))
            while (Step < _options.Steps)
            {
                cancellation.ThrowIfCancellationRequested();
                var losses = Learn(batches.Take());
                Step++;
                stepped?.Invoke(losses);
            }
        TakeAverage();
        if (_data.Kept.Count == 0) return null;
        return new(Measured(_old), Measured(_model));

        IReadOnlyList<NameFigures> Measured(NanoModel model) => NameMeasure.Run(model, _data.Kept, _asked, _files.Config.ImageSize, _device, cancellation);
    }

    /// <summary>Writes the taught model with a record of how it came about.</summary>
    public void Write(string folder, TeachReport? report)
    {
        _files.Write(folder, _model, _data.NewTo(_vocabulary));
        var settings = new Dictionary<string, string>
        {
            ["steps"] = $"{_options.Steps}", ["seed"] = $"{_options.Seed}", ["batch"] = $"{_options.Batch}", ["size"] = $"{_options.Size}",
            ["rate"] = $"{_options.Rate}", ["pixels"] = $"{_options.TeachesPixels}", ["names"] = string.Join(", ", _asked.Select(a => a.Name)),
        };
        var (record, list) = TrainingRecord.Of("teach", settings, _files.Sources, _data.Learned);
        AtomicFile.Write(Path.Combine(folder, TrainingRecord.ImageList), Encoding.UTF8.GetBytes(list));
        record.Write(folder, Step, _device.ToString());
        if (report is not null) AtomicFile.Write(Path.Combine(folder, TeachReport.File),
            Encoding.UTF8.GetBytes(JsonSerializer.Serialize(report, JsonSettings.Indented) + "\n"));
    }

    /// <inheritdoc/>
    public void Dispose()
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
