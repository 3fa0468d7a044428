using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.Nano;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Nano;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Zoo;

/// <summary>
/// A folder of the embedded model's family: config.json (with "family": "nano"), inference.json, model.safetensors (the network, float16),
/// text.safetensors (the sentence encoder, rows of 8 bits), vocab.txt (its word pieces), vocabulary.json (names and their relations),
/// names.safetensors (embeddings of all that the vocabulary can ask, so that the encoder is loaded for other words alone).
/// </summary>
internal static class NanoPackage
{
    public const string TextFile = "text.safetensors", WordPiecesFile = "vocab.txt", VocabularyFile = "vocabulary.json", NamesFile = "names.safetensors";

    /// <summary>In names.safetensors: the embeddings; among its metadata: their texts, and the hash of the encoder that made them.</summary>
    public const string EmbeddingsTensor = "embeddings", TextsKey = "texts", EncoderKey = "text_sha256";

    /// <summary>Whether a config.json is of this family.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static bool Is(string config) => JsonTree.TextOf(Encoding.UTF8.GetBytes(config), "family") == NanoPackageConfig.FamilyName;

    /// <summary>The sizes, all of them within their limits.</summary>
    /// <exception cref="CheckpointException">The file is missing or damaged, or a size is out of range.</exception>
    public static NanoPackageConfig ReadConfig(PackageFiles files)
    {
        var config = files.ReadJson(ModelPackage.ConfigFile, NanoPackageConfig.FromJson);
        NanoLimits.Require(config, files.NameOf(ModelPackage.ConfigFile));
        return config;
    }

    /// <summary>
    /// Begins to read a model; what it gives loads it onto a device, strictly. In between libtorch may be loaded, which takes as long as what is read here. The
    /// sentence encoder is loaded when a text comes that has no embedding yet.
    /// </summary>
    /// <param name="files">The folder.</param>
    /// <param name="own">A user's names; null for the model's.</param>
    /// <param name="precision">What is convolved in.</param>
    /// <exception cref="CheckpointException">A file is missing or damaged, or the weights do not fit the configuration.</exception>
    public static Func<Device, NanoSegmenter> Begin(PackageFiles files, VocabularyOption? own, ModelPrecision precision = ModelPrecision.Automatic)
    {
        var config = ReadConfig(files);
        var hash = Task.Run(() => PackageIdentity.Of(PackageIdentity.NanoFiles, files.TryOpen)); // reads every byte
        var words = Task.Run(() => Words(files, own));
        return device => Load(files, config, device, precision, words, hash);
    }

