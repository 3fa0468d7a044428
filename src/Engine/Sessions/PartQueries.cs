using SemanticSam.Masks;

namespace SemanticSam.Sessions;

/// <summary>"The parts of this" and "the whole of this", by clicks inside the thing and by containment.</summary>
internal static class PartQueries
{
    /// <summary>A part lies in its whole with at least this share of its pixels ...</summary>
    private const double Containment = 0.85;

    /// <summary>... and covers at most this share of it: more is the whole once more.</summary>
    private const double LargestShare = 0.75;

    /// <summary>Clicks along the longer side of the thing.</summary>
    private const int ClicksAlong = 12;

    public static IReadOnlyList<MaskResult> PartsOf(Segmenter segmenter, Features features, Prompt prompt, EverythingOptions options)
    {
        var settings = segmenter.Settings;
        double labelThreshold = options.LabelThreshold ?? settings.LabelThreshold;
        var labels = segmenter.Labels(prompt.Names.Count > 0 ? prompt.Names : options.Vocabulary);
        var thing = Thing(segmenter.AnswerPlaces(features, [prompt], labels)[0]);
        if (thing is null) return [];

        double minIou = (options.PredictedIouThreshold ?? settings.PredictedIouThreshold) * 0.8; // inside a known thing weaker evidence is enough
        var parts = new List<Candidate>();
        var clicks = ClicksInside(thing.Mask);
        for (int start = 0; start < clicks.Count; start += options.PointsPerBatch)
            foreach (var candidate in segmenter.AnswerPlaces(features, clicks.GetRange(start, Math.Min(options.PointsPerBatch, clicks.Count - start)), labels).SelectMany(a => a))
                if (candidate.PredictedIou > minIou && candidate.Mask.Area >= options.MinRegionArea && candidate.Mask.Area <= LargestShare * thing.Mask.Area
                    && candidate.Mask.IntersectionArea(thing.Mask) >= Containment * candidate.Mask.Area)
                    parts.Add(candidate);
        int[] kept = Nms.KeepMasks([.. parts.Select(p => p.Mask)], [.. parts.Select(p => p.PredictedIou)], options.NmsThreshold);
        var results = new List<MaskResult> { Everything.ToResult(thing, labelThreshold) };
        results.AddRange(kept.Select(i => parts[i]).OrderByDescending(p => p.Mask.Area).Select(p => Everything.ToResult(p, labelThreshold)));
        return ResultTree.WithParents(results);
    }

    public static IReadOnlyList<MaskResult> WholeOf(Segmenter segmenter, Features features, Prompt prompt)
    {
        var settings = segmenter.Settings;
        var labels = segmenter.Labels(prompt.Names.Count > 0 ? prompt.Names : null);
        var answer = segmenter.AnswerPlaces(features, [prompt], labels)[0];
        if (Thing(answer) is not { } thing) return [];
        // From the smallest to the thing, each holding the one before and clearly smaller than the next.
        var chain = new List<Candidate>();
        foreach (var candidate in answer.Where(c => !c.Mask.IsEmpty && c.Mask.Area <= thing.Mask.Area).OrderBy(c => c.Mask.Area))
        {
            bool holds = chain.Count == 0 || candidate.Mask.IntersectionArea(chain[^1].Mask) >= Containment * chain[^1].Mask.Area;
            if (!holds) continue;
            if (chain.Count > 0 && chain[^1].Mask.IoU(candidate.Mask) > 0.8)
                chain[^1] = candidate.PredictedIou >= chain[^1].PredictedIou || ReferenceEquals(candidate, thing) ? candidate : chain[^1];
            else
                chain.Add(candidate);
        }
        return ResultTree.WithParents([.. chain.Select(c => Everything.ToResult(c, settings.LabelThreshold))]);
    }

    /// <summary>The whole object among a prompt's masks: of the levels that can be one, the mask of highest predicted IoU.</summary>
    private static Candidate? Thing(IReadOnlyList<Candidate> answer) =>
        answer.Where(c => !c.Mask.IsEmpty && c.Level is Granularity.Group or Granularity.Whole).MaxBy(c => c.PredictedIou)
        ?? answer.Where(c => !c.Mask.IsEmpty).MaxBy(c => c.PredictedIou);

    private static List<Prompt> ClicksInside(Rle mask)
    {
        var bounds = mask.Bounds;
        double step = Math.Max(1, Math.Max(bounds.Width, bounds.Height) / (double)ClicksAlong);
        var clicks = new List<Prompt>();
        for (double y = bounds.Top + step / 2; y < bounds.Bottom; y += step)
            for (double x = bounds.Left + step / 2; x < bounds.Right; x += step)
                if (mask.Contains((int)x, (int)y))
                    clicks.Add(Prompt.At((float)x, (float)y));
        return clicks;
    }
}
