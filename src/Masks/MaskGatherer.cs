namespace SemanticSam.Masks;

/// <summary>
/// Gathers the masks of the crops of one image and drops duplicates, exactly as SAM's automatic mask generation does
/// (<c>automatic_mask_generator.py</c>), but step by step: what is decided is handed out at once.
/// </summary>
/// <remarks>
/// The reference suppresses within each crop by predicted IoU, then over all crops, where masks of smaller crops win, and last, after
/// small holes and islands were corrected, over all again, where masks that needed no correction win. Suppression is greedy, so a mask is
/// decided once all that go before it are. With crops in the order of <see cref="CropBoxes.ByPriority"/> this is: for a mask that needs no
/// correction when its crop is complete, for one that does at the end. Both the kept set and its order are the reference's.
/// </remarks>
internal sealed class MaskGatherer
{
    /// <summary>Masks of one label that share so much of the smaller one are a thing and a piece of it.</summary>
    private const double PieceShare = 0.7;

    /// <summary>From this predicted IoU on a mask is kept beside a piece of it, whatever is asked of masks: a pair of shoes beside each of them.</summary>
    private const double Sure = 0.4;

    private readonly bool _severalCrops;
    private readonly OverlapMeasure _overlap;
    private readonly double _nms, _cropNms;
    private readonly double _labelNms;
    private readonly int _minRegionArea;
    private readonly List<MaskResult> _overCrops = [], _final = [], _corrected = [];

    /// <summary>Begins with no mask.</summary>
    /// <param name="thresholds">Complete.</param>
    /// <param name="severalCrops">Whether there is more than the image as a whole.</param>
    public MaskGatherer(MaskThresholds thresholds, bool severalCrops)
    {
        _severalCrops = severalCrops;
        _overlap = MaskFilter.Required(thresholds.Overlap);
        _nms = MaskFilter.Required(thresholds.NmsThreshold);
        _cropNms = MaskFilter.Required(thresholds.CropNmsThreshold);
        _labelNms = MaskFilter.Required(thresholds.LabelNmsThreshold);
        _minRegionArea = MaskFilter.Required(thresholds.MinRegionArea);
    }

    /// <summary>Takes the masks of a crop.</summary>
    /// <param name="masks">All of them, in the order of the decoder.</param>
    /// <returns>Those that are sure to stay, by descending predicted IoU.</returns>
    public IReadOnlyList<MaskResult> AddCrop(IReadOnlyList<MaskResult> masks)
    {
        int before = _final.Count;
        foreach (var mask in WithinCrop(masks))
        {
            if (_severalCrops)
            {
                if (IsSuppressed(mask, _overCrops, _cropNms)) continue;
                _overCrops.Add(mask);
            }
            if (_minRegionArea > 0)
            {
                var (clean, changed) = MaskRegions.Clean(mask.Mask, _minRegionArea);
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

    /// <summary>
    /// The masks of one crop without duplicates, by descending predicted IoU. A mask may also repeat a better one of its label: the same thing, drawn
    /// twice; or, where it is not sure, be a piece of that, or hold it: the thing with what is beside it. What a dropped mask would have suppressed stays.
    /// </summary>
    public IReadOnlyList<MaskResult> WithinCrop(IReadOnlyList<MaskResult> masks)
    {
        float[] scores = [.. masks.Select(m => m.PredictedIou)];
        string?[]? labels = _labelNms < 1 ? [.. masks.Select(m => (m.Part ?? m.Whole)?.Label)] : null;
        int[] kept = _overlap == OverlapMeasure.Boxes && labels is null
            ? Nms.Keep([.. masks.Select(m => m.Box)], scores, _nms) // many boxes at a time
            : Nms.KeepBy(scores, (kept, other) => Suppresses(masks[kept], masks[other], Threshold(kept, other)) || IsPiece(kept, other));
        return Array.ConvertAll(kept, i => masks[i]);

        bool IsPiece(int kept, int other) => labels?[kept] is { } label && label == labels[other] && scores[other] < Sure
            && Nms.Within(masks[kept].Mask, masks[other].Mask, PieceShare);

        double Threshold(int one, int other) => labels?[one] is { } label && label == labels[other] ? Math.Min(_labelNms, _nms) : _nms;
    }

    private double RegionNmsThreshold => Math.Max(_nms, _cropNms);

    private bool IsSuppressed(MaskResult mask, List<MaskResult> kept, double threshold) => kept.Exists(k => Suppresses(k, mask, threshold));

    private bool Suppresses(MaskResult kept, MaskResult other, double threshold) =>
        _overlap == OverlapMeasure.Masks ? Nms.Overlap(kept.Mask, other.Mask, threshold) : Nms.Overlap(kept.Box, other.Box, threshold);
}
