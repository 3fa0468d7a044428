using System.Text.Json;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.Nano;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Nano;
using SemanticSam.TextEncoder.Sentences;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Zoo;

/// <summary>What a folder of the embedded model's family is made of.</summary>
internal sealed record NanoPackageContent
{
    /// <summary>Sizes and name.</summary>
    public NanoPackageConfig Config { get; init; } = new();

    /// <summary>The network's tensors by name; stay the caller's.</summary>
    public required IReadOnlyDictionary<string, Tensor> Weights { get; init; }

    /// <summary>The sentence encoder that the network was trained with, in full precision; stays the caller's.</summary>
    public required SentenceEncoder Text { get; init; }

    /// <summary>Its word pieces, one a line.</summary>
    public required byte[] WordPieces { get; init; }

    /// <summary>Names and their relations, as JSON.</summary>
    public required byte[] Vocabulary { get; init; }

    /// <summary>Thresholds and calibration.</summary>
    public InferenceSettings Settings { get; init; } = NanoPackageWriter.DefaultSettings;

    /// <summary>What else is to be known of the weights, such as the steps that they were trained for.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>Writes a folder that <see cref="NanoPackage"/> opens: all of it or nothing, in place of one that is there.</summary>
internal static class NanoPackageWriter
{
    /// <summary>Metadata of weights that are a mean: SHA-256 of the files that they are the mean of.</summary>
    private const string AverageKey = "average_of";

    /// <summary>What a model starts with, until something is measured for it.</summary>
    public static InferenceSettings DefaultSettings { get; } = new()
    {
        PresenceThreshold = 0.2, InstanceThreshold = 0.1, LabelThreshold = 0.6, PointsPerSide = 24,
    };

    /// <summary>Writes a folder.</summary>
    /// <param name="folder">Its path; a folder of that name is replaced.</param>
    /// <param name="content">What it is made of.</param>
    /// <exception cref="IOException">It cannot be written; what was there before is there still.</exception>
    /// <exception cref="CheckpointException">The weights do not fit the configuration, or the vocabulary cannot be read.</exception>
    public static void Write(string folder, NanoPackageContent content)
    {
        var vocabulary = ReadVocabulary(content.Vocabulary, NanoPackage.VocabularyFile);
        AtomicFolder.Write(folder, temporary =>
        {
            string At(string name) => Path.Combine(temporary, name);
            File.WriteAllText(At(ModelPackage.ConfigFile), content.Config.ToJson());
            File.WriteAllText(At(ModelPackage.InferenceFile), content.Settings.ToJson());
            File.WriteAllBytes(At(NanoPackage.WordPiecesFile), content.WordPieces);
            File.WriteAllBytes(At(NanoPackage.VocabularyFile), content.Vocabulary);
            WriteNetwork(At(ModelPackage.WeightsFile), content);
            WriteText(At(NanoPackage.TextFile), content.Text);
            WriteNames(temporary, content.Config.Text, vocabulary);
            try
            {
                ModelPackage.FromFolder(temporary).Check(); // what does not load is not handed out
            }
            catch (CheckpointException e)
            {
                throw new CheckpointException(folder, $"the folder would not load: {e.What}", inner: e);
            }
        });
    }

    /// <summary>Writes a folder from files.</summary>
    /// <param name="folder">Its path; a folder of that name is replaced.</param>
    /// <param name="weights">The network's weights, safetensors; of several files, all of one network, their mean.</param>
    /// <param name="textFolder">Folder of the sentence encoder: model.safetensors and vocab.txt.</param>
    /// <param name="vocabulary">vocabulary.json.</param>
    /// <param name="settings">Thresholds and calibration; null for the defaults.</param>
    /// <inheritdoc cref="Write(string, NanoPackageContent)" path="/exception"/>
    public static void Write(string folder, IReadOnlyList<string> weights, string textFolder, byte[] vocabulary, InferenceSettings? settings = null)
    {
        using var scope = NewDisposeScope();
        var files = new List<ICheckpoint>();
        try
        {
            foreach (string file in weights) files.Add(Checkpoint.Open(file));
            using var text = OpenText(textFolder);
            Write(folder, new NanoPackageContent
            {
                Config = new() { Network = NetworkOf(files) },
                Weights = AveragedWeights.Of(files),
                Text = text,
                WordPieces = RegularFile.ReadAllBytes(Path.Combine(textFolder, NanoPackage.WordPiecesFile), RegularFile.LargestText),
                Vocabulary = vocabulary,
                Settings = settings ?? DefaultSettings,
                Metadata = MetadataOf(files),
            });
        }
        finally
        {
            foreach (var file in files) file.Dispose();
        }
    }

