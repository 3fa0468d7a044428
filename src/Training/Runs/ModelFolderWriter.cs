using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Formats;
using SemanticSam.Foundation;
using SemanticSam.TextEncoder.Tokenizer;
using SemanticSam.Training.Data;
using static TorchSharp.torch;

namespace SemanticSam.Training.Runs;

/// <summary>Writes a folder that a model can be opened from: configuration, settings with the names learned, tokenizer, weights in float16.</summary>
internal static class ModelFolderWriter
{
    private const int LeastMasks = 8;

    /// <summary>Everything but the weights.</summary>
    public static void WriteSurroundings(string folder, ModelPackage from, WholePartDataset data)
    {
        OutputFolder.Make(folder);
        foreach (string name in new[] { ModelPackage.ConfigFile, TextTokenizer.VocabularyFile, TextTokenizer.MergesFile })
            WriteFile(folder, name, from.ReadBytes(name));
        var settings = from.Settings with { Wholes = Names(data, part: false), Parts = Names(data, part: true) };
        WriteFile(folder, ModelPackage.InferenceFile, System.Text.Encoding.UTF8.GetBytes(settings.ToJson()));
    }

    /// <summary>The weights, without the counters that only training needs.</summary>
    public static void WriteWeights(string folder, IReadOnlyDictionary<string, Tensor> weights, long step) =>
        SafetensorsWriter.Write(Path.Combine(folder, ModelPackage.WeightsFile), weights.Where(w => w.Value.is_floating_point()).ToDictionary(),
            new SafetensorsWriterOptions
        {
            Floats = CheckpointDType.Float16,
            Metadata = new Dictionary<string, string> { ["format"] = "pt", ["iterations"] = step.ToString(System.Globalization.CultureInfo.InvariantCulture) },
        });

    /// <summary>Names of enough masks to have been learned; all, where no name has.</summary>
    private static List<string> Names(WholePartDataset data, bool part)
    {
        var counts = data.Images.SelectMany(i => i.Annotations).Where(a => a.Role != AnnotationRole.Region)
            .Select(CategoryKey.Of).OfType<CategoryKey>().Where(k => k.IsPart == part)
            .GroupBy(k => k.Name).Select(g => (g.Key, Count: g.GroupBy(k => k).Max(k => k.Count()))).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        var enough = counts.Where(c => c.Count >= LeastMasks).Select(c => c.Key).ToList();
        return enough.Count > 0 ? enough : [.. counts.Select(c => c.Key)];
    }

    private static void WriteFile(string folder, string name, byte[] content) => AtomicFile.Write(Path.Combine(folder, name), content);
}
