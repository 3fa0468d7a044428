using System.Text;
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
/// The model that is taught, as files: a model folder of the embedded family, or the output folder of a training with the sentence encoder
/// beside it. What is written is a model folder either way.
/// </summary>
internal sealed class TaughtModel
{
    private readonly string _weights, _words, _text;
    private readonly byte[] _vocabulary;
    private readonly InferenceSettings _settings = NanoPackageWriter.DefaultSettings;

    /// <summary>Finds the files.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="text">Folder of the sentence encoder, for a folder that does not hold it.</param>
    /// <exception cref="CheckpointException">It is no model of this family, or something is missing.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public TaughtModel(string folder, string? text)
    {
        var files = PackageFiles.FromFolder(folder);
        bool packed = IsPacked(folder);
        _weights = Found(packed ? ModelPackage.WeightsFile : NanoFiles.Weights);
        _vocabulary = File.Exists(Path.Combine(folder, NanoPackage.VocabularyFile)) ? files.ReadBytes(NanoPackage.VocabularyFile)
            : PackageFiles.Embedded().ReadBytes(NanoPackage.VocabularyFile);
        if (packed)
        {
            Config = NanoPackage.ReadConfig(files);
            _settings = files.ReadJson(ModelPackage.InferenceFile, InferenceSettings.FromJson);
            (_words, _text) = (Found(NanoPackage.WordPiecesFile), Found(NanoPackage.TextFile));
        }
        else if (text is null) throw new CheckpointException(folder, "it has no sentence encoder; name the folder of the one that it was trained with.");
        else (_words, _text) = (Path.Combine(text, NanoFiles.Words), Path.Combine(text, NanoFiles.TextWeights));

        string Found(string name) => File.Exists(Path.Combine(folder, name)) ? Path.Combine(folder, name)
            : throw new CheckpointException(folder, $"the file {name} is missing.");
    }

    /// <summary>Sizes, and how large images are made.</summary>
    public NanoPackageConfig Config { get; } = new();

    /// <summary>Files whose hashes belong into the record.</summary>
    public IReadOnlyDictionary<string, string> Sources => new Dictionary<string, string> { ["init"] = _weights, ["text"] = _text };

    /// <summary>Whether a folder is a model folder of the embedded family.</summary>
    public static bool IsPacked(string folder)
    {
        string config = Path.Combine(folder, ModelPackage.ConfigFile);
        try
        {
            return File.Exists(config) && NanoPackage.Is(RegularFile.ReadAllText(config, RegularFile.LargestText));
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }

    /// <summary>The network with its weights.</summary>
    /// <exception cref="CheckpointException">Weights are missing.</exception>
    public NanoModel OpenNetwork()
    {
        var model = new NanoModel(Config.Network);
        if (NanoFiles.LoadWeights(model, _weights) is { Count: > 0 } missing)
        {
            model.Dispose();
            throw new CheckpointException(_weights, $"there is no '{missing[0]}'.");
        }
        return model;
    }

    /// <summary>The sentence encoder.</summary>
    public (SentenceTokenizer Tokenizer, SentenceEncoder Encoder) OpenText() => NanoFiles.OpenText(_words, _text, Config.Text);

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
                Config = Config, Weights = model.state_dict(), Text = encoder, WordPieces = RegularFile.ReadAllBytes(_words, RegularFile.LargestText),
                Vocabulary = WithNames(added),
                    Settings = _settings,
            });
    }

    private byte[] WithNames(IReadOnlyList<CategoryKey> added)
    {
        var root = JsonNode.Parse(_vocabulary)!.AsObject();
        foreach (var name in added.Where(n => !n.IsPart).Select(n => n.Name).Distinct()) root["wholes"]!.AsArray().Add(new JsonObject { ["name"] = name });
        foreach (var part in added.Where(n => n.IsPart).GroupBy(n => n.Name))
        {
            var of = part.Select(p => p.Supercategory).OfType<string>().Distinct().Select(w => (JsonNode)w);
            root["parts"]!.AsArray().Add(new JsonObject { ["name"] = part.Key, ["of"] = new JsonArray([.. of]) });
        }
        return Encoding.UTF8.GetBytes(root.ToJsonString(JsonSettings.Indented) + "\n");
    }
}
