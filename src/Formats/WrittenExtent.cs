namespace SemanticSam.Formats;

/// <summary>
/// What a COCO file says of an annotation besides its mask, as it is written: COCO's own evaluation measures by it. It is no part of what the annotation is,
/// so annotations are equal whatever it says.
/// </summary>
internal readonly struct WrittenExtent : IEquatable<WrittenExtent>
{
    private readonly Values? _values;

    /// <param name="box">[x, y, width, height]; null where there is none.</param>
    /// <param name="area">Pixels; null where nothing is said.</param>
    /// <param name="isBoxAlone">Whether there is no outline.</param>
    /// <param name="category">The category that the file names; null for none.</param>
    public WrittenExtent((double X, double Y, double Width, double Height)? box, double? area, bool isBoxAlone, AnnotationCategory? category) =>
        _values = new(box, area, isBoxAlone, category);

    /// <summary>The box, x, y, width and height; null where the file has none.</summary>
    public (double X, double Y, double Width, double Height)? Box => _values?.Box;

    /// <summary>The area; null where the file says none.</summary>
    public double? Area => _values?.Area;

    /// <summary>Whether there is no outline, so that the mask is the box.</summary>
    public bool IsBoxAlone => _values?.IsBoxAlone == true;

    /// <summary>The category; null where the file names none.</summary>
    public AnnotationCategory? Category => _values?.Category;

    /// <summary>The same under another category.</summary>
    public WrittenExtent Called(AnnotationCategory category) => new(Box, Area, IsBoxAlone, category);

    /// <inheritdoc/>
    public bool Equals(WrittenExtent other) => true;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is WrittenExtent;

    /// <inheritdoc/>
    public override int GetHashCode() => 0;

    private sealed record Values((double, double, double, double)? Box, double? Area, bool IsBoxAlone, AnnotationCategory? Category);
}