    /// <summary>A model folder's weights do not tell the network's sizes, its configuration does: what any of the files says goes for all.</summary>
    private static NanoConfig NetworkOf(IReadOnlyList<ICheckpoint> files)
    {
        var telling = files.FirstOrDefault(f => f.Metadata.ContainsKey(NanoPackageConfig.NetworkKey)) ?? files[0];
        var network = NanoPackageConfig.NetworkOf(telling);
        string Sizes(NanoConfig config) => JsonSerializer.Serialize(config, JsonSettings.Strict);
        var other = files.FirstOrDefault(f => f.Metadata.ContainsKey(NanoPackageConfig.NetworkKey) && Sizes(NanoPackageConfig.NetworkOf(f)) != Sizes(network));
        return other is null ? network
            : throw new CheckpointException(other.Path, $"its weights cannot be averaged with those of {telling.Path}: the networks' sizes differ.");
    }

    /// <summary>What the files say of themselves; of a mean, what all of them say, and which they are.</summary>
    private static Dictionary<string, string> MetadataOf(IReadOnlyList<ICheckpoint> files)
    {
        var common = files[0].Metadata.Where(m => m.Key is not ("format" or NanoPackageConfig.NetworkKey))
            .Where(m => files.All(f => f.Metadata.TryGetValue(m.Key, out string? own) && own == m.Value)).ToDictionary();
        if (files.Count > 1) common[AverageKey] = string.Join(' ', files.Select(f => FileHash.Sha256(f.Path)));
        return common;
    }

    private static SentenceEncoder OpenText(string folder)
    {
        using var file = Checkpoint.Open(Path.Combine(folder, ModelPackage.WeightsFile));
        var encoder = new SentenceEncoder(new SentenceEncoderConfig());
        try
        {
            Int8Rows.Load(encoder, file);
            encoder.eval();
            return encoder;
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    private static void WriteNetwork(string path, NanoPackageContent content)
    {
        var metadata = new Dictionary<string, string>(content.Metadata) { ["format"] = "pt" };
        var weights = content.Weights.Where(w => w.Value.is_floating_point()).ToDictionary();
        SafetensorsWriter.Write(path, weights, new SafetensorsWriterOptions { Floats = CheckpointDType.Float16, Metadata = metadata });
    }

    private static void WriteText(string path, SentenceEncoder encoder)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, Int8Rows.Pack(encoder.state_dict()),
            new SafetensorsWriterOptions { Metadata = new Dictionary<string, string> { ["format"] = "pt" } });
    }

    /// <summary>Embeddings by the encoder as it will be loaded, so that a name has one embedding wherever it comes from.</summary>
    private static void WriteNames(string folder, SentenceEncoderConfig config, NameVocabulary vocabulary)
    {
        using var scope = NewDisposeScope();
        using var packed = SafetensorsFile.Open(Path.Combine(folder, NanoPackage.TextFile));
        using var encoder = new SentenceEncoder(config);
        Int8Rows.Load(encoder, packed);
        encoder.eval();
        using var pieces = RegularFile.OpenRead(Path.Combine(folder, NanoPackage.WordPiecesFile));
        using var text = new SentenceText(config.Width, CPU, () => (encoder, new SentenceTokenizer(pieces)));
        string[] texts = [.. NanoNames.TextsOf(vocabulary)];
        float[][] embeddings = texts.Length == 0 ? [] : text.Encode(texts, batchSize: 256);
        SafetensorsWriter.Write(Path.Combine(folder, NanoPackage.NamesFile),
            new Dictionary<string, Tensor> { [NanoPackage.EmbeddingsTensor] = tensor(embeddings.SelectMany(e => e).ToArray(), texts.Length, config.Width) },
            new SafetensorsWriterOptions
            {
                Floats = CheckpointDType.Float16,
                Metadata = new Dictionary<string, string>
                {
                    ["format"] = "pt", [NanoPackage.TextsKey] = JsonSerializer.Serialize(texts),
                    [NanoPackage.EncoderKey] = FileHash.Sha256(Path.Combine(folder, NanoPackage.TextFile)),
                },
            });
    }

    private static NameVocabulary ReadVocabulary(byte[] json, string name)
    {
        try
        {
            using var stream = new MemoryStream(json);
            return NameVocabulary.Read(stream);
        }
        catch (InvalidDataException e)
        {
            throw new CheckpointException(name, e.Message, inner: e);
        }
    }
}
