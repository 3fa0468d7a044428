namespace SemanticSam.Masks;

/// <summary>Which of the masks of a grid of points are kept. The defaults are SAM's.</summary>
public sealed record MaskFilterOptions
{
    /// <summary>SAM's automatic mask generator.</summary>
    public static MaskFilterOptions Sam { get; } = new();

    /// <summary>Semantic-SAM's automatic mask generator.</summary>
    public static MaskFilterOptions SemanticSam { get; } = new() { StabilityThreshold = 0.92f, MinRegionArea = 10 };

    /// <summary>Masks need a greater predicted IoU; 0 or less keeps all.</summary>
    public float PredictedIouThreshold { get; init; } = 0.88f;

    /// <summary>Masks need at least this stability; 0 or less keeps all.</summary>
    public float StabilityThreshold { get; init; } = 0.95f;

    /// <summary>How far the cut moves either way for the stability.</summary>
    public double StabilityOffset { get; init; } = 1;

    /// <summary>Logits above are foreground.</summary>
    public double MaskThreshold { get; init; }

    /// <summary>Masks of fewer pixels are dropped; 0 keeps all, as the reference does.</summary>
    public int MinMaskArea { get; init; }

    /// <summary>What overlaps: boxes, as in the reference, or masks.</summary>
    public OverlapMeasure Overlap { get; init; } = OverlapMeasure.Boxes;

    /// <summary>IoU beyond which the mask of lower predicted IoU goes.</summary>
    public double BoxNmsThreshold { get; init; } = 0.7;

    /// <summary>The same between crops, where the mask of the larger crop goes.</summary>
    public double CropNmsThreshold { get; init; } = 0.7;

    /// <summary>Holes and islands of fewer pixels are corrected; 0 leaves them.</summary>
    public double MinRegionArea { get; init; }
}

/// <summary>
/// What SAM's and Semantic-SAM's automatic mask generators ask of each mask (<c>automatic_mask_generator.py</c>). What they ask of masks
/// together is the business of <see cref="MaskGatherer"/>.
/// </summary>
public static class MaskFilter
{
    /// <summary>True when the predicted IoU alone does not rule a mask out; then its logits are worth computing.</summary>
    public static bool IsPromising(float predictedIou, MaskFilterOptions options) =>
        !(options.PredictedIouThreshold > 0) || predictedIou > options.PredictedIouThreshold;

    /// <summary>
    /// Turns the logits of a promising mask into a mask of the picture, or null if it is too unstable or too small, or if it was cut by a
    /// side of the crop. Only the pixels where the mask may be are computed.
    /// </summary>
    /// <param name="low">At the decoder's resolution, row-major.</param>
    /// <param name="upsampler">From there to the crop's size.</param>
    /// <param name="predictedIou">The decoder's estimate.</param>
    /// <param name="crop">Where in the picture the plane lies.</param>
    /// <param name="picture">The whole picture.</param>
    /// <param name="options">Thresholds.</param>
    internal static MaskResult? Accept(ReadOnlySpan<float> low, MaskUpsampler upsampler, float predictedIou, BoxI crop, BoxI picture, MaskFilterOptions options)
    {
        var (mask, stability) = upsampler.Cut(low, options.MaskThreshold, options.StabilityOffset, crop, picture.Height, picture.Width);
        if (options.StabilityThreshold > 0 && !(stability >= options.StabilityThreshold)) return null; // NaN goes, too
        if (mask.Area < options.MinMaskArea) return null;
        // The reference's box of an empty mask is zero in pixels of the crop.
        var inCrop = mask.IsEmpty ? default : CropBoxes.Uncrop(mask.InclusiveBox, new(-crop.Left, -crop.Top, 0, 0));
        if (CropBoxes.IsNearCropEdge(inCrop, crop, picture)) return null;
        return new() { Mask = mask, PredictedIou = predictedIou, StabilityScore = stability };
    }
}
