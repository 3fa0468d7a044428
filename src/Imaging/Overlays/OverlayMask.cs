using SemanticSam.Masks;

namespace SemanticSam.Imaging.Overlays;

/// <summary>One mask to draw.</summary>
/// <param name="Mask">The mask, of the image's size.</param>
/// <param name="Name">What the label says; null for the level's name.</param>
/// <param name="Score">Shown after the name with two decimals; null for none.</param>
/// <param name="Level">From <see cref="GranularityLevel.Part"/> on the outline is thin; null counts as a whole.</param>
public sealed record OverlayMask(Rle Mask, string? Name = null, float? Score = null, GranularityLevel? Level = null)
{
    /// <summary>Name and score of a result: "wheel 0.83" for a part, "car 0.91" for a whole, else the level's name with the predicted IoU.</summary>
    /// <param name="result">A result of the engine.</param>
    public static OverlayMask From(MaskResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        string? name = result.Part?.Label ?? result.Whole?.Label;
        float score = result.Part?.Score ?? result.Whole?.Score ?? result.PredictedIou;
        GranularityLevel? level = result.Part is not null && result.Level is null or < GranularityLevel.Part ? GranularityLevel.Part : result.Level;
        return new(result.Mask, name, score, level);
    }

    internal bool IsPart => Level >= GranularityLevel.Part;

    internal string? Text
    {
        get
        {
            string? name = string.IsNullOrWhiteSpace(Name) ? Level?.ToString().ToLowerInvariant() : Name.ReplaceLineEndings(" ").Trim();
            return (name, Score) switch
            {
                (null, null) => null,
                (null, { } score) => FormattableString.Invariant($"{score:0.00}"),
                (_, null) => name,
                (_, { } score) => FormattableString.Invariant($"{name} {score:0.00}"),
            };
        }
    }
}

/// <summary>How an overlay looks, and what it marks beside the masks.</summary>
public sealed class OverlayOptions
{
    /// <summary>The defaults.</summary>
    public static OverlayOptions Default { get; } = new();

    /// <summary>Share of the color in a filled mask, 0 to 1. Default 0.45.</summary>
    public float FillOpacity { get; init; } = 0.45f;

    /// <summary>
    /// Whether names are written. Default true. A name for which there is no free room is left out. Latin, Greek and Cyrillic are drawn in an
    /// embedded font; Chinese, Japanese, Korean, emoji and other scripts in fonts of the system; a character that none has is a box.
    /// </summary>
    public bool Labels { get; init; } = true;

    /// <summary>Size of outlines, letters and marks, times what fits the image's size. Default 1.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Clicks to mark, in pixels of the image: green and plus for positive, red and minus for negative.</summary>
    public IReadOnlyList<(float X, float Y, bool Positive)> Points { get; init; } = [];

    /// <summary>Boxes to mark, in pixels of the image.</summary>
    public IReadOnlyList<BoxF> Boxes { get; init; } = [];

    /// <summary>The same for an image of another size.</summary>
    internal OverlayOptions Scaled(float x, float y) => new()
    {
        FillOpacity = FillOpacity, Labels = Labels, Scale = Scale,
        Points = [.. Points.Select(p => (p.X * x, p.Y * y, p.Positive))],
        Boxes = [.. Boxes.Select(b => new BoxF(b.X1 * x, b.Y1 * y, b.X2 * x, b.Y2 * y))],
    };
}
