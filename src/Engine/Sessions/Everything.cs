using SemanticSam.Masks;

namespace SemanticSam.Sessions;

/// <summary>Everything mode: clicks on a grid, then the filters of SAM's automatic mask generation (arXiv 2304.02643, appendix B).</summary>
internal static class Everything
{
    public static IReadOnlyList<MaskResult> Find(Segmenter segmenter, Features features, EverythingOptions options, IProgress<double>? progress,
        CancellationToken cancellation)
    {
        var settings = segmenter.Settings;
        var grid = PointGrid.Build(options.PointsPerSide ?? settings.PointsPerSide);
        var labels = segmenter.Labels(options.Vocabulary);
        double minIou = options.PredictedIouThreshold ?? settings.PredictedIouThreshold, minStability = options.StabilityThreshold ?? settings.StabilityThreshold;

        var kept = new List<(Candidate Candidate, (float, float) Point)>();
        for (int start = 0; start < grid.Length; start += options.PointsPerBatch)
        {
            cancellation.ThrowIfCancellationRequested();
            var points = grid.Skip(start).Take(options.PointsPerBatch).Select(p => ((float)(p.X * features.Width), (float)(p.Y * features.Height))).ToArray();
            var answers = segmenter.AnswerPlaces(features, [.. points.Select(p => Prompt.At(p.Item1, p.Item2))], labels);
            for (int i = 0; i < points.Length; i++)
                foreach (var candidate in answers[i])
                    // Written so that NaN, the stability of an empty mask, fails.
                    if (candidate.PredictedIou > minIou && candidate.Stability >= minStability && candidate.Mask.Area >= options.MinRegionArea
                        && (options.Levels?.Contains(candidate.Level) ?? true))
                        kept.Add((candidate, points[i]));
            progress?.Report(Math.Min(1, (start + options.PointsPerBatch) / (double)grid.Length));
        }

        // Masks, not boxes, decide: a part and the whole it fills nearly share a box.
        int[] survivors = Nms.KeepMasks([.. kept.Select(k => k.Candidate.Mask)], [.. kept.Select(k => k.Candidate.PredictedIou)], options.NmsThreshold);
        var results = new List<MaskResult>(survivors.Length);
        foreach (int i in survivors)
        {
            cancellation.ThrowIfCancellationRequested();
            var (candidate, point) = kept[i];
            var (mask, _) = MaskRegions.Clean(candidate.Mask, options.MinRegionArea);
            results.Add(ToResult(candidate with { Mask = mask }, options.LabelThreshold ?? settings.LabelThreshold) with { Point = point });
        }
        return ResultTree.WithParents([.. results.OrderByDescending(r => r.Area)]);
    }

    /// <summary>Keeps the likelier of the two labels, if it is likely enough: a mask is a whole or a part.</summary>
    public static MaskResult ToResult(Candidate candidate, double labelThreshold)
    {
        bool whole = candidate.Whole is { } w && w.Score >= labelThreshold && w.Score >= (candidate.Part?.Score ?? 0);
        bool part = !whole && candidate.Part is { } p && p.Score >= labelThreshold;
        return new MaskResult
        {
            Mask = candidate.Mask,
            PredictedIou = candidate.PredictedIou,
            StabilityScore = candidate.Stability,
            Level = candidate.Level,
            Whole = whole ? candidate.Whole : null,
            Part = part ? candidate.Part : null,
        };
    }
}