    private static NanoSegmenter Load(PackageFiles files, NanoPackageConfig config, Device device, ModelPrecision precision,
        Task<(InferenceSettings Settings, NameVocabulary Vocabulary)> words, Task<string> hash)
    {
        var remembered = Task.Run(() => Remembered(files, config.Text.Width));
        using var checkpoint = SafetensorsFile.Open(files.ReadBytes(ModelPackage.WeightsFile), files.NameOf(ModelPackage.WeightsFile));
        ModelLimits.RequireParameters(NanoLimits.ParametersAtLeast(config.Network), checkpoint.Tensors, files.NameOf(ModelPackage.ConfigFile));
        var network = NanoLayers.Unfilled(() => new NanoModel(config.Network));
        try
        {
            StrictLoader.Load(network, checkpoint);
            network.to(device);
            network.ConvolutionType = precision switch
            {
                ModelPrecision.Float32 => ScalarType.Float32, ModelPrecision.Bfloat16 => ScalarType.BFloat16, _ => FastTypes.Convolution(device),
            };
            var text = new SentenceText(config.Text.Width, device, () => OpenText(files, config.Text, device));
            var (settings, vocabulary) = words.GetAwaiter().GetResult();
            var names = new NanoNames(vocabulary, text, remembered.GetAwaiter().GetResult(), settings);
            var identity = new NanoIdentity(config.Name, config.ImageSize, hash.GetAwaiter().GetResult());
            return new NanoSegmenter(network, names, identity, settings, device);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Loads the sentence encoder, and looks whether the embeddings of names are of it.</summary>
    /// <exception cref="CheckpointException">They are not, or it does not load.</exception>
    public static void CheckText(PackageFiles files)
    {
        var config = ReadConfig(files);
        OpenText(files, config.Text, CPU).Encoder.Dispose();
        string hash = Convert.ToHexStringLower(SHA256.HashData(files.ReadBytes(TextFile)));
        using var names = SafetensorsFile.Open(files.ReadBytes(NamesFile), files.NameOf(NamesFile));
        if (names.Metadata.GetValueOrDefault(EncoderKey) is var of && of != hash)
            throw new CheckpointException(names.Path, $"the embeddings are of the sentence encoder {of ?? "(none said)"}, but {TextFile} is {hash}.");
    }

    private static (SentenceEncoder Encoder, SentenceTokenizer Tokenizer) OpenText(PackageFiles files, SentenceEncoderConfig config, Device device)
    {
        using var outside = NewDisposeScope(); // the module is registered nowhere: its tensors outlive the scope in which a word was first asked
        using var pieces = files.Open(WordPiecesFile);
        var tokenizer = new SentenceTokenizer(pieces);
        using var checkpoint = SafetensorsFile.Open(files.ReadBytes(TextFile), files.NameOf(TextFile));
        ModelLimits.RequireParameters(NanoLimits.ParametersAtLeast(config), checkpoint.Tensors, files.NameOf(ModelPackage.ConfigFile));
        var encoder = new SentenceEncoder(config);
        try
        {
            Int8Rows.Load(encoder, checkpoint);
            encoder.eval();
            encoder.to(device);
            foreach (var (_, tensor) in encoder.state_dict()) tensor.DetachFromDisposeScope();
            return (encoder, tokenizer);
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    private static (InferenceSettings Settings, NameVocabulary Vocabulary) Words(PackageFiles files, VocabularyOption? own)
    {
        var settings = files.ReadJson(ModelPackage.InferenceFile, InferenceSettings.FromJson);
        var vocabulary = Vocabulary(files, own);
        return (settings with { Wholes = [.. vocabulary.Wholes.Select(e => e.Name)], Parts = [.. vocabulary.Parts.Select(e => e.Name)] }, vocabulary);
    }

    private static NameVocabulary Vocabulary(PackageFiles files, VocabularyOption? own)
    {
        if (own is { Use: VocabularyUse.Replace }) return Read(own.Path, () => RegularFile.OpenRead(own.Path));
        var vocabulary = Read(files.NameOf(VocabularyFile), () => files.Open(VocabularyFile)).WithEnglish();
        return own is null ? vocabulary : vocabulary.With(Read(own.Path, () => RegularFile.OpenRead(own.Path)));

        static NameVocabulary Read(string path, Func<Stream> open)
        {
            try
            {
                using var stream = open();
                return NameVocabulary.Read(stream);
            }
            catch (InvalidDataException e)
            {
                throw new CheckpointException(path, e.Message, inner: e);
            }
        }
    }

    private static List<(string, float[])> Remembered(PackageFiles files, int width)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(files.ReadBytes(NamesFile), files.NameOf(NamesFile));
        if (!file.TryGet(EmbeddingsTensor, out var tensor)) throw new CheckpointException(file.Path, $"there is no '{EmbeddingsTensor}'.");
        string[] texts = Texts(file);
        if (!tensor.Shape.SequenceEqual([texts.Length, width]))
            throw new CheckpointException(file.Path, $"'{EmbeddingsTensor}' is {tensor.Describe()}, needed are {texts.Length} rows of {width}, one a text.");
        float[] values = [.. tensor.ToTensor(ScalarType.Float32).data<float>()];
        return [.. texts.Select((text, i) => (text, values[(i * width)..((i + 1) * width)]))];
    }

    private static string[] Texts(SafetensorsFile file)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(file.Metadata.GetValueOrDefault(TextsKey) ?? "") ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new CheckpointException(file.Path, $"the entry '{TextsKey}' is no list of texts: {JsonMessage.Of(e)}.", inner: e);
        }
    }
}
