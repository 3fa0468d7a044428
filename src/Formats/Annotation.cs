using SemanticSam.Masks;

namespace SemanticSam.Formats;

/// <summary>What an annotation outlines.</summary>
public enum AnnotationRole
{
    /// <summary>An object.</summary>
    Whole,

    /// <summary>A part of an object, or of a part.</summary>
    Part,

    /// <summary>Something without instances, such as sky or road.</summary>
    Stuff,

    /// <summary>A region without a name.</summary>
    Region,
}

/// <summary>A name with how sure its giver was.</summary>
/// <param name="Name">Such as "car"; not empty.</param>
/// <param name="Score">0 to 1; null when a person gave the name, or nobody said.</param>
public readonly record struct AnnotationName(string Name, float? Score = null);

/// <summary>
/// One outlined thing of an image, as much as any of the formats can say about it; docs/formats.md says which format keeps what.
/// Ids and parents are those of the source; they are unique within an image.
/// </summary>
public sealed record Annotation
{
    /// <summary>The mask, of the image's size. Area and box follow from it and are never kept beside it.</summary>
    public required Rle Mask { get; init; }

    /// <summary>Unique within the image (in COCO within the file); null when the source has none.</summary>
    public long? Id { get; init; }

    /// <summary>Id of the enclosing object or part in the same image; null for none.</summary>
    public long? Parent { get; init; }

    /// <summary>What whole it is, or is a part of.</summary>
    public AnnotationName? Whole { get; init; }

    /// <summary>What part it is; null for a whole.</summary>
    public AnnotationName? Part { get; init; }

    /// <summary>For a whole: the family of its name, such as "vehicle" (COCO's supercategory). For a part that is <see cref="Whole"/>.</summary>
    public string? Supercategory { get; init; }

    /// <summary>Whole, part, stuff or region; null when nobody said.</summary>
    public AnnotationRole? Role { get; init; }

    /// <summary>Which of the six levels; null when nobody said.</summary>
    public GranularityLevel? Level { get; init; }

    /// <summary>Confidence in the annotation as a whole, such as a detector's; null for none.</summary>
    public float? Score { get; init; }

    /// <summary>The model's own estimate of the mask's IoU with the truth.</summary>
    public float? PredictedIou { get; init; }

    /// <summary>SAM's stability score.</summary>
    public float? StabilityScore { get; init; }

    /// <summary>The click that found it, in pixels of the image.</summary>
    public (double X, double Y)? Point { get; init; }

    /// <summary>The crop in which it was found, [x, y, width, height] in pixels (SA-1B).</summary>
    public (double X, double Y, double Width, double Height)? CropBox { get; init; }

    /// <summary>Index of the prompt that asked for it.</summary>
    public int? Prompt { get; init; }

    /// <summary>Number that ties shapes or instances together (LabelMe, CVAT).</summary>
    public int? Group { get; init; }

    /// <summary>COCO's crowd flag: several objects outlined as one.</summary>
    public bool IsCrowd { get; init; }

    /// <summary>An approximate mask.</summary>
    public bool IsWeak { get; init; }

    /// <summary>The mask is a union of other masks.</summary>
    public bool IsDerived { get; init; }

    /// <summary>What it holds besides one object, such as "component" or "group"; null for one object.</summary>
    public string? Kind { get; init; }

    /// <summary>What a COCO file says besides; empty of any other format.</summary>
    internal WrittenExtent Written { get; init; }

    /// <summary>The one name that formats with a single name get: the part's, else the whole's; null for none.</summary>
    public string? Category => Part?.Name ?? Whole?.Name;

    /// <summary>"wheel of car" for a part whose whole is known, else <see cref="Category"/>.</summary>
    public string? FullName => Part is { } part && Whole is { } whole ? $"{part.Name} of {whole.Name}" : Category;

    /// <summary>The annotation that says what a result of the engine says; scores are rounded to five decimals.</summary>
    /// <param name="result">A result.</param>
    /// <param name="index">Its place in the list of results, from 0; the id is one more.</param>
    public static Annotation From(MaskResult result, int index)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new()
        {
            Mask = result.Mask,
            Id = index + 1,
            Parent = result.Parent + 1,
            Whole = Named(result.Whole),
            Part = Named(result.Part),
            Role = RoleOf(result.Whole is not null, result.Part is not null),
            Level = result.Level,
            Score = Finite(result.Part?.Score ?? result.Whole?.Score ?? result.PredictedIou),
            PredictedIou = Finite(result.PredictedIou),
            StabilityScore = Finite(result.StabilityScore),
            Point = result.Point,
            Prompt = result.Prompt,
        };
    }

    internal static AnnotationRole RoleOf(bool whole, bool part) => part ? AnnotationRole.Part : whole ? AnnotationRole.Whole : AnnotationRole.Region;

    private static AnnotationName? Named(ScoredLabel? label) => label is { } l ? new(l.Label, Finite(l.Score)) : null;

    /// <summary>Five decimals, as the result JSON has them, so that both ways give the same.</summary>
    private static float? Finite(float value) => float.IsFinite(value) ? MathF.Round(value, 5) : null;
}
