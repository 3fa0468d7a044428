namespace SemanticSam.Masks;

/// <summary>A name with the probability that the model gives it.</summary>
/// <param name="Label">The name, as the caller wrote it.</param>
/// <param name="Score">0 to 1.</param>
public readonly record struct ScoredLabel(string Label, float Score);

/// <summary>
/// One segmented mask and what is known about it. The mask is kept as run lengths of the original image's size and is expanded
/// on demand (<see cref="Rle.ToBytes"/>).
/// </summary>
public sealed record MaskResult
{
    /// <summary>The mask, in pixels of the original image.</summary>
    public required Rle Mask { get; init; }

    /// <summary>Number of pixels.</summary>
    public int Area => Mask.Area;

    /// <summary>The pixels' extent: columns Left to Right - 1, rows Top to Bottom - 1.</summary>
    public BoxI Bounds => Mask.Bounds;

    /// <summary>The box as SAM and SA-1B give it: the first and last column and row, inclusive, so one less wide than <see cref="Bounds"/>.</summary>
    public BoxF Box => Mask.InclusiveBox;

    /// <summary>The model's own estimate of the mask's IoU with the truth. About 0 to 1, but not bounded.</summary>
    public float PredictedIou { get; init; }

    /// <summary>
    /// Pixels above the upper cut over pixels above the lower one (<see cref="Stability"/>): 1 when the outline is sharp, NaN when
    /// nothing is above either.
    /// </summary>
    public float StabilityScore { get; init; }

    /// <summary>Level of the decoder token that gave the mask; null if the token stands for none.</summary>
    public GranularityLevel? Level { get; init; }

    /// <summary>What whole it is, or is a part of; null when no name was asked for or none fits.</summary>
    public ScoredLabel? Whole { get; init; }

    /// <summary>What part it is; null when it is a whole, or no name was asked for or none fits.</summary>
    public ScoredLabel? Part { get; init; }

    /// <summary>
    /// The name as it was asked for, to the letter, where the answer is to a name: "Wheels of a car" where the labels are "car" and "wheel". Null for answers
    /// to places, and of models that take names as they are, whose labels are the names asked for.
    /// </summary>
    public string? AskedName { get; init; }

    /// <summary>Index, in the same list of results, of the smallest mask that this one is a part of; null for a root.</summary>
    public int? Parent { get; init; }

    /// <summary>Index of the prompt (point, box, text) that asked for it; null if it belongs to none in particular.</summary>
    public int? Prompt { get; init; }

    /// <summary>The crop of the image in which it was found; null when it was not looked for in crops.</summary>
    public BoxI? Crop { get; init; }

    /// <summary>
    /// Its logits at the decoder's low resolution, to refine it by another prompt (<c>Prompt.Logits</c>); null unless they were asked for.
    /// </summary>
    public MaskLogits? Logits { get; init; }

    /// <summary>What <see cref="PredictedIou"/> rests on, for those who fit that; null where it is the network's alone.</summary>
    internal MaskEvidence? Evidence { get; init; }

    /// <summary>What speaks for the likeliest labels; empty where labels are not judged so.</summary>
    internal LabelChoices LabelEvidence { get; init; } = LabelChoices.None;

    /// <summary>The box that a detector found it by, which need not be that of its pixels; null where no detector did.</summary>
    internal BoxF? FoundBox { get; init; }

    /// <summary>The point that found it, in pixels of the original image; only for masks from a grid of points.</summary>
    public (double X, double Y)? Point { get; init; }
}
