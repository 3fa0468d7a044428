using System.Reflection;
using System.Text;
using System.Text.Json;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.SemanticSam;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.TextEncoder.Encoder;
using SemanticSam.TextEncoder.Names;
using SemanticSam.TextEncoder.Tokenizer;
using TorchSharp;

namespace SemanticSam.Engine.Zoo;

/// <summary>
/// A model with all it needs: config.json (sizes), inference.json (thresholds, vocabulary), vocab.json and merges.txt (tokenizer), and
/// the weights. In a folder, or embedded in this assembly.
/// </summary>
internal sealed class ModelPackage
{
    public const string ConfigFile = "config.json", InferenceFile = "inference.json", WeightsFile = "model.safetensors";

    private readonly string _source;
    private readonly Func<string, Stream?> _open;

    private ModelPackage(string source, Func<string, Stream?> open)
    {
        _source = source;
        _open = open;
    }

    /// <summary>The default model, embedded as resources.</summary>
    public static ModelPackage Embedded() => new("the embedded model", name => Assembly.GetExecutingAssembly().GetManifestResourceStream("nano/" + name));

    public static ModelPackage FromFolder(string folder)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"'{folder}' is not a folder.");
        return new(folder, name => Path.Combine(folder, name) is var path && File.Exists(path) ? File.OpenRead(path) : null);
    }

    /// <summary>Bytes of the weights.</summary>
    public long WeightsSize
    {
        get
        {
            using var stream = Open(WeightsFile);
            return stream.Length;
        }
    }

    public ModelConfig Config => ReadJson(ConfigFile, ModelConfig.FromJson);

    public InferenceSettings Settings => ReadJson(InferenceFile, InferenceSettings.FromJson);

    /// <summary>Loads the weights, strictly.</summary>
    /// <exception cref="CheckpointException">A file is missing or damaged, or the weights do not fit the configuration.</exception>
    public SemanticSamSegmenter CreateSegmenter(torch.Device device)
    {
        var config = Config;
        var settings = Settings;
        byte[] weights = ReadBytes(WeightsFile);
        var model = LoadModel(config, weights, device);
        try
        {
            NameEncoder? names = model.LanguageEncoder is { } encoder ? new NameEncoder(OpenVocabulary(encoder, config, settings), encoder.LogitScale, settings) : null;
            return new SemanticSamSegmenter(model, settings, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(weights)), names, device);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The network alone, with its weights.</summary>
    /// <inheritdoc cref="CreateSegmenter" path="/exception"/>
    public SemanticSamModel CreateModel(torch.Device device) => LoadModel(Config, ReadBytes(WeightsFile), device);

    /// <summary>The tokenizer of its language encoder.</summary>
    public TextTokenizer CreateTokenizer()
    {
        using var vocabulary = Open(TextTokenizer.VocabularyFile);
        using var merges = Open(TextTokenizer.MergesFile);
        return TextTokenizer.Load(vocabulary, merges, _source);
    }

    private SemanticSamModel LoadModel(ModelConfig config, byte[] weights, torch.Device device)
    {
        using var checkpoint = SafetensorsFile.Open(weights, $"{_source}/{WeightsFile}");
        var model = new SemanticSamModel(config);
        try
        {
            StrictLoader.Load(model, checkpoint, new StrictLoaderOptions { CanonicalName = SharedModules.CanonicalName });
            model.to(device);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private Vocabulary OpenVocabulary(LanguageEncoder encoder, ModelConfig config, InferenceSettings settings)
    {
        return new Vocabulary(encoder, CreateTokenizer(), new TextContext(config.Text!.Context, TextPadding.EndToken),
            new VocabularyOptions { Prompts = settings.Templates ? PromptStyle.Templates : PromptStyle.BareName });
    }

    private T ReadJson<T>(string name, Func<string, T> parse)
    {
        try
        {
            return parse(Encoding.UTF8.GetString(ReadBytes(name)));
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"{_source}/{name}", e.Message);
        }
    }

    /// <summary>One of its files.</summary>
    public byte[] ReadBytes(string name)
    {
        using var stream = Open(name);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private Stream Open(string name) => _open(name) ?? throw new CheckpointException(_source, $"the file {name} is missing.");
}
