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
    public float MaskThreshold { get; init; }

    /// <summary>Box IoU beyond which the mask of lower predicted IoU goes.</summary>
    public double BoxNmsThreshold { get; init; } = 0.7;

    /// <summary>The same between crops, where the mask of the larger crop goes.</summary>
    public double CropNmsThreshold { get; init; } = 0.7;

    /// <summary>Holes and islands of fewer pixels are corrected; 0 leaves them.</summary>
    public double MinRegionArea { get; init; }
}

/// <summary>
/// What SAM's and Semantic-SAM's automatic mask generators do with the decoder's planes (<c>automatic_mask_generator.py</c>): thresholds,
/// box NMS within a crop, NMS between crops, correction of small regions. Pure functions; records keep the reference's order.
/// </summary>
public static class MaskFilter
{
    /// <summary>True when the predicted IoU alone does not rule a mask out; then its logits are worth computing.</summary>
    public static bool IsPromising(float predictedIou, MaskFilterOptions options) =>
        !(options.PredictedIouThreshold > 0) || predictedIou > options.PredictedIouThreshold;

    /// <summary>
    /// Turns one plane of logits into a mask of the picture, or null if its predicted IoU or stability is too low, or if it was cut by
    /// a side of the crop.
    /// </summary>
    /// <param name="logits">Row-major [crop.Height, crop.Width].</param>
    /// <param name="predictedIou">The decoder's estimate.</param>
    /// <param name="crop">Where in the picture the plane lies.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="options">Thresholds.</param>
    /// <exception cref="ArgumentException">The plane is not of the crop's size, or the crop not inside the picture.</exception>
    public static MaskResult? Accept(ReadOnlySpan<float> logits, float predictedIou, BoxI crop, int height, int width, MaskFilterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (logits.Length != (long)crop.Width * crop.Height)
            throw new ArgumentException($"{logits.Length} logits given for a crop of {crop.Height} x {crop.Width}.", nameof(logits));
        if (!IsPromising(predictedIou, options)) return null;
        float stability = Stability.Score(logits, options.MaskThreshold, options.StabilityOffset);
        if (options.StabilityThreshold > 0 && !(stability >= options.StabilityThreshold)) return null;
        var mask = Rle.FromLogits(logits, crop, height, width, options.MaskThreshold);
        var inCrop = CropBoxes.Uncrop(mask.InclusiveBox, new(-crop.Left, -crop.Top, 0, 0));
        if (mask.IsEmpty) inCrop = default; // the reference's box of an empty mask, in pixels of the crop
        if (CropBoxes.IsNearCropEdge(inCrop, crop, new(0, 0, width, height))) return null;
        return new() { Mask = mask, PredictedIou = predictedIou, StabilityScore = stability };
    }

    /// <summary>Box NMS by predicted IoU; the kept masks by descending predicted IoU.</summary>
    public static IReadOnlyList<MaskResult> SuppressBoxes(IReadOnlyList<MaskResult> masks, double threshold)
    {
        ArgumentNullException.ThrowIfNull(masks);
        return Pick(masks, Nms.Keep([.. masks.Select(m => m.Box)], [.. masks.Select(m => m.PredictedIou)], threshold));
    }

    /// <summary>Box NMS between crops: masks of smaller crops win, the rest keeps its order.</summary>
    /// <param name="masks">The masks of all crops, crop by crop.</param>
    /// <param name="crops">The crop of each.</param>
    /// <param name="threshold">IoU beyond which a mask goes.</param>
    /// <exception cref="ArgumentException">Not as many crops as masks.</exception>
    public static IReadOnlyList<MaskResult> SuppressCrops(IReadOnlyList<MaskResult> masks, IReadOnlyList<BoxI> crops, double threshold)
    {
        ArgumentNullException.ThrowIfNull(masks);
        ArgumentNullException.ThrowIfNull(crops);
        if (masks.Count != crops.Count) throw new ArgumentException($"{masks.Count} masks with {crops.Count} crops.", nameof(crops));
        float[] scores = [.. crops.Select(c => 1 / ((float)c.Width * c.Height))];
        return Pick(masks, Nms.Keep([.. masks.Select(m => m.Box)], scores, threshold));
    }

    /// <summary>
    /// Fills small holes, then removes small islands; then box NMS in which unchanged masks go before changed ones. Changed masks get
    /// their new pixels, all else stays. Nothing happens if <see cref="MaskFilterOptions.MinRegionArea"/> is 0.
    /// </summary>
    /// <returns>The kept masks, unchanged ones first, each group in the order given.</returns>
    public static IReadOnlyList<MaskResult> CorrectRegions(IReadOnlyList<MaskResult> masks, MaskFilterOptions options)
    {
        ArgumentNullException.ThrowIfNull(masks);
        ArgumentNullException.ThrowIfNull(options);
        if (!(options.MinRegionArea > 0)) return masks;
        var corrected = new MaskResult[masks.Count];
        var scores = new float[masks.Count];
        for (int i = 0; i < corrected.Length; i++)
        {
            var (mask, changed) = MaskRegions.Clean(masks[i].Mask, options.MinRegionArea);
            corrected[i] = changed ? masks[i] with { Mask = mask } : masks[i];
            scores[i] = changed ? 0 : 1;
        }
        double threshold = Math.Max(options.BoxNmsThreshold, options.CropNmsThreshold);
        return Pick(corrected, Nms.Keep([.. corrected.Select(m => m.Box)], scores, threshold));
    }

    private static MaskResult[] Pick(IReadOnlyList<MaskResult> masks, int[] indices) => Array.ConvertAll(indices, i => masks[i]);
}
