using SemanticSam.Engine.Batch;
using SemanticSam.Masks;

namespace SemanticSam.Training.Data;

/// <summary>What an annotation outlines.</summary>
public enum AnnotationLevel
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

/// <summary>What an annotation holds besides one object.</summary>
public enum AnnotationKind
{
    /// <summary>One object.</summary>
    Single,

    /// <summary>A connected region of a class map: several touching objects, or a piece of one.</summary>
    Component,

    /// <summary>Several objects of one class whose boxes overlap.</summary>
    Group,

    /// <summary>A region of the segmentation with the fewest regions.</summary>
    Coarse,

    /// <summary>A region of the segmentation with the median number of regions.</summary>
    Medium,

    /// <summary>A region of the segmentation with the most regions.</summary>
    Fine,
}

/// <summary>Under which terms a source may be used.</summary>
/// <param name="Id">Unique in the file.</param>
/// <param name="Name">The class, such as "MIT", "CC-BY-4.0", "research", "not stated".</param>
/// <param name="Source">The source it speaks of.</param>
/// <param name="Statement">What the source itself says.</param>
public sealed record DataLicense(long Id, string Name, string? Source, string? Statement);

/// <summary>A name that annotations carry.</summary>
/// <param name="Id">Unique in the file.</param>
/// <param name="Name">Lower case, singular, English.</param>
/// <param name="Supercategory">For a part the whole it belongs to.</param>
/// <param name="Level">The usual level.</param>
public sealed record DataCategory(long Id, string Name, string? Supercategory, AnnotationLevel Level)
{
    /// <summary>"wheel of car" for a part, else the name.</summary>
    public string FullName => Level == AnnotationLevel.Part && Supercategory is not null ? $"{Name} of {Supercategory}" : Name;
}

/// <summary>An image with its annotations.</summary>
/// <param name="Id">Unique in the file.</param>
/// <param name="FileName">Relative to the folder of images.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="License">Its terms; null if the file has none.</param>
public sealed record DataImage(long Id, string FileName, int Width, int Height, string? Source, DataLicense? License)
{
    /// <summary>The full path of the image.</summary>
    public string Path { get; init; } = FileName;

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<DataAnnotation> Annotations { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(DataImage? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => Id.GetHashCode();
}

/// <summary>One outlined object, part, stuff or region. Its mask stays as it is in the file until it is asked for.</summary>
public sealed class DataAnnotation
{
    private readonly byte[]? _text;
    private readonly int[]? _counts;
    private readonly string _file;

    internal DataAnnotation(string file, int height, int width, byte[]? text, int[]? counts)
    {
        (_file, Height, Width, _text, _counts) = (file, height, width, text, counts);
    }

    /// <summary>Unique in the file.</summary>
    public required long Id { get; init; }

    /// <summary>The image it belongs to.</summary>
    public required long ImageId { get; init; }

    /// <summary>What it is.</summary>
    public required DataCategory Category { get; init; }

    /// <summary>Whole, part, stuff or region.</summary>
    public required AnnotationLevel Level { get; init; }

    /// <summary>One object, or what else.</summary>
    public AnnotationKind Kind { get; init; }

    /// <summary>The enclosing object, or part if this is a part of a part; null for none.</summary>
    public DataAnnotation? Parent { get; internal set; }

    /// <summary>True for an approximate mask: leave it out of an evaluation or report it apart.</summary>
    public bool IsWeak { get; init; }

    /// <summary>True for a union of other masks.</summary>
    public bool IsDerived { get; init; }

    /// <summary>COCO's crowd flag.</summary>
    public bool IsCrowd { get; init; }

    /// <summary>Pixels, as the file says.</summary>
    public required double Area { get; init; }

    /// <summary>[x, y, width, height] in pixels, as the file says.</summary>
    public required (double X, double Y, double Width, double Height) BoxXywh { get; init; }

    /// <summary>Rows of the mask.</summary>
    public int Height { get; }

    /// <summary>Columns of the mask.</summary>
    public int Width { get; }

    /// <summary>Decodes the mask; anew with each call.</summary>
    /// <exception cref="InvalidDataException">The run lengths are damaged; the message names file, annotation and position.</exception>
    public Rle ReadMask()
    {
        try
        {
            return _counts is not null ? Rle.FromCounts(Height, Width, _counts)
                : Rle.FromCompressedString(Height, Width, System.Text.Encoding.Latin1.GetString(_text!));
        }
        catch (FormatException e)
        {
            throw new InvalidDataException($"{_file}: annotation {Id}: {e.Message}", e);
        }
    }
}
