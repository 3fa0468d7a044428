using System.Security.Cryptography;
using System.Text;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Sessions;
using SemanticSam.Foundation;
using SemanticSam.TextEncoder.Tokenizer;

namespace SemanticSam.Engine.Zoo;

/// <summary>What makes a model folder the model it is: all of its files that change an answer, not the weights alone.</summary>
internal static class PackageIdentity
{
    /// <summary>The files that a model of the Semantic-SAM family is read from. What else lies beside them changes no answer.</summary>
    public static IReadOnlyList<string> SemanticSamFiles { get; } =
        [ModelPackage.ConfigFile, ModelPackage.InferenceFile, TextTokenizer.VocabularyFile, TextTokenizer.MergesFile, ModelPackage.WeightsFile];

    /// <summary>As the other, of semsam-nano.</summary>
    public static IReadOnlyList<string> NanoFiles { get; } =
    [
        ModelPackage.ConfigFile, ModelPackage.InferenceFile, NanoPackage.WordPiecesFile, NanoPackage.VocabularyFile,
        NanoPackage.NamesFile, NanoPackage.TextFile,
        ModelPackage.WeightsFile,
    ];

    /// <summary>SHA-256 over the names and hashes of the files that are there, lower-case hex.</summary>
    /// <param name="files">Names of the files that count, in a fixed order.</param>
    /// <param name="open">Opens a file; null where there is none.</param>
    public static string Of(IReadOnlyList<string> files, Func<string, Stream?> open)
    {
        var lines = new StringBuilder();
        foreach (string name in files)
        {
            using var stream = open(name);
            if (stream is not null) lines.Append(Convert.ToHexStringLower(SHA256.HashData(stream))).Append("  ").Append(name).Append('\n');
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }

    /// <summary>Refuses settings out of range.</summary>
    /// <param name="settings">Of inference.json.</param>
    /// <param name="source">Its path.</param>
    /// <exception cref="CheckpointException">They are; the message names the entry.</exception>
    public static void Require(InferenceSettings settings, string source)
    {
        void Within(string entry, double? value, double least, double most)
        {
            if (value is { } v && !(v >= least && v <= most)
                ) throw new CheckpointException(source, FormattableString.Invariant($"{entry} is {v}; {least} to {most} are allowed."));
        }
        Within("presence_threshold", settings.PresenceThreshold, 0, 1);
        Within("part_presence_threshold", settings.PartPresenceThreshold, 0, 1);
        Within("stuff_presence_threshold", settings.StuffPresenceThreshold, 0, 1);
        Within("instance_threshold", settings.InstanceThreshold, 0, 1);
        Within("stuff_threshold", settings.StuffThreshold, 0, 1);
        Within("label_threshold", settings.LabelThreshold, 0, 1);
        Within("parts_predicted_iou_threshold", settings.PartsPredictedIouThreshold, -100, 100);
        Within("points_per_side", settings.PointsPerSide, 1, 128);
        Within("selected_queries", settings.SelectedQueries, 1, 10_000);
        if (!Enum.IsDefined(settings.Levels)) throw new CheckpointException(source, "levels is neither tokens nor area.");
        foreach (var (entry, names) in new[] { ("wholes", settings.Wholes), ("parts", settings.Parts) })
        {
            if (names is null) throw new CheckpointException(source, $"{entry} is null; a list of names is needed.");
            Within($"the number of {entry}", names.Count, 0, 100_000);
            for (int i = 0; i < names.Count; i++)
                if (names[i] is not { Length: > 0 and <= 500 })
                    throw new CheckpointException(source, $"{entry}[{i}] is no name: a text of 1 to 500 characters is.");
        }
        try
        {
            settings.ValidateThresholds();
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new CheckpointException(source, MessageText.OfArgument(e, entry: true));
        }
    }
}
