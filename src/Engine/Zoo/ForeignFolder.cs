using SemanticSam.Engine.Checkpoints;

namespace SemanticSam.Engine.Zoo;

/// <summary>
/// Folders of other programs, such as those of Hugging Face: their config.json is not ours, and what a model is follows from its weights alone.
/// </summary>
internal static class ForeignFolder
{
    private static readonly string[] Named = ["model.safetensors.index.json", "model.safetensors", "pytorch_model.bin"];
    private const string ShardsOfPickles = "pytorch_model.bin.index.json";
    private static readonly string[] Endings = [".safetensors", ".pth", ".pt", ".bin", ".ckpt"];

    /// <summary>The one file of weights in a folder that is not ours; null for a folder of ours.</summary>
    /// <exception cref="CheckpointException">There is none, or there are several and none has a known name.</exception>
    public static string? WeightsOf(string folder)
    {
        if (!Directory.Exists(folder) || File.Exists(Path.Combine(folder, ModelPackage.InferenceFile)) || PrompterFolder.Is(folder)) return null;
        if (Named.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists) is { } known) return known;
        var found = Directory.EnumerateFiles(folder).Where(f => Endings.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal).ToList();
        if (found.Count > 1 && File.Exists(Path.Combine(folder, ShardsOfPickles)))
            throw new CheckpointException(folder, $"the folder holds a model in {found.Count} PyTorch files ({ShardsOfPickles}), which are not read together; "
                + "save it as safetensors, or in one file.");
        return found.Count switch
        {
            1 => found[0],
            0 => throw new CheckpointException(folder,
            $"the folder holds neither a model as training writes it ({ModelPackage.ConfigFile}, {ModelPackage.InferenceFile}) nor a file of weights."),
            _ => throw new CheckpointException(folder,
            $"the folder holds {found.Count} files of weights, such as {Path.GetFileName(found[0])} and {Path.GetFileName(found[1])}; name one."),
        };
    }
}
