namespace SemanticSam.Masks;

/// <summary>
/// Gathers the masks of the crops of one picture and drops duplicates, exactly as SAM's automatic mask generation does
/// (<c>automatic_mask_generator.py</c>), but step by step: what is decided is handed out at once.
/// </summary>
/// <remarks>
/// The reference suppresses within each crop by predicted IoU, then over all crops, where masks of smaller crops win, and last, after
/// small holes and islands were corrected, over all again, where masks that needed no correction win. Suppression is greedy, so a mask is
/// decided once all that go before it are. With crops in the order of <see cref="CropBoxes.ByPriority"/> this is: for a mask that needs no
/// correction when its crop is complete, for one that does at the end. Both the kept set and its order are the reference's.
/// </remarks>
public sealed class MaskGatherer
{
    private readonly MaskFilterOptions _options;
    private readonly bool _severalCrops;
    private readonly List<MaskResult> _overCrops = [], _final = [], _corrected = [];

    /// <summary>Begins with no mask.</summary>
    /// <param name="options">Thresholds.</param>
    /// <param name="severalCrops">Whether there is more than the picture as a whole.</param>
    public MaskGatherer(MaskFilterOptions options, bool severalCrops)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _severalCrops) = (options, severalCrops);
    }

    /// <summary>Takes the masks of a crop.</summary>
    /// <param name="masks">All of them, in the order of the decoder.</param>
    /// <returns>Those that are sure to stay, by descending predicted IoU.</returns>
    public IReadOnlyList<MaskResult> AddCrop(IReadOnlyList<MaskResult> masks)
    {
        ArgumentNullException.ThrowIfNull(masks);
        int before = _final.Count;
        foreach (var mask in WithinCrop(masks, _options))
        {
            if (_severalCrops)
            {
                if (IsSuppressed(mask, _overCrops, _options.CropNmsThreshold)) continue;
                _overCrops.Add(mask);
            }
            if (_options.MinRegionArea > 0)
            {
                var (clean, changed) = MaskRegions.Clean(mask.Mask, _options.MinRegionArea);
                if (changed)
                {
                    _corrected.Add(mask with { Mask = clean });
                    continue;
                }
                if (IsSuppressed(mask, _final, RegionNmsThreshold)) continue;
            }
            _final.Add(mask);
        }
        return _final[before..];
    }

    /// <summary>After the last crop: the corrected masks that stay. They have new pixels, all else is as before.</summary>
    public IReadOnlyList<MaskResult> Finish()
    {
        int before = _final.Count;
        foreach (var mask in _corrected)
            if (!IsSuppressed(mask, _final, RegionNmsThreshold)) _final.Add(mask);
        _corrected.Clear();
        return _final[before..];
    }

    /// <summary>The masks of one crop without duplicates, by descending predicted IoU.</summary>
    public static IReadOnlyList<MaskResult> WithinCrop(IReadOnlyList<MaskResult> masks, MaskFilterOptions options)
    {
        ArgumentNullException.ThrowIfNull(masks);
        ArgumentNullException.ThrowIfNull(options);
        float[] scores = [.. masks.Select(m => m.PredictedIou)];
        int[] kept = options.Overlap == OverlapMeasure.Boxes
            ? Nms.Keep([.. masks.Select(m => m.Box)], scores, options.BoxNmsThreshold)
            : Nms.KeepMasks([.. masks.Select(m => m.Mask)], scores, options.BoxNmsThreshold);
        return Array.ConvertAll(kept, i => masks[i]);
    }

    private double RegionNmsThreshold => Math.Max(_options.BoxNmsThreshold, _options.CropNmsThreshold);

    private bool IsSuppressed(MaskResult mask, List<MaskResult> kept, double threshold)
    {
        if (_options.Overlap == OverlapMeasure.Masks) return kept.Exists(k => Nms.Overlap(k.Mask, mask.Mask, threshold));
        var box = mask.Box;
        return kept.Exists(k => Nms.Overlap(k.Box, box, threshold));
    }
}
