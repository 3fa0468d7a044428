using SemanticSam.Masks;

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

    /// <summary>Masks around a place are one step of the chain when their IoU exceeds this.</summary>
    private const double SameStep = 0.8;

    /// <summary>Inside a known thing weaker evidence is enough: this share of everything mode's predicted IoU, unless the model says otherwise.</summary>
    private const double PredictedIouShare = 0.8;

    public static IReadOnlyList<MaskResult> PartsOf(EncodedImage image, Prompt prompt, EverythingOptions options)
    {
        var settings = image.Model.Settings;
        options = options with { Levels = null, Vocabulary = prompt.Names.Count > 0 ? prompt.Names : options.Vocabulary };
        var thing = Thing(image.AnswerPlaces([prompt], new(options.Vocabulary))[0]);
        if (thing is null) return [];

        var usual = image.Model.Filter(options);
        double iou = options.PredictedIouThreshold is null && settings.PartsPredictedIouThreshold is { } own
            ? own
            : usual.Thresholds.PredictedIouThreshold!.Value * PredictedIouShare;
        var filter = usual.With(new() { PredictedIouThreshold = iou, StabilityThreshold = double.NegativeInfinity, Overlap = OverlapMeasure.Masks });
        var parts = new List<MaskResult>();
        using var finder = new CandidateFinder(image, options, filter, image.Frame, image.Frame);
        foreach (var clicks in ClicksInside(thing.Mask).Chunk(options.PointsPerBatch))
            parts.AddRange(finder.Find(clicks, CancellationToken.None).Where(p => p.Area > 0 && p.Area <= LargestShare * thing.Mask.Area
                && p.Mask.IntersectionArea(thing.Mask) >= Containment * p.Area));
        double labelThreshold = options.LabelThreshold ?? settings.LabelThreshold;
        var distinct = new MaskGatherer(filter.Thresholds, severalCrops: false).WithinCrop(parts);
        return ResultTree.WithParents([LabelChoice.ToResult(thing, labelThreshold), .. distinct.OrderByDescending(p => p.Area)]);
    }

    public static IReadOnlyList<MaskResult> WholeOf(EncodedImage image, Prompt prompt)
    {
        var answer = image.AnswerPlaces([prompt], new(prompt.Names.Count > 0 ? prompt.Names : null))[0];
        if (Thing(answer) is not { } thing) return [];
        // From the smallest to the thing, each holding the one before and clearly smaller than the next.
        var chain = new List<Candidate>();
        foreach (var candidate in answer.Where(c => !c.Mask.IsEmpty && c.Mask.Area <= thing.Mask.Area).OrderBy(c => c.Mask.Area))
        {
            bool holds = chain.Count == 0 || candidate.Mask.IntersectionArea(chain[^1].Mask) >= Containment * chain[^1].Mask.Area;
            if (!holds) continue;
            if (chain.Count > 0 && chain[^1].Mask.IoU(candidate.Mask) > SameStep)
                chain[^1] = candidate.PredictedIou >= chain[^1].PredictedIou || ReferenceEquals(candidate, thing) ? candidate : chain[^1];
            else
                chain.Add(candidate);
        }
        return ResultTree.WithParents([.. chain.Select(c => LabelChoice.ToResult(c, image.Model.Settings.LabelThreshold))]);
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
