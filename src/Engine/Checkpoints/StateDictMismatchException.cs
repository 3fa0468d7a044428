using System.Text;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>A checkpoint does not fit a model: every missing, unexpected and ill-shaped name is listed.</summary>
internal sealed class StateDictMismatchException : CheckpointException
{
    private const int Shown = 12;

    internal StateDictMismatchException(string file, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> mismatched)
        : base(file, Compose(missing, unexpected, mismatched))
    {
        Missing = missing;
        Unexpected = unexpected;
        Mismatched = mismatched;
    }

    /// <inheritdoc/>
    public override string Code => "checkpoint_mismatch";

    /// <summary>Names that the model has and the checkpoint lacks.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>Names that the checkpoint has and the model lacks.</summary>
    public IReadOnlyList<string> Unexpected { get; }

    /// <summary>Names whose shape or type differ, with both.</summary>
    public IReadOnlyList<string> Mismatched { get; }

    private static string Compose(IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> mismatched)
    {
        var text = new StringBuilder("the weights do not fit the model.");
        Append(text, "Missing", missing);
        Append(text, "Unexpected", unexpected);
        Append(text, "Differing", mismatched);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string what, IReadOnlyList<string> names)
    {
        if (names.Count == 0) return;
        text.Append($" {what} ({names.Count}): {string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? ", ..." : "")}.");
    }
}
