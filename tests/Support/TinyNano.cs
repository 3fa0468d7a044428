using System.Text;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.Nano;
using SemanticSam.Imaging;
using SemanticSam.TextEncoder.Sentences;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>A model folder of the embedded model's family with a small network of seeded weights: what it answers is noise, but how it answers is
/// not.</summary>
internal static class TinyNano
{
    public const string Vocabulary = """
        {"wholes": [
          {"name": "sofa", "synonyms": ["couch", "settee"], "kinds": ["loveseat"], "isA": ["furniture"]},
          {"name": "car", "synonyms": ["automobile"]},
          {"name": "sky", "stuff": true}],
         "parts": [
          {"name": "wheel", "of": ["car"], "also": {"car": ["tyre"]}},
          {"name": "leg", "of": ["sofa"]}]}
        """;

    public static NanoPackageConfig Config { get; } = new()
    {
        Name = "tiny",
        ImageSize = 96,
        Network = new()
        {
            BackboneWidth = 8, PyramidWidth = 32, NormGroups = 4, EmbeddingWidth = 16, SentenceWidth = 12, NameHidden = 16, MaskHidden = 16,
            MaskFeatures = 8, QueryWidth = 32, ContextLayers = 1, ContextWidth = 32, LevelBlocks = 1, MaskBlocks = 1, PlaceLooks = 2, LookWidth = 32,
        },
        Text = new() { Width = 12, Layers = 1, Heads = 2, FeedForward = 24, VocabularySize = 58, Positions = 64 },
    };

    /// <summary>Settings under which noise passes.</summary>
    public static InferenceSettings Lenient { get; } = new()
    {
        PresenceThreshold = 0, InstanceThreshold = 0, LabelThreshold = 0, PointsPerSide = 4, PredictedIouThreshold = 0.01, StabilityThreshold = 0,
        MinMaskArea = 0, MinRegionArea = 0, NameMapThreshold = -4, NearnessThreshold = -1,
    };

    /// <summary>A network with seeded weights; the caller's.</summary>
    public static NanoModel Network(NanoConfig? config = null)
    {
        manual_seed(11);
        var network = new NanoModel(config ?? Config.Network);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        network.state_dict()["backbone.conv1.weight"].mul_(0.01); // pixels go to 255: without it every score is 0 or 1
        foreach (var (name, weight) in network.state_dict())
            if (name is "pyramid.around.output.weight" || (name.StartsWith("place.looks.", StringComparison.Ordinal)
                && name.EndsWith("output.weight", StringComparison.Ordinal)))
                weight.normal_(0, 0.1); // fresh, they add nothing, and a fault in them would not show
        return network;
    }

    /// <summary>Made once a process.</summary>
    private static readonly Lazy<Dictionary<string, byte[]>> Files = new(() =>
    {
        using var folder = new TempFolder();
        Pack(folder.File("model"), Lenient, Vocabulary, null);
        return Directory.GetFiles(folder.File("model")).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);
    });

    /// <summary>Lays a folder down, as the writer wrote it, with other settings.</summary>
    public static void Lay(string folder, InferenceSettings? settings = null)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, content) in Files.Value) File.WriteAllBytes(Path.Combine(folder, name), content);
        if (settings is not null) File.WriteAllText(Path.Combine(folder, ModelPackage.InferenceFile), settings.ToJson());
    }

    /// <summary>The same with a head for surroundings, to which about half of all names are some.</summary>
    public static void PackWithSurroundings(string folder) => Pack(folder, config: Config with
    {
        Network = Config.Network with { SurroundingsWidth = 16, SurroundingsBlocks = 1 },
    }, change: weights => weights["surroundings.kindOutput.weight"].normal_());

    /// <summary>Writes a folder.</summary>
    public static void Pack(string folder, InferenceSettings? settings = null, string? vocabulary = null, Action<Dictionary<string, Tensor>>? change = null,
        NanoPackageConfig? config = null)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var network = Network((config ?? Config).Network);
        using var text = new SentenceEncoder(Config.Text);
        var weights = network.state_dict();
        change?.Invoke(weights);
        string[] letters = [.. Enumerable.Range('a', 26).Select(c => ((char)c).ToString())];
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. letters, .. letters.Select(c => "##" + c), "'"];
        NanoPackageWriter.Write(folder, new NanoPackageContent
        {
            Config = config ?? Config, Weights = weights, Text = text, WordPieces = Encoding.UTF8.GetBytes(string.Join('\n', pieces) + "\n"),
            Vocabulary = Encoding.UTF8.GetBytes(vocabulary ?? Vocabulary), Settings = settings ?? Lenient,
        });
    }

    /// <summary>A model from such a folder, which may be lost afterwards but for words that are encoded later.</summary>
    public static SegmentationModel Model(TempFolder folder, InferenceSettings? settings = null, VocabularyOption? vocabulary = null)
    {
        Lay(folder.File("model"), settings);
        return SegmentationModel.Load(folder.File("model"), new ModelOptions
        {
            VocabularyFile = vocabulary?.Path, ReplaceVocabulary = vocabulary?.Use == VocabularyUse.Replace,
            Precision = ModelPrecision.Float32, // the same on every machine
        });
    }

    /// <summary>An image with edges.</summary>
    public static RgbImage Image(int width = 150, int height = 100)
    {
        var image = new RgbImage(width, height);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++) image.Pixels[(y * width + x) * 3 + c] = (byte)((x / 40 * 60 + y / 30 * 40 + c * 30) % 256);
        return image;
    }
}
