using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// Everything mode: clicks on a grid over the image and its crops, their masks filtered as by SAM's automatic mask generation
/// (<c>SamAutomaticMaskGenerator.generate</c>; arXiv 2304.02643, appendix B).
/// </summary>
internal static class Everything
{
    /// <summary>
    /// The steps, each computed when it is asked for. Crops go in the order in which their masks win, so that each crop's masks are decided
    /// when it is done; the order of all is that of the reference.
    /// </summary>
    /// <param name="whole">The image; stays the caller's.</param>
    /// <param name="image">Its pixels; needed for crops alone.</param>
    /// <param name="options">Validated.</param>
    /// <param name="cancellation">Looked at between calls of the decoder.</param>
    public static IEnumerable<EverythingStep> Run(EncodedImage whole, RgbImage? image, EverythingOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (whole.AnswerEverything(options, cancellation) is { } steps)
        {
            foreach (var step in steps) yield return step;
            yield break;
        }
        var model = whole.Model;
        var crops = CropPlan.Of(model.ImageSize, whole.Size, options).Crops;
        bool severalCrops = crops.Count > 1;
        var grids = options.Grids(model.Settings.PointsPerSide);
        var filter = model.Filter(options);
        var gatherer = new MaskGatherer(filter.Thresholds, severalCrops);
        double clicks = crops.Sum(c => grids[c.Layer].Count), done = 0;
        foreach (var (crop, layer) in crops)
        {
            cancellation.ThrowIfCancellationRequested();
            using var own = layer == 0 ? null : model.Encode(image!.CropFull(crop.Left, crop.Top, crop.Width, crop.Height));
            using var finder = new CandidateFinder(own ?? whole, options, filter, crop, whole.Frame);
            var found = new List<MaskResult>();
            foreach (var points in grids[layer].Chunk(options.PointsPerBatch))
            {
                int before = found.Count;
                foreach (var candidate in finder.Find([.. points.Select(p => (p.X * crop.Width, p.Y * crop.Height))], cancellation))
                    found.Add(severalCrops ? candidate with { Crop = crop } : candidate);
                done += points.Length;
                yield return new() { Share = done / clicks, Crop = crop, Candidates = found[before..] };
            }
            yield return new() { Share = done / clicks, Crop = crop, Decided = gatherer.AddCrop(found) };
        }
        if (gatherer.Finish() is { Count: > 0 } corrected)
            yield return new() { Share = 1, Crop = whole.Frame, Decided = corrected };
    }
}
