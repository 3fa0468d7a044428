namespace SemanticSam.Training.Nano.Teaching;

/// <summary>What teaching changed, on images kept aside.</summary>
/// <param name="Before">Each name before.</param>
/// <param name="After">Each name after.</param>
internal sealed record TeachReport(IReadOnlyList<NameFigures> Before, IReadOnlyList<NameFigures> After)
{
    /// <summary>Name of the file in the output folder.</summary>
    public const string File = "taught.json";

    /// <summary>Mean over the names that some image shows; null for none.</summary>
    public static double? MeanIou(IEnumerable<NameFigures> figures) => figures.Average(f => f.Iou);
}
