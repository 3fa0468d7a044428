using System.Globalization;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Sessions.RsPrompter;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Granularity.Sam;
using SemanticSam.Training.Runs;

namespace SemanticSam.Training.Tuning;

/// <summary>What the weights of a tuning mean something by. Images, epochs, rates, scales and turns may be others in each turn.</summary>
internal static class TuningIdentity
{
    private const string BaseName = "base model", BaseHash = "SHA-256 of the base model";

    /// <summary>Of a tuning that is asked for.</summary>
    public static TrainingIdentity Of(TuningData data, TuningOptions options, PrompterBase below)
    {
        int side = options.Crop is null ? below.Encoder.ImageSize : options.ImageSize ?? NanoFrozenEncoder.DefaultSize;
        bool adapted = options.Adapters || options.Method == TuningMethod.LowRank;
        return new(
        [
            ("method", options.Method.ToString()),
            .. options.FindsInstances ? Classes(data.Classes) : [],
            ("image size", Number(side)),
            ("side of pieces", options.Crop is { } crop ? Number(crop) : ""),
            .. options.Method is TuningMethod.Query or TuningMethod.Mask2Former ? [("queries", Number(options.Queries))] : Nothing,
            .. options.Method == TuningMethod.Parser ? [("as released", options.AsReleased ? "yes" : "no")] : Nothing,
            .. Adapters(adapted ? options.LowRank : null),
            .. options.Backbone is { } backbone ? [("SHA-256 of the backbone", FileHash.Sha256(backbone))] : Nothing,
            (BaseName, below.Name),
            (BaseHash, below.Sha256),
        ]);
    }

    /// <summary>Of a tuning by a version whose states did not say it: as far as the files beside the state do.</summary>
    public static TrainingIdentity OfFolder(string folder)
    {
        if (ConfigOf(folder) is { } config) return Of(config);
        string adapters = Path.Combine(folder, BoxTask.Adapters);
        if (!File.Exists(adapters)) return TrainingIdentity.None;
        using var file = Checkpoint.Open(adapters);
        return new(new[] { ("method", "method"), (BaseName, "base"), (BaseHash, "base_sha256") }
            .Where(e => file.Metadata.ContainsKey(e.Item2)).Select(e => (e.Item1, file.Metadata[e.Item2])));
    }

    /// <summary>
    /// What to do where a tuning cannot go on; null where it can, since the base model is the copy in its folder: on that it stands, whatever its bytes are.
    /// </summary>
    /// <param name="other">Entries that differ.</param>
    /// <param name="below">The base model that was given.</param>
    /// <param name="folder">Of the tuning.</param>
    public static string? Next(IReadOnlyList<string> other, PrompterBase below, string folder)
    {
        string? copy = other.Contains(BaseHash) && ConfigOf(folder) is { } config ? Path.Combine(folder, config.Base) : null;
        if (copy is not null && !File.Exists(copy)) copy = null;
        if (copy is not null && other.All(n => n is BaseName or BaseHash) && FileHash.Sha256(copy) == below.Sha256) return null;
        return "Give what it was begun with, or name another output folder for a new tuning."
            + (copy is null ? "" : $" The base model that it was begun with is {copy}.");
    }

    private static PrompterFolderConfig? ConfigOf(string folder)
    {
        try
        {
            return PrompterFolder.Is(folder) ? PrompterFolder.ReadConfig(folder) : null;
        }
        catch (CheckpointException)
        {
            return null; // damaged; the tuning writes it anew
        }
    }

    private static TrainingIdentity Of(PrompterFolderConfig config) => new(
    [
        ("method", config.Prompter.Head.ToString()), // the methods are called as their heads
        .. Classes(config.Classes),
        ("image size", Number(config.Prompter.ImageSize)),
        .. config.Prompter.Head is PrompterHead.Query or PrompterHead.Mask2Former ? [("queries", Number(config.Prompter.Queries))] : Nothing,
        .. Adapters(config.Adapters),
        (BaseName, config.BaseName),
    ]);

    /// <summary>One by one, so that of a thousand names those are said that differ.</summary>
    private static IEnumerable<(string, string)> Classes(IReadOnlyList<string> classes) =>
        [("classes", Number(classes.Count)), .. classes.Select((name, i) => ($"class {Number(i + 1)}", name))];

    private static IEnumerable<(string, string)> Adapters(LowRankOptions? adapters) => adapters is null ? [("adapters", "")] :
    [
        ("adapters", string.Join(", ", adapters.Targets)),
        ("rank", Number(adapters.Rank)),
        ("alpha", adapters.Alpha.ToString(CultureInfo.InvariantCulture)),
    ];

    private static (string, string)[] Nothing => [];

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
