using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// Masks of clicks that pass the filters: asks the decoder in batches that the memory allows, draws only what the predicted IoU does not
/// rule out, and brings to the picture's size only the pixels where a mask may be. A mask is run lengths before the next one is begun.
/// </summary>
internal sealed class CandidateFinder(Segmenter segmenter, EverythingOptions options, LabelSet? labels, MaskFilterOptions filter, BoxI picture)
{
    private readonly ClickRequest _request = new(options.Levels, labels, options.Isolation);
    private readonly double _labelThreshold = options.LabelThreshold ?? segmenter.Settings.LabelThreshold;

    /// <summary>The masks, click by click, in the decoder's order.</summary>
    /// <param name="features">Of the crop.</param>
    /// <param name="points">Clicks in pixels of the crop.</param>
    /// <param name="crop">Where in the picture it lies.</param>
    /// <param name="cancellation">Looked at between calls of the decoder.</param>
    public List<MaskResult> Find(Features features, (double X, double Y)[] points, BoxI crop, CancellationToken cancellation)
    {
        var memory = segmenter.MemoryOfClicks(features);
        long budget = options.MaxMemory / 5 * 3; // about as much as a third is lost between allocations, and some is taken once for good
        // Clicks that see each other must go together.
        int together = options.Isolation == PromptIsolation.Joint ? points.Length : Fitting(budget, memory.Attend, points.Length);
        var found = new List<MaskResult>();
        foreach (var clicks in points.Chunk(together))
        {
            cancellation.ThrowIfCancellationRequested();
            using var answers = segmenter.Click(features, clicks, _request);
            int[] promising = [.. Enumerable.Range(0, answers.PredictedIous.Length).Where(row => MaskFilter.IsPromising(answers.PredictedIous[row], filter))];
            int drawn = Fitting(budget - clicks.Length * memory.Kept, memory.Draw, clicks.Length);
            foreach (var rows in promising.GroupBy(row => row / answers.RowsPerClick).Chunk(drawn)) // the rows of a click share work
            {
                cancellation.ThrowIfCancellationRequested();
                AddTo(found, features, answers, [.. rows.SelectMany(row => row)], clicks, crop);
            }
        }
        return found;
    }

    private void AddTo(List<MaskResult> found, Features features, ClickAnswers answers, int[] rows, (double X, double Y)[] clicks, BoxI crop)
    {
        float[] low = answers.Draw(rows);
        int plane = features.Upsampler.LowHeight * features.Upsampler.LowWidth;
        var accepted = new MaskResult?[rows.Length];
        MaskPlanes.ForEach(rows.Length, i =>
            accepted[i] = MaskFilter.Accept(low.AsSpan(i * plane, plane), features.Upsampler, answers.PredictedIous[rows[i]], crop, picture, filter));
        for (int i = 0; i < rows.Length; i++)
        {
            if (accepted[i] is not { } mask) continue;
            var (whole, part) = answers.LabelsOf(rows[i]);
            found.Add(Labels.Apply(mask, whole, part, _labelThreshold) with
            {
                Level = answers.LevelOf(rows[i]),
                Point = CropBoxes.Uncrop(clicks[rows[i] / answers.RowsPerClick], crop),
            });
        }
    }

    private static int Fitting(long budget, long each, int most) => (int)Math.Clamp(budget / Math.Max(each, 1), 1, most);
}
