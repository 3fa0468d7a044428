using System.Globalization;
using System.Text.Json;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Nano;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training.Runs;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>The files that a training of the embedded model reads and writes.</summary>
internal static class NanoFiles
{
    /// <summary>Averaged weights, float16.</summary>
    public const string Weights = "nano.safetensors";

    /// <summary>The model folder that is made of them at the end.</summary>
    public const string ModelFolder = "model";

    /// <summary>What a training needs to go on.</summary>
    public const string State = "training.safetensors";

    /// <summary>Word pieces of the sentence encoder.</summary>
    public const string Words = "vocab.txt";

    /// <summary>Weights of the sentence encoder in its folder.</summary>
    public const string TextWeights = "model.safetensors";

    private const string StepKey = "step";

    /// <summary>Word list and weights of the sentence encoder, from a folder with vocab.txt and model.safetensors.</summary>
    public static (SentenceTokenizer Tokenizer, SentenceEncoder Encoder) OpenText(string folder) =>
        OpenText(Path.Combine(folder, Words), Path.Combine(folder, TextWeights), new SentenceEncoderConfig());

    /// <summary>Word list and weights of the sentence encoder, plain or in rows of 8 bits.</summary>
    public static (SentenceTokenizer Tokenizer, SentenceEncoder Encoder) OpenText(string words, string weights, SentenceEncoderConfig config)
    {
        using var list = RegularFile.OpenBounded(words, RegularFile.LargestText);
        using var file = Checkpoint.Open(weights);
        return OpenText(list, file, config);
    }

    /// <summary>As the others, from files that are open.</summary>
    public static (SentenceTokenizer Tokenizer, SentenceEncoder Encoder) OpenText(Stream words, ICheckpoint weights, SentenceEncoderConfig config)
    {
        var tokenizer = new SentenceTokenizer(words);
        var encoder = new SentenceEncoder(config);
        Load(encoder, weights, "", allowMissing: false);
        encoder.eval();
        return (tokenizer, encoder);
    }

    /// <summary>Writes a sentence encoder in rows of 8 bits.</summary>
    public static void SaveText(SentenceEncoder encoder, string path)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, Int8Rows.Pack(encoder.state_dict()),
            new SafetensorsWriterOptions { Metadata = new Dictionary<string, string> { ["format"] = "pt" } });
    }

    /// <summary>A vocabulary file; null for the one that travels with the program.</summary>
    public static NameVocabulary OpenVocabulary(string? path)
    {
        using var stream = new MemoryStream(ReadVocabulary(path));
        return NameVocabulary.Read(stream);
    }

    /// <summary>The bytes of a vocabulary file; null for the one that travels with the program.</summary>
    public static byte[] ReadVocabulary(string? path) =>
        path is null ? PackageFiles.Embedded().ReadBytes(NanoPackage.VocabularyFile) : RegularFile.ReadAllBytes(path, RegularFile.LargestText);

    /// <summary>Fills a model's backbone with ImageNet's weights.</summary>
    public static void LoadBackbone(NanoModel model, string path)
    {
        using var file = Checkpoint.Open(path);
        Load(model, file, NanoModel.BackbonePrefix, allowMissing: true);
    }

    /// <summary>Fills a model with weights that <see cref="SaveWeights"/> wrote. What the file lacks keeps its values, so that new heads can start from old
    /// weights.</summary>
    /// <returns>Names that the file lacks.</returns>
    public static IReadOnlyList<string> LoadWeights(NanoModel model, string path)
    {
        using var file = Checkpoint.Open(path);
        return LoadWeights(model, file);
    }

    /// <summary>As the other, from a file that is open.</summary>
    public static IReadOnlyList<string> LoadWeights(NanoModel model, ICheckpoint file) => Load(model, file, "", allowMissing: true);

    /// <summary>Writes a model's weights, the averaged ones where there are any.</summary>
    public static void SaveWeights(NanoModel model, NanoOptimizer optimizer, string path, long step)
    {
        using var scope = NewDisposeScope();
        var tensors = model.state_dict().Where(p => p.Value.is_floating_point()).ToDictionary(p => p.Key, p => p.Value);
        foreach (var (name, value) in optimizer.Average) tensors[name] = value;
        var metadata = Metadata(step, null);
        metadata[NanoPackageConfig.NetworkKey] = JsonSerializer.Serialize(model.Config, JsonSettings.Strict);
        SafetensorsWriter.Write(path, tensors, new SafetensorsWriterOptions { Floats = CheckpointDType.Float16, Metadata = metadata });
    }

    /// <summary>Writes everything that the next step depends on, completely or not at all.</summary>
    public static void SaveState(NanoOptimizer optimizer, string path, long step, string run, TrainingIdentity identity)
    {
        using var scope = NewDisposeScope();
        var metadata = Metadata(step, run);
        metadata[TrainingIdentity.Key] = identity.ToJson();
        SafetensorsWriter.Write(path, optimizer.State.ToDictionary(p => p.Name, p => p.Value), new SafetensorsWriterOptions { Metadata = metadata });
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote.</summary>
    /// <returns>Steps done.</returns>
    /// <exception cref="CheckpointException">It is the state of another model or of a run with other settings.</exception>
    public static long LoadState(NanoOptimizer optimizer, string path, string run)
    {
        using var file = Checkpoint.Open(path);
        if (!file.Metadata.TryGetValue(StepKey, out string? text) || !long.TryParse(text, CultureInfo.InvariantCulture, out long step))
            throw new CheckpointException(path, "it is no state of a training.");
        if (file.Metadata.GetValueOrDefault("run") != run)
            throw new CheckpointException(path,
                $"it was begun with other settings ({file.Metadata.GetValueOrDefault("run")}) than these ({run}); it can only go on as it was begun.");
        foreach (var (name, target) in optimizer.State) Int8Rows.Fill(file, name, target);
        return step;
    }

    private static Dictionary<string, string> Metadata(long step, string? run)
    {
        var metadata = new Dictionary<string, string> { ["format"] = "pt", [StepKey] = step.ToString(CultureInfo.InvariantCulture) };
        if (run is not null) metadata["run"] = run;
        return metadata;
    }

    private static List<string> Load(nn.Module module, ICheckpoint file, string prefix, bool allowMissing)
    {
        using var scope = NewDisposeScope();
        var missing = new List<string>();
        foreach (var (name, target) in module.state_dict())
        {
            if (!target.is_floating_point()) continue;
            if (name.StartsWith(prefix, StringComparison.Ordinal) && file.TryGet(name[prefix.Length..], out _)
                ) Int8Rows.Fill(file, name[prefix.Length..], target);
            else missing.Add(name);
        }
        string? needed = missing.FirstOrDefault(n => !allowMissing || prefix.Length > 0 && n.StartsWith(prefix, StringComparison.Ordinal));
        return needed is null ? missing : throw new CheckpointException(file.Path, $"there is no '{needed}'.");
    }
}
