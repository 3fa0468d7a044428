namespace SemanticSam;

/// <summary>How prompts are answered. Null takes the model's own setting.</summary>
public sealed record SegmentOptions
{
    /// <summary>Levels wanted; null for all six.</summary>
    public IReadOnlyList<Granularity>? Levels { get; init; }

    /// <summary>A name counts as present when its probability reaches this; 0 to 1.</summary>
    public double? PresenceThreshold { get; init; }

    /// <summary>A mask found by a click gets a label when the label's probability reaches this; 0 to 1.</summary>
    public double? LabelThreshold { get; init; }

    /// <summary>Names to label masks of clicks and boxes with; null for the model's own vocabulary, empty for no labels.</summary>
    public IReadOnlyList<string>? Vocabulary { get; init; }

    /// <summary>Holes and islands of a mask smaller than this many pixels are removed; 0 keeps them.</summary>
    public int MinRegionArea { get; init; }

    internal void Validate()
    {
        Check(PresenceThreshold, nameof(PresenceThreshold));
        Check(LabelThreshold, nameof(LabelThreshold));
        ArgumentOutOfRangeException.ThrowIfNegative(MinRegionArea);

        static void Check(double? value, string name)
        {
            if (value is { } v && !(v is >= 0 and <= 1))
                throw new ArgumentOutOfRangeException(name, v, "A probability is between 0 and 1.");
        }
    }
}
