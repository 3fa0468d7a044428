using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.TextEncoder.Names;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// Everything mode: clicks on a grid over the picture and its crops, their masks filtered as by SAM's automatic mask generation
/// (<c>SamAutomaticMaskGenerator.generate</c>; arXiv 2304.02643, appendix B).
/// </summary>
internal static class Everything
{
    /// <summary>
    /// The steps, each computed when it is asked for. Crops go in the order in which their masks win, so that each crop's masks are decided
    /// when it is done; the order of all is that of the reference.
    /// </summary>
    /// <param name="segmenter">The model.</param>
    /// <param name="whole">Features of the picture; stay the caller's.</param>
    /// <param name="picture">The picture; needed for crops alone.</param>
    /// <param name="options">Validated.</param>
    /// <param name="cancellation">Looked at between calls of the decoder.</param>
    public static IEnumerable<EverythingStep> Run(Segmenter segmenter, Features whole, RgbImage? picture, EverythingOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var crops = CropBoxes.ByPriority(CropBoxes.Generate(whole.Height, whole.Width, options.CropLayers, options.CropOverlapRatio));
        var grids = options.Grids(segmenter.Settings.PointsPerSide);
        var filter = FilterOf(options, segmenter.Settings);
        using var labels = segmenter.Labels(options.Vocabulary);
        var finder = new CandidateFinder(segmenter, options, labels, filter, new BoxI(0, 0, whole.Width, whole.Height));
        var gatherer = new MaskGatherer(filter, crops.Length > 1);
        double clicks = crops.Sum(c => grids[c.Layer].Count), done = 0;
        foreach (var (crop, layer) in crops)
        {
            cancellation.ThrowIfCancellationRequested();
            var own = layer == 0 ? null : segmenter.Encode(picture!.Crop(crop.Left, crop.Top, crop.Width, crop.Height));
            try
            {
                var found = new List<MaskResult>();
                foreach (var points in grids[layer].Chunk(options.PointsPerBatch))
                {
                    int before = found.Count;
                    foreach (var candidate in finder.Find(own ?? whole, [.. points.Select(p => (p.X * crop.Width, p.Y * crop.Height))], crop, cancellation))
                        found.Add(crops.Length > 1 ? candidate with { Crop = crop } : candidate);
                    done += points.Length;
                    yield return new() { Share = done / clicks, Crop = crop, Candidates = found[before..] };
                }
                yield return new() { Share = done / clicks, Crop = crop, Decided = gatherer.AddCrop(found) };
            }
            finally
            {
                own?.Dispose();
            }
        }
        if (gatherer.Finish() is { Count: > 0 } corrected)
            yield return new() { Share = 1, Crop = new(0, 0, whole.Width, whole.Height), Decided = corrected };
    }

    public static MaskFilterOptions FilterOf(EverythingOptions options, InferenceSettings settings) => new()
    {
        PredictedIouThreshold = (float)(options.PredictedIouThreshold ?? settings.PredictedIouThreshold),
        StabilityThreshold = (float)(options.StabilityThreshold ?? settings.StabilityThreshold),
        StabilityOffset = options.StabilityOffset,
        MaskThreshold = options.MaskThreshold,
        MinMaskArea = options.MinMaskArea ?? settings.MinMaskArea,
        Overlap = options.Overlap ?? settings.Overlap,
        BoxNmsThreshold = options.NmsThreshold,
        CropNmsThreshold = options.CropNmsThreshold,
        MinRegionArea = options.MinRegionArea ?? settings.MinRegionArea,
    };
}
