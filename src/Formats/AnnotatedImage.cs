using SemanticSam.Masks;

namespace SemanticSam.Formats;

/// <summary>Under which terms an image may be used.</summary>
/// <param name="Name">The license, such as "CC-BY-4.0".</param>
/// <param name="Url">Where it stands; null if unknown.</param>
/// <param name="Source">The source it speaks of.</param>
/// <param name="Statement">What the source itself says.</param>
public sealed record ImageLicense(string Name, string? Url = null, string? Source = null, string? Statement = null);

/// <summary>An image's name and size with what is outlined in it. The pixels stay where they are.</summary>
public sealed record AnnotatedImage
{
    /// <summary>Path below the folder of images, with forward slashes. What comes from a file may be hostile: writers check it.</summary>
    public required string FileName { get; init; }

    /// <summary>
    /// Where its pixels are: the name below <see cref="AnnotationReadOptions.Images"/>, or, of YOLO, where the set has it; null when no folder was given, or
    /// the name leads out of it.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>Columns.</summary>
    public required int Width { get; init; }

    /// <summary>Rows.</summary>
    public required int Height { get; init; }

    /// <summary>COCO's or SA-1B's id of the image; null when the source has none.</summary>
    public long? Id { get; init; }

    /// <summary>COCO's id of the image where that is a text; null when it is a number, or there is none.</summary>
    internal string? TextId { get; init; }

    /// <summary>Where the image comes from.</summary>
    public string? Source { get; init; }

    /// <summary>Its terms.</summary>
    public ImageLicense? License { get; init; }

    /// <summary>In the order of the source.</summary>
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];

    /// <summary>Names that were looked for and are not in the image (LVIS's <c>neg_category_ids</c>); of all other names nothing is said.</summary>
    public IReadOnlyList<AnnotationCategory> AbsentCategories { get; init; } = [];

    /// <summary>An image with the engine's results.</summary>
    /// <param name="fileName">Its name.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="results">All of its masks; parents are indices into this list.</param>
    public static AnnotatedImage From(string fileName, int width, int height, IEnumerable<MaskResult> results)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(results);
        return new() { FileName = fileName, Width = width, Height = height, Annotations = [.. results.Select(Annotation.From)] };
    }
}

/// <summary>A name that annotations of a set carry.</summary>
/// <param name="Id">COCO's category id, YOLO's class index, the value in an index PNG.</param>
/// <param name="Name">The name; for a part the part's alone.</param>
/// <param name="Supercategory">For a part the whole it belongs to, else the family; null for none.</param>
/// <param name="Role">The usual role; null when nobody said.</param>
public sealed record AnnotationCategory(long Id, string Name, string? Supercategory = null, AnnotationRole? Role = null);

/// <summary>What tells the names of a set apart, whatever ids its files give them: "wheel" of "car" is not "wheel" of "bicycle".</summary>
internal readonly record struct CategoryKey(string Name, string? Supercategory, bool IsPart)
{
    public static CategoryKey Of(AnnotationCategory category) => new(category.Name, category.Supercategory, category.Role == AnnotationRole.Part);

    /// <summary>Null for an annotation without a name.</summary>
    public static CategoryKey? Of(Annotation annotation) => annotation switch
    {
        { Part: { } part } => new(part.Name, annotation.Whole?.Name, true),
        { Whole: { } whole } => new(whole.Name, annotation.Supercategory, false),
        _ => null,
    };
}
