namespace SemanticSam.Masks;

/// <summary>How the masks of one click are chosen and cleaned.</summary>
internal sealed record ClickSelectionOptions
{
    /// <summary>A mask needs at least this predicted IoU, compared after rounding to two decimals. Default 0.5.</summary>
    public double PredictedIouThreshold { get; init; } = 0.5;

    /// <summary>A mask whose IoU with a better one is greater is left out. Default 0.95.</summary>
    public double DuplicateIou { get; init; } = 0.95;

    /// <summary>Holes of fewer pixels are filled. Default 100.</summary>
    public double HoleArea { get; init; } = 100;

    /// <summary>Islands of fewer pixels are removed. Default 100.</summary>
    public double IslandArea { get; init; } = 100;
}

/// <summary>One mask that a click gave.</summary>
/// <param name="Index">Which of the logit planes it comes from.</param>
/// <param name="Mask">Cleaned of small holes and islands.</param>
/// <param name="PredictedIou">Rounded to two decimals, as it was compared.</param>
/// <param name="RawArea">Pixels before cleaning, by which masks are ordered.</param>
internal sealed record ClickMask(int Index, Rle Mask, double PredictedIou, int RawArea);

/// <summary>
/// Chooses among the masks that a decoder gives for one click, as Semantic-SAM's click predictor does
/// (<c>tasks/interactive_predictor.py</c> of the public repository).
/// </summary>
internal static class ClickSelection
{
    /// <summary>
    /// Visits the planes by descending predicted IoU and keeps those that are good enough and not near-duplicates; the last one is
    /// kept if none was. Then fills small holes and removes small islands.
    /// </summary>
    /// <param name="logits">Row-major [planes, height, width], foreground above 0.</param>
    /// <param name="predictedIous">One a plane.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="options">Defaults are the reference's.</param>
    /// <returns>Best predicted IoU first.</returns>
    /// <exception cref="ArgumentException">The number of logits is not planes x height x width.</exception>
    public static IReadOnlyList<ClickMask> Select(ReadOnlySpan<float> logits, ReadOnlySpan<float> predictedIous, int height, int width,
        ClickSelectionOptions? options = null)
    {
        int size = checked(height * width);
        if (logits.Length != (long)size * predictedIous.Length)
            throw new ArgumentException($"{logits.Length} logits given for {predictedIous.Length} planes of {height} x {width}.", nameof(logits));
        var masks = new Rle[predictedIous.Length];
        for (int i = 0; i < masks.Length; i++) masks[i] = Rle.FromLogits(logits.Slice(i * size, size), height, width);
        return Select(masks, predictedIous, options);
    }

    /// <summary>The same for masks that are cut already.</summary>
    /// <exception cref="ArgumentException">Not as many predicted IoUs as masks.</exception>
    public static IReadOnlyList<ClickMask> Select(IReadOnlyList<Rle> masks, ReadOnlySpan<float> predictedIous, ClickSelectionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(masks);
        if (masks.Count != predictedIous.Length)
            throw new ArgumentException($"{masks.Count} masks with {predictedIous.Length} predicted IoUs.", nameof(predictedIous));
        options ??= new();
        var kept = new List<ClickMask>();
        int[] order = Nms.SortDescending(predictedIous);
        for (int k = 0; k < order.Length; k++)
        {
            var mask = masks[order[k]];
            double iou = RoundToHundredths(predictedIous[order[k]]);
            bool wanted = !(iou < options.PredictedIouThreshold) && !kept.Exists(better => IoU(mask, masks[better.Index]) > options.DuplicateIou);
            if (wanted || (kept.Count == 0 && k == order.Length - 1)) kept.Add(new(order[k], Clean(mask, options), iou, mask.Area));
        }
        return kept;
    }

    /// <summary>The same masks by ascending area before cleaning; equal areas in the order given.</summary>
    public static IReadOnlyList<ClickMask> ByArea(IReadOnlyList<ClickMask> masks) => [.. masks.OrderBy(m => m.RawArea)];

    private static Rle Clean(Rle mask, ClickSelectionOptions options)
    {
        var filled = MaskRegions.RemoveSmall(mask, options.HoleArea, RegionKind.Holes).Mask;
        return MaskRegions.RemoveSmall(filled, options.IslandArea, RegionKind.Islands).Mask;
    }

    /// <summary>NaN for two empty masks, which then do not count as duplicates.</summary>
    private static double IoU(Rle a, Rle b)
    {
        int shared = a.IntersectionArea(b);
        return (double)shared / ((long)a.Area + b.Area - shared);
    }

    // A float32 times 100 is exact in double, so this rounds the true value, half to even, as Python's round does.
    private static double RoundToHundredths(float value) => Math.Round(value * 100.0) / 100;
}
