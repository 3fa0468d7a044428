using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Sessions.RsPrompter;
using SemanticSam.Engine.Sessions.Sam;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Nano;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Granularity.Sam;
using TorchSharp;

namespace SemanticSam.Engine.Zoo;

/// <summary>
/// A folder with a tuned prompter: config.json, model.safetensors with the prompter's weights under their published names, and the frozen base model
/// as its authors publish it.
/// </summary>
internal static class PrompterFolder
{
    public const string Family = "rsprompter", NanoBase = "nano";

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        IgnoreReadOnlyProperties = true,
    };

    /// <summary>Whether a folder is one of a tuned prompter.</summary>
    public static bool Is(string folder)
    {
        string path = Path.Combine(folder, ModelPackage.ConfigFile);
        if (!File.Exists(path)) return false;
        try
        {
            using var json = JsonDocument.Parse(RegularFile.ReadAllBytes(path, RegularFile.LargestText));
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("family", out var family)
                && family.ValueKind == JsonValueKind.String && family.GetString() == Family;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return false; // whoever opens it will say what is wrong
        }
    }

    /// <summary>Writes the configuration.</summary>
    public static void WriteConfig(string folder, PrompterFolderConfig config) =>
        AtomicFile.Write(Path.Combine(folder, ModelPackage.ConfigFile), Encoding.UTF8.GetBytes(JsonSerializer.Serialize(config, Json)));

    /// <summary>Writes weights under their published names.</summary>
    public static void WriteWeights(string folder, IReadOnlyDictionary<string, torch.Tensor> weights) =>
        SafetensorsWriter.Write(Path.Combine(folder, ModelPackage.WeightsFile),
            weights.Where(w => w.Value.is_floating_point()).ToDictionary(w => PrompterNames.Published(w.Key), w => w.Value),
            new SafetensorsWriterOptions { Metadata = new Dictionary<string, string> { ["format"] = "pt" } });

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="CheckpointException">It is damaged.</exception>
    public static PrompterFolderConfig ReadConfig(string folder)
    {
        string path = Path.Combine(folder, ModelPackage.ConfigFile);
        try
        {
            var config = JsonSerializer.Deserialize<PrompterFolderConfig>(RegularFile.ReadAllBytes(path, RegularFile.LargestText), Json) ?? throw new JsonException("it is empty");
            if (config.Classes is not { Count: > 0 } || config.Prompter is null || config.Classes.Count != config.Prompter.Classes || Path.GetFileName(config.Base) != config.Base)
                throw new JsonException("classes, sizes or the base model's file do not fit each other");
            PrompterLimits.Require(config.Prompter, path);
            return config;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, e.Message, inner: e);
        }
    }

    /// <summary>Opens a folder.</summary>
    /// <exception cref="CheckpointException">A file is missing or damaged, or the weights do not fit the configuration.</exception>
    public static PrompterSegmenter Open(string folder, torch.Device device)
    {
        var config = ReadConfig(folder);
        string weights = Path.Combine(folder, ModelPackage.WeightsFile);
        if (!File.Exists(weights)) throw new CheckpointException(folder, $"the file {ModelPackage.WeightsFile} is missing.");
        var prompter = Load(config, weights);
        try
        {
            prompter.to(device);
            return new PrompterSegmenter(prompter, OpenBase(Path.Combine(folder, config.Base), config.Prompter.ImageSize, device), config,
                FileHash.Sha256(weights), device);
        }
        catch
        {
            prompter.Dispose();
            throw;
        }
    }

    /// <summary>Opens a base model: a checkpoint of SAM or MobileSAM, or weights of the embedded model's network.</summary>
    /// <param name="path">The file.</param>
    /// <param name="imageSize">Side of the image where the model leaves it open.</param>
    /// <param name="device">Where it computes.</param>
    /// <exception cref="CheckpointException">It is damaged, or of another family.</exception>
    public static PrompterBase OpenBase(string path, int? imageSize, torch.Device device)
    {
        if (!File.Exists(path)) throw new CheckpointException(path, "the file of the base model is missing.");
        using var checkpoint = Checkpoint.Open(path);
        var weights = StateDict.From(checkpoint);
        string sha256 = FileHash.Sha256(path);
        if (weights.ContainsKey("pyramid.lateral.0.weight"))
        {
            var nano = new NanoModel(new NanoConfig());
            StrictLoader.Load(nano, weights);
            nano.to(device);
            nano.eval();
            return new PrompterBase(NanoBase, sha256, new NanoFrozenEncoder(nano, imageSize ?? NanoFrozenEncoder.DefaultSize), null, null, nano);
        }
        if (ModelRecognizer.Recognize(weights) is not { Family: ModelFamily.Sam or ModelFamily.MobileSam } found)
            throw new CheckpointException(path, "a base model is a checkpoint of SAM or MobileSAM, or the embedded model's network.");
        var sam = SamCheckpoint.Open(found, weights);
        sam.to(device);
        if (imageSize is { } side && side != sam.Config.ImageSize)
            throw new CheckpointException(path, $"the model sees images of {sam.Config.ImageSize} pixels a side; {side} were asked for.");
        var clicks = new SamSegmenter(sam, sha256, device);
        return new PrompterBase(sam.Config.Name, sha256, new SamFrozenEncoder(sam), sam,
            new(clicks, (embedding, size, input) => new SamEncodedImage(clicks, sam, new SamFeatures(embedding, size, input), device)), sam);
    }

    private static Prompter Load(PrompterFolderConfig config, string path)
    {
        using var file = Checkpoint.Open(path);
        Prompter? prompter = null;
        try
        {
            ModelLimits.RequireParameters(PrompterLimits.ParametersAtLeast(config.Prompter), file.Tensors, path);
            prompter = new Prompter(config.Prompter);
            var own = prompter.state_dict().Keys.ToDictionary(PrompterNames.Published, name => name);
            StrictLoader.Load(prompter, StateDict.From(file).Renamed(name => own.GetValueOrDefault(name, name)));
            prompter.eval();
            return prompter;
        }
        catch (Exception e)
        {
            prompter?.Dispose();
            if (e is ArgumentException) throw new CheckpointException(path, e.Message, inner: e);
            throw;
        }
    }
}
