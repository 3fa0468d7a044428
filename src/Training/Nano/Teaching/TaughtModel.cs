using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Formats;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Nano;
using SemanticSam.TextEncoder.Sentences;

namespace SemanticSam.Training.Nano.Teaching;

/// <summary>
/// The model that is taught, as files: a model folder (config.json says family "nano"; the sentence encoder and the vocabulary lie in it),
/// or the output folder of a training with the sentence encoder beside it.
/// </summary>
internal sealed class TaughtModel
{
    private const string Config = "config.json", ModelWeights = "model.safetensors", ModelText = "text.safetensors", Vocabulary = "vocabulary.json", Family = "nano";

    private readonly string _folder, _weights, _words, _text;
    private readonly string? _vocabulary;
    private readonly SentenceEncoderConfig _textConfig = new();

    /// <summary>Finds the files.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="text">Folder of the sentence encoder, for a folder that does not hold it.</param>
    /// <exception cref="CheckpointException">It is no model of this family, or something is missing.</exception>
    public TaughtModel(string folder, string? text)
    {
        _folder = folder;
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"'{folder}' is not a folder.");
        bool packed = IsPacked(folder);
        _weights = Found(packed ? ModelWeights : NanoFiles.Weights);
        if (packed)
        {
            using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, Config)));
            if (json.RootElement.TryGetProperty("network", out var network)) Network = network.Deserialize<NanoConfig>(JsonSettings.Indented)!;
            if (json.RootElement.TryGetProperty("text", out var sizes)) _textConfig = sizes.Deserialize<SentenceEncoderConfig>(JsonSettings.Indented)!;
            (_words, _text) = (Found(NanoFiles.Words), Found(ModelText));
        }
        else if (text is null) throw new CheckpointException(folder, "it has no sentence encoder; name the folder of the one that it was trained with.");
        else (_words, _text) = (Path.Combine(text, NanoFiles.Words), Path.Combine(text, NanoFiles.TextWeights));
        _vocabulary = File.Exists(Path.Combine(folder, Vocabulary)) ? Path.Combine(folder, Vocabulary) : null;
        IsPackedFolder = packed;

        string Found(string name) => File.Exists(Path.Combine(folder, name)) ? Path.Combine(folder, name) : throw new CheckpointException(folder, $"the file {name} is missing.");
    }

    /// <summary>Sizes of the network.</summary>
    public NanoConfig Network { get; } = new();

    /// <summary>Whether it is a model folder, which can be used as it is.</summary>
    public bool IsPackedFolder { get; }

    /// <summary>Files whose hashes belong into the record.</summary>
    public IReadOnlyDictionary<string, string> Sources => new Dictionary<string, string> { ["init"] = _weights, ["text"] = _text };

    /// <summary>Whether a folder is a model folder of the embedded family.</summary>
    public static bool IsPacked(string folder)
    {
        string config = Path.Combine(folder, Config);
        if (!File.Exists(config)) return false;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(config));
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("family", out var family) && family.ValueKind == JsonValueKind.String && family.GetString() == Family;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The network with its weights.</summary>
    /// <exception cref="CheckpointException">Weights are missing.</exception>
    public NanoModel OpenNetwork()
    {
        var model = new NanoModel(Network);
        if (NanoFiles.LoadWeights(model, _weights) is { Count: > 0 } missing)
        {
            model.Dispose();
            throw new CheckpointException(_weights, $"there is no '{missing[0]}'.");
        }
        return model;
    }

    /// <summary>The sentence encoder.</summary>
    public (SentenceTokenizer Tokenizer, SentenceEncoder Encoder) OpenText() => NanoFiles.OpenText(_words, _text, _textConfig);

    /// <summary>The names known so far.</summary>
    public NameVocabulary OpenVocabulary() => NanoFiles.OpenVocabulary(_vocabulary);

    /// <summary>Writes the taught model: a folder of the same kind, with the new names in its vocabulary.</summary>
    public void Write(string folder, NanoModel model, NanoOptimizer optimizer, IReadOnlyList<CategoryKey> added, long steps)
    {
        Directory.CreateDirectory(folder);
        if (IsPackedFolder)
            foreach (string file in Directory.EnumerateFiles(_folder).Where(f => Path.GetFileName(f) is not (ModelWeights or Vocabulary))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        NanoFiles.SaveWeights(model, optimizer, Path.Combine(folder, IsPackedFolder ? ModelWeights : NanoFiles.Weights), steps);
        AtomicFile.Write(Path.Combine(folder, Vocabulary), Encoding.UTF8.GetBytes(WithNames(added)));
    }

    private string WithNames(IReadOnlyList<CategoryKey> added)
    {
        using Stream stream = _vocabulary is not null ? File.OpenRead(_vocabulary) : typeof(Checkpoint).Assembly.GetManifestResourceStream("nano/vocabulary.json")!;
        var root = JsonNode.Parse(stream)!.AsObject();
        foreach (var name in added.Where(n => !n.IsPart).Select(n => n.Name).Distinct()) root["wholes"]!.AsArray().Add(new JsonObject { ["name"] = name });
        foreach (var part in added.Where(n => n.IsPart).GroupBy(n => n.Name))
            root["parts"]!.AsArray().Add(new JsonObject { ["name"] = part.Key, ["of"] = new JsonArray([.. part.Select(p => p.Supercategory).OfType<string>().Distinct().Select(w => (JsonNode)w)]) });
        return root.ToJsonString(JsonSettings.Indented) + "\n";
    }
}
