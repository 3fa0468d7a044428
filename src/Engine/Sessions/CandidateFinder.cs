using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// Masks of clicks on one crop that pass the filters: asks the decoder in batches that the memory allows, draws only what the predicted IoU does not
/// rule out, and brings to the image's size only the pixels where a mask may be. A mask is run lengths before the next one is begun.
/// </summary>
internal sealed class CandidateFinder : IDisposable
{
    /// <summary>
    /// Share of <see cref="EverythingOptions.MaxMemory"/> that clicks are counted against: about as much as a third is lost between allocations, and
    /// some is taken once for good. From the former build on libtorch 1.13 (November 2026), not measured again.
    /// </summary>
    private const double UsableShare = 0.6;

    private readonly EncodedImage _encoded;
    private readonly ClickDecoder _decoder;
    private readonly MaskFilter _filter;
    private readonly BoxI _crop, _image;
    private readonly double _labelThreshold;
    private readonly long _budget;
    private readonly bool _joint;

    /// <param name="encoded">The crop; stays the caller's.</param>
    /// <param name="options">Validated.</param>
    /// <param name="filter">What masks must satisfy.</param>
    /// <param name="crop">Where in the image the crop lies.</param>
    /// <param name="image">The whole image.</param>
    public CandidateFinder(EncodedImage encoded, EverythingOptions options, MaskFilter filter, BoxI crop, BoxI image)
    {
        (_encoded, _filter, _crop, _image) = (encoded, filter, crop, image);
        _labelThreshold = options.LabelThreshold ?? encoded.Model.Settings.LabelThreshold;
        _budget = (long)(options.MaxMemory * UsableShare);
        _joint = options.JointClicks;
        _decoder = encoded.OpenClicks(new(options.Levels, options.Vocabulary, _joint));
    }

    /// <summary>The masks, click by click, in the decoder's order.</summary>
    /// <param name="points">Clicks in pixels of the crop.</param>
    /// <param name="cancellation">Looked at between calls of the decoder.</param>
    public List<MaskResult> Find(IReadOnlyCollection<(double X, double Y)> points, CancellationToken cancellation)
    {
        var memory = _decoder.Memory;
        // Clicks that see each other must go together.
        int together = _joint ? Math.Max(points.Count, 1) : Fitting(_budget, memory.Attend, points.Count);
        var found = new List<MaskResult>();
        foreach (var clicks in points.Chunk(together))
        {
            cancellation.ThrowIfCancellationRequested();
            using var decoded = _decoder.Decode(clicks);
            int[] promising = [.. Enumerable.Range(0, decoded.PredictedIous.Length).Where(row => decoded.IsPromising(row, _filter))];
            int drawn = Fitting(_budget - clicks.Length * memory.Kept, memory.Draw, clicks.Length);
            foreach (var rows in promising.GroupBy(row => row / decoded.RowsPerClick).Chunk(drawn)) // the rows of a click share work
            {
                cancellation.ThrowIfCancellationRequested();
                AddTo(found, decoded, [.. rows.SelectMany(row => row)], clicks);
            }
        }
        return found;
    }

    public void Dispose() => _decoder.Dispose();

    private void AddTo(List<MaskResult> found, DecodedClicks decoded, int[] rows, (double X, double Y)[] clicks)
    {
        float[] low = decoded.Draw(rows);
        var upsampler = _encoded.Upsampler;
        int plane = upsampler.LowHeight * upsampler.LowWidth;
        var accepted = new MaskResult?[rows.Length];
        MaskDrawing.ForEach(rows.Length, i =>
            accepted[i] = _filter.Accept(low.AsSpan(i * plane, plane), upsampler, decoded.PredictedIous[rows[i]], _crop, _image));
        for (int i = 0; i < rows.Length; i++)
        {
            if (accepted[i] is not { } drawn || decoded.Judge(rows[i], drawn, _filter) is not { } mask) continue;
            var (whole, part) = decoded.LabelsOf(rows[i]);
            found.Add(LabelChoice.Apply(mask, whole, part, _labelThreshold) with
            {
                Level = decoded.LevelOf(rows[i]),
                Point = CropBoxes.Uncrop(clicks[rows[i] / decoded.RowsPerClick], _crop),
            });
        }
    }

    private static int Fitting(long budget, long each, int most) => (int)Math.Clamp(budget / Math.Max(each, 1), 1, Math.Max(most, 1));
}
