using System.Globalization;
using System.Security.Cryptography;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Zoo;
using SemanticSam.TextEncoder.Tokenizer;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Runs;

/// <summary>What the weights of a training of a Semantic-SAM mean something by: sizes and words of the model it started from, and what it has seen.</summary>
internal static class SemanticSamIdentity
{
    /// <summary>Of a training that is asked for.</summary>
    public static TrainingIdentity Of(ModelPackage init, WholePartDataset data, TrainerOptions options, string folder) => new(
    [
        .. Files(init),
        // Of a fresh one there are none; and where a model is trained on in its own folder, they are not what they were at the beginning.
        .. options.Fresh || Path.GetFullPath(init.Source) == Path.GetFullPath(folder) ? [] : new[] { Hash(init, ModelPackage.WeightsFile) },
        ("size", options.Size.ToString(CultureInfo.InvariantCulture)),
        ("images", data.Images.Count.ToString(CultureInfo.InvariantCulture)),
        ("annotations", data.Images.Sum(i => i.Annotations.Count).ToString(CultureInfo.InvariantCulture)),
        ("SHA-256 of the annotations", TrainingRecord.HashOf(data.Images, _ => "")),
    ]);

    /// <summary>Of a training by a version whose states did not say it: the files of the initial model were copied into its folder.</summary>
    public static TrainingIdentity OfFolder(string folder)
    {
        try
        {
            return new(Files(ModelPackage.FromFolder(folder)));
        }
        catch (CheckpointException)
        {
            return TrainingIdentity.None; // one is missing; it is written anew
        }
    }

    private static IEnumerable<(string, string)> Files(ModelPackage package) =>
        new[] { ModelPackage.ConfigFile, TextTokenizer.VocabularyFile, TextTokenizer.MergesFile }.Select(name => Hash(package, name));

    private static (string, string) Hash(ModelPackage package, string name) =>
        ($"SHA-256 of the initial model's {name}", Convert.ToHexStringLower(SHA256.HashData(package.ReadBytes(name))));
}
