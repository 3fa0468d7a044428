using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Zoo;
using SemanticSam.Formats;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Nano;
using SemanticSam.TextEncoder.Sentences;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano.Teaching;

/// <summary>
/// The model that is taught, as files: the embedded one, a model folder of its family, or the output folder of a training with the sentence encoder
/// beside it. What is written is a model folder in each case.
/// </summary>
internal sealed class TaughtModel
{
    private readonly PackageFile _weights, _words, _text;
    private readonly byte[] _vocabulary;
    private readonly InferenceSettings _settings = NanoPackageWriter.DefaultSettings;

    /// <summary>Finds the files.</summary>
    /// <param name="folder">The model; null for the embedded one.</param>
    /// <param name="text">Folder of the sentence encoder, for a folder that does not hold it.</param>
    /// <exception cref="CheckpointException">It is no model of this family, or something is missing.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public TaughtModel(string? folder, string? text)
    {
        var embedded = PackageFiles.Embedded();
        var files = folder is null ? embedded : PackageFiles.FromFolder(folder);
        bool packed = folder is null || IsPacked(folder);
        _weights = new(files, packed ? ModelPackage.WeightsFile : NanoFiles.Weights);
        _weights.Require();
        var vocabulary = new PackageFile(files, NanoPackage.VocabularyFile);
        if (!vocabulary.Exists) vocabulary = new(embedded, NanoPackage.VocabularyFile);
        _vocabulary = vocabulary.Read();
        RequireGrowing(vocabulary.Files.NameOf(vocabulary.Name));
        if (packed)
        {
            Config = NanoPackage.ReadConfig(files);
            _settings = files.ReadJson(ModelPackage.InferenceFile, InferenceSettings.FromJson);
            (_words, _text) = (new(files, NanoPackage.WordPiecesFile), new(files, NanoPackage.TextFile));
        }
        else if (text is null) throw new CheckpointException(files.Source, "it has no sentence encoder; name the folder of the one that it was trained with.");
        else
        {
            using var weights = _weights.Open();
            Config = new() { Network = NanoPackageConfig.NetworkOf(weights) };
            NanoLimits.Require(Config, weights.Path);
            (_words, _text) = (new(PackageFiles.FromFolder(text), NanoFiles.Words), new(PackageFiles.FromFolder(text), NanoFiles.TextWeights));
        }
        _words.Require();
        _text.Require();
    }

    /// <summary>Sizes, and how large images are made.</summary>
    public NanoPackageConfig Config { get; } = new();

    /// <summary>SHA-256 of the files that went in, by what they are.</summary>
    public IReadOnlyDictionary<string, string> Sources => new Dictionary<string, string> { ["init"] = _weights.Sha256(), ["text"] = _text.Sha256() };

    /// <summary>Whether a folder is a model folder of the embedded family.</summary>
    public static bool IsPacked(string folder)
    {
        string config = Path.Combine(folder, ModelPackage.ConfigFile);
        try
        {
            return File.Exists(config) && NanoPackage.Is(RegularFile.ReadAllText(config, RegularFile.LargestText));
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
        var model = new NanoModel(Config.Network);
        using var weights = _weights.Open();
        if (NanoFiles.LoadWeights(model, weights) is { Count: > 0 } missing)
        {
            model.Dispose();
            throw new CheckpointException(weights.Path, $"there is no '{missing[0]}'.");
        }
        return model;
    }

    /// <summary>The sentence encoder.</summary>
    public (SentenceTokenizer Tokenizer, SentenceEncoder Encoder) OpenText()
    {
        using var words = new MemoryStream(_words.Read());
        using var weights = _text.Open();
        return NanoFiles.OpenText(words, weights, Config.Text);
    }

    /// <summary>The names known so far.</summary>
    public NameVocabulary OpenVocabulary()
    {
        using var stream = new MemoryStream(_vocabulary);
        return NameVocabulary.Read(stream);
    }

    /// <summary>Writes the taught model, with the new names in its vocabulary; a folder of that name is replaced.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="model">The network.</param>
    /// <param name="added">Names that the vocabulary does not have.</param>
    public void Write(string folder, NanoModel model, IReadOnlyList<CategoryKey> added)
    {
        using var scope = NewDisposeScope();
        var (_, encoder) = OpenText();
        using (encoder)
            NanoPackageWriter.Write(folder, new NanoPackageContent
            {
                Config = Config, Weights = model.state_dict(), Text = encoder, WordPieces = _words.Read(),
                Vocabulary = WithNames(added),
                    Settings = _settings,
            });
    }

    /// <summary>Names are added at the end, after all the work: that they can be is known before it.</summary>
    /// <exception cref="CheckpointException">They cannot.</exception>
    private void RequireGrowing(string name)
    {
        try
        {
            var root = Tree();
            foreach (string list in new[] { "wholes", "parts" }) List(root, list);
        }
        catch (JsonException e)
        {
            throw new CheckpointException(name, $"the vocabulary cannot be read: {JsonMessage.Of(e)}.", inner: e);
        }
    }

    private JsonObject Tree() => JsonTree.Parse(_vocabulary, ignoreCase: true); // as the vocabulary is read

    /// <summary>A list of names; one that is not there or null is an empty one.</summary>
    private static JsonArray List(JsonObject root, string name)
    {
        if (root[name] is null) root[name] = new JsonArray();
        return root[name] as JsonArray ?? throw new JsonException($"the entry '{name}' is no list");
    }

    private byte[] WithNames(IReadOnlyList<CategoryKey> added)
    {
        var root = Tree();
        foreach (var name in added.Where(n => !n.IsPart).Select(n => n.Name).Distinct()) List(root, "wholes").Add(new JsonObject { ["name"] = name });
        foreach (var part in added.Where(n => n.IsPart).GroupBy(n => n.Name))
        {
            var of = part.Select(p => p.Supercategory).OfType<string>().Distinct().Select(w => (JsonNode)w);
            List(root, "parts").Add(new JsonObject { ["name"] = part.Key, ["of"] = new JsonArray([.. of]) });
        }
        return Encoding.UTF8.GetBytes(root.ToJsonString(JsonSettings.Indented) + "\n");
    }
}
