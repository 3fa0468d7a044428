using SemanticSam.Masks;
using SemanticSam.TextEncoder.Names;

namespace SemanticSam.Engine.Sessions;

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
        double labelThreshold = options.LabelThreshold ?? segmenter.Settings.LabelThreshold;
        options = options with { Levels = null, Vocabulary = prompt.Names.Count > 0 ? prompt.Names : options.Vocabulary };
        using var labels = segmenter.Labels(options.Vocabulary);
        var thing = Thing(segmenter.AnswerPlaces(features, [prompt], labels)[0]);
        if (thing is null) return [];

        var usual = Everything.FilterOf(options, segmenter.Settings);
        // Inside a known thing weaker evidence is enough.
        double iou = options.PredictedIouThreshold is null && segmenter.Settings.PartsPredictedIouThreshold is { } own ? own : usual.PredictedIouThreshold * 0.8;
        var filter = usual with { PredictedIouThreshold = (float)iou, StabilityThreshold = 0, Overlap = OverlapMeasure.Masks };
        var picture = new BoxI(0, 0, features.Width, features.Height);
        var finder = new CandidateFinder(segmenter, options, labels, filter, picture);
        var parts = new List<MaskResult>();
        foreach (var clicks in ClicksInside(thing.Mask).Chunk(options.PointsPerBatch))
            parts.AddRange(finder.Find(features, clicks, picture, CancellationToken.None).Where(p => p.Area > 0 && p.Area <= LargestShare * thing.Mask.Area
                && p.Mask.IntersectionArea(thing.Mask) >= Containment * p.Area));
        return ResultTree.WithParents([Labels.ToResult(thing, labelThreshold), .. MaskGatherer.WithinCrop(parts, filter).OrderByDescending(p => p.Area)]);
    }

    public static IReadOnlyList<MaskResult> WholeOf(Segmenter segmenter, Features features, Prompt prompt)
    {
        var settings = segmenter.Settings;
        using var labels = segmenter.Labels(prompt.Names.Count > 0 ? prompt.Names : null);
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
        return ResultTree.WithParents([.. chain.Select(c => Labels.ToResult(c, settings.LabelThreshold))]);
    }

    /// <summary>The whole object among a prompt's masks: of the levels that can be one, the mask of highest predicted IoU.</summary>
    private static Candidate? Thing(IReadOnlyList<Candidate> answer) =>
        answer.Where(c => !c.Mask.IsEmpty && c.Level is GranularityLevel.Group or GranularityLevel.Whole).MaxBy(c => c.PredictedIou)
        ?? answer.Where(c => !c.Mask.IsEmpty).MaxBy(c => c.PredictedIou);

    private static List<(double X, double Y)> ClicksInside(Rle mask)
    {
        var bounds = mask.Bounds;
        double step = Math.Max(1, Math.Max(bounds.Width, bounds.Height) / (double)ClicksAlong);
        var clicks = new List<(double, double)>();
        for (double y = bounds.Top + step / 2; y < bounds.Bottom; y += step)
            for (double x = bounds.Left + step / 2; x < bounds.Right; x += step)
                if (mask.Contains((int)x, (int)y))
                    clicks.Add((x, y));
        return clicks;
    }
}
