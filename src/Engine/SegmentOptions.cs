using SemanticSam.Masks;

namespace SemanticSam.Engine;

/// <summary>How prompts are answered. Null takes the model's own setting.</summary>
public sealed record SegmentOptions
{
    /// <summary>Levels wanted; null for all that the model has. SAM and MobileSAM have whole, part and subpart.</summary>
    public IReadOnlyList<GranularityLevel>? Levels { get; init; }

    /// <summary>Which masks of a prompt with a place are wanted.</summary>
    public MaskChoice Masks { get; init; } = MaskChoice.EveryLevel;

    /// <summary>
    /// Hand out each mask's logits at low resolution (<see cref="MaskResult.Logits"/>), to refine it by another prompt. Only for models
    /// that take them back: SAM and MobileSAM.
    /// </summary>
    public bool KeepLogits { get; init; }

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
        if (!Enum.IsDefined(Masks))
            throw new ArgumentOutOfRangeException(nameof(Masks), Masks, $"Masks is one of {string.Join(", ", Enum.GetNames<MaskChoice>())}.");
        if (Levels is { Count: 0 })
            throw new ArgumentOutOfRangeException(nameof(Levels), Levels.Count, "Ask for at least one level, or null for all.");
        foreach (string name in Vocabulary ?? []) ArgumentNullException.ThrowIfNull(name, nameof(Vocabulary));
        Check(PresenceThreshold, nameof(PresenceThreshold));
        Check(LabelThreshold, nameof(LabelThreshold));
        if (MinRegionArea < 0) throw new ArgumentOutOfRangeException(nameof(MinRegionArea), MinRegionArea, "A number of pixels is 0 or more.");

        static void Check(double? value, string name)
        {
            if (value is { } v && !(v is >= 0 and <= 1))
                throw new ArgumentOutOfRangeException(name, v, "A probability is between 0 and 1.");
        }
    }
}
