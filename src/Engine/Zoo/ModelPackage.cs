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
/// A model with all it needs: config.json (sizes), inference.json (thresholds, names), the weights, and what its language encoder needs. In a
/// folder, or embedded in this assembly. What follows here is of Semantic-SAM's family; <see cref="NanoPackage"/> is of the other.
/// </summary>
internal sealed class ModelPackage
{
    public const string ConfigFile = "config.json", InferenceFile = "inference.json", WeightsFile = "model.safetensors";

    private readonly PackageFiles _files;

    private ModelPackage(PackageFiles files) => _files = files;

    /// <summary>The default model, embedded as resources.</summary>
    public static ModelPackage Embedded() => new(PackageFiles.Embedded());

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static ModelPackage FromFolder(string folder) => new(PackageFiles.FromFolder(folder));

    /// <summary>The refusal of bfloat16.</summary>
    public const string InFloat32 = "models of this family compute in float32; bfloat16 is for the embedded model and those of its family.";

    /// <summary>What it is called in messages: its folder, where it is one.</summary>
    public string Source => _files.Source;

    /// <summary>Bytes of the weights.</summary>
    public long WeightsSize
    {
        get
        {
            using var stream = _files.Open(WeightsFile);
            return stream.Length;
        }
    }

    public ModelConfig Config => _files.ReadJson(ConfigFile, ModelConfig.FromJson);

    public InferenceSettings Settings => _files.ReadJson(InferenceFile, InferenceSettings.FromJson);

    /// <summary>Whether it is of the family whose own configuration says so; else it is of Semantic-SAM's.</summary>
    public bool IsNano => _files.ReadJson(ConfigFile, NanoPackage.Is);

    /// <summary>Loads the weights, strictly.</summary>
    /// <param name="open">Gives the device where it computes; the first time it loads libtorch.</param>
    /// <param name="vocabulary">A user's own names; null for the model's.</param>
    /// <param name="precision">What is convolved in.</param>
    /// <exception cref="CheckpointException">A file is missing or damaged, the weights do not fit the configuration, the model has no vocabulary to
    /// change, or computes in float32 alone.</exception>
    public Segmenter CreateSegmenter(Func<torch.Device> open, VocabularyOption? vocabulary = null, ModelPrecision precision = ModelPrecision.Automatic)
    {
        var load = ModelFault.Guard(_files.Source, () => Begin(vocabulary, precision), _files.NameOf(ConfigFile));
        var device = open(); // what is wrong with libtorch is no fault of the files
        return ModelFault.Guard(_files.Source, () => load(device), _files.NameOf(ConfigFile));
    }

    private Func<torch.Device, Segmenter> Begin(VocabularyOption? vocabulary, ModelPrecision precision)
    {
        if (IsNano) return NanoPackage.Begin(_files, vocabulary, precision);
        if (precision == ModelPrecision.Bfloat16) throw new CheckpointException(_files.Source, InFloat32);
        if (vocabulary is not null)
            throw new CheckpointException(_files.Source,
                "this model takes names as they are: it has no vocabulary with synonyms that a file could extend or replace.");
        return Create;
    }

    private SemanticSamSegmenter Create(torch.Device device)
    {
        var config = Config;
        var settings = Settings;
        PackageIdentity.Require(settings, _files.NameOf(InferenceFile));
        byte[] weights = _files.ReadBytes(WeightsFile);
        var model = LoadModel(config, weights, device);
        try
        {
            NameEncoder? names = model.LanguageEncoder is { } encoder ? new NameEncoder(OpenVocabulary(encoder, config, settings), encoder.LogitScale, settings)
                : null;
            return new SemanticSamSegmenter(model, settings, PackageIdentity.Of(PackageIdentity.SemanticSamFiles, _files.TryOpen), names, device);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Loads everything, also what is otherwise loaded when it is first needed.</summary>
    /// <inheritdoc cref="CreateSegmenter" path="/exception"/>
    public void Check()
    {
        if (IsNano) NanoPackage.CheckText(_files);
        using var segmenter = CreateSegmenter(() => torch.CPU);
    }

    /// <summary>The network alone, with its weights.</summary>
    /// <inheritdoc cref="CreateSegmenter" path="/exception"/>
    public SemanticSamModel CreateModel(torch.Device device) =>
        ModelFault.Guard(_files.Source, () => LoadModel(Config, _files.ReadBytes(WeightsFile), device), _files.NameOf(ConfigFile));

    /// <summary>The tokenizer of its language encoder.</summary>
    public TextTokenizer CreateTokenizer()
    {
        using var vocabulary = new MemoryStream(_files.ReadBytes(TextTokenizer.VocabularyFile));
        using var merges = new MemoryStream(_files.ReadBytes(TextTokenizer.MergesFile));
        return ModelFault.Guard($"{_files.NameOf(TextTokenizer.VocabularyFile)} with {TextTokenizer.MergesFile}",
            () => TextTokenizer.Load(vocabulary, merges, _files.Source));
    }

    private SemanticSamModel LoadModel(ModelConfig config, byte[] weights, torch.Device device)
    {
        using var checkpoint = SafetensorsFile.Open(weights, _files.NameOf(WeightsFile));
        ModelLimits.Require(config, _files.NameOf(ConfigFile));
        ModelLimits.RequireParameters(ModelLimits.ParametersAtLeast(config), checkpoint.Tensors, _files.NameOf(ConfigFile));
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

    /// <summary>One of its files.</summary>
    public byte[] ReadBytes(string name) => _files.ReadBytes(name);
}
