using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.RsPrompter;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Layers;
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
    public const string Family = "rsprompter";

    /// <summary>Of names of adapters among the weights.</summary>
    public const string AdapterPrefix = "image_encoder.";

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
            return JsonTree.TextOf(RegularFile.ReadAllBytes(path, RegularFile.LargestText), "family") == Family;
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
            var config = JsonSerializer.Deserialize<PrompterFolderConfig>(RegularFile.ReadAllBytes(path, RegularFile.LargestText), Json)
                ?? throw new JsonException("it is empty");
            if (config.Classes is not { Count: > 0 } || config.Prompter is null || config.Classes.Count != config.Prompter.Classes
                || Path.GetFileName(config.Base) != config.Base)
                throw new JsonException("classes, sizes or the base model's file do not fit each other");
            PrompterLimits.Require(config.Prompter, path);
            return config;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"{(e is JsonException json ? JsonMessage.Of(json) : e.Message.TrimEnd('.'))}.", inner: e);
        }
    }

    /// <summary>Opens a folder.</summary>
    /// <exception cref="CheckpointException">A file is missing or damaged, or the weights do not fit the configuration.</exception>
    public static Segmenter Open(string folder, torch.Device device)
    {
        var config = ReadConfig(folder);
        string weights = Path.Combine(folder, ModelPackage.WeightsFile);
        if (!File.Exists(weights)) throw new CheckpointException(folder, $"the file {ModelPackage.WeightsFile} is missing.");
        using var file = Checkpoint.Open(weights);
        var tensors = StateDict.From(file);
        ModelLimits.RequireParameters(PrompterLimits.ParametersAtLeast(config.Prompter), file.Tensors, weights);
        torch.nn.Module learned = config.Prompter.Head == PrompterHead.Classifier ? LoadClassifier(config, tensors) : Load(config, tensors);
        PrompterBase? below = null;
        try
        {
            learned.to(device);
            if (learned is MaskClassifier) learned.Freeze();
            below = BaseSource.Of(Path.Combine(folder, config.Base)).Open(config.Prompter.ImageSize, device);
            if (config.Prompter.Head == PrompterHead.Detector) below = below.Detected(embeds: true);
            if (config.Adapters is { } adapters) below = Adapt(below, adapters, tensors);
            string hash = FileHash.Sha256(weights);
            return learned is Prompter prompter ? new PrompterSegmenter(prompter, below, config, hash, device)
                : new ClassifierSegmenter((MaskClassifier)learned, below, config, hash, device);
        }
        catch (Exception e)
        {
            learned.Dispose();
            below?.Dispose();
            if (e is ArgumentException) throw new CheckpointException(folder, MessageText.OfArgument(e, entry: true), inner: e);
            throw;
        }
    }

    /// <summary>The base model with the adapters that were trained with the prompter.</summary>
    private static PrompterBase Adapt(PrompterBase below, LowRankOptions options, StateDict weights)
    {
        var adapted = below.Adapted(options);
        foreach (var (name, tensor) in adapted.Sam!.ImageEncoder.state_dict().Where(e => LowRankAdapters.IsAdapter(e.Key)))
        {
            var stored = weights[AdapterPrefix + name];
            if (!stored.Shape.SequenceEqual(tensor.shape)
                ) throw new CheckpointException(weights.Source, $"'{stored.Name}' is {stored.Describe()}, which does not fit the rank.");
            using var still = torch.no_grad();
            CheckpointTorch.Fill(tensor, stored);
            FiniteWeights.Require(weights.Source, stored.Name, tensor);
        }
        adapted.Network.eval();
        return adapted;
    }

    private static MaskClassifier LoadClassifier(PrompterFolderConfig config, StateDict weights)
    {
        var classifier = NanoLayers.Unfilled(() => new MaskClassifier(config.Prompter.Classes));
        try
        {
            StrictLoader.Load(classifier, weights);
            return classifier;
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    private static Prompter Load(PrompterFolderConfig config, StateDict weights)
    {
        Prompter? prompter = null;
        try
        {
            prompter = new Prompter(config.Prompter);
            var own = prompter.state_dict().Keys.ToDictionary(PrompterNames.Published, name => name);
            StrictLoader.Load(prompter, weights.Renamed(name =>
                config.Adapters is not null && name.StartsWith(AdapterPrefix, StringComparison.Ordinal) ? null : own.GetValueOrDefault(name, name)));
            prompter.eval();
            return prompter;
        }
        catch (Exception e)
        {
            prompter?.Dispose();
            if (e is ArgumentException) throw new CheckpointException(weights.Source, MessageText.OfArgument(e, entry: true), inner: e);
            throw;
        }
    }
}
