using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// "The parts of this" and "the whole of this": by clicks inside the thing and by containment, and, where the model knows which parts things
/// have, by their names.
/// </summary>
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

    /// <summary>The thing at a place, or each thing of the names, with its parts.</summary>
    public static IReadOnlyList<MaskResult> PartsOf(EncodedImage image, Prompt prompt, EverythingOptions options)
    {
        var settings = image.Model.Settings;
        double labelThreshold = options.LabelThreshold ?? settings.LabelThreshold;
        options = options with { Levels = null, Vocabulary = prompt.HasPlace && prompt.Names.Count > 0 ? prompt.Names : options.Vocabulary };
        if (!prompt.HasPlace)
            return ResultTree.WithParents(
                [.. image.AnswerNames(prompt.Names, null).SelectMany(a => a.Masks).SelectMany(thing => WithParts(image, thing, options))]);
        var candidate = Thing(image.AnswerPlaces([prompt], new(options.Vocabulary))[0]);
        return candidate is null ? [] : ResultTree.WithParents(WithParts(image, LabelChoice.ToResult(candidate, labelThreshold), options));
    }

    /// <summary>What is at a place, or each thing of the names, and what it belongs to.</summary>
    public static IReadOnlyList<MaskResult> WholeOf(EncodedImage image, Prompt prompt)
    {
        var settings = image.Model.Settings;
        if (!prompt.HasPlace)
            return ResultTree.WithParents(
                [.. image.AnswerNames(prompt.Names, null).SelectMany(a => a.Masks).SelectMany(piece => WithWholes(image, [piece]))]);
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
        return ResultTree.WithParents(WithWholes(image, [.. chain.Select(c => LabelChoice.ToResult(c, settings.LabelThreshold))]));
    }

    /// <summary>A thing, then its parts, largest first.</summary>
    private static List<MaskResult> WithParts(EncodedImage image, MaskResult thing, EverythingOptions options)
    {
        var usual = image.Model.Filter(options);
        double iou = options.PredictedIouThreshold is null && image.Model.Settings.PartsPredictedIouThreshold is { } own
            ? own
            : usual.Thresholds.PredictedIouThreshold!.Value * PredictedIouShare;
        var filter = usual.With(new() { PredictedIouThreshold = iou, StabilityThreshold = double.NegativeInfinity, Overlap = OverlapMeasure.Masks });
        var found = new List<MaskResult>();
        using var finder = new CandidateFinder(image, options, filter, image.Frame, image.Frame);
        foreach (var clicks in ClicksInside(thing.Mask).Chunk(options.PointsPerBatch))
            found.AddRange(finder.Find(clicks, CancellationToken.None).Where(IsPart));
        var parts = thing.Part is null && thing.Whole is { } whole ? image.NamedParts(thing.Mask, whole.Label).Where(IsPart).ToList() : [];
        double same = filter.Thresholds.NmsThreshold!.Value;
        parts.AddRange(new MaskGatherer(filter.Thresholds, severalCrops: false).WithinCrop(found)
            .Where(p => !parts.Exists(n => Nms.Overlap(n.Mask, p.Mask, same))).ToList());
        return [thing, .. parts.OrderByDescending(p => p.Area)];

        bool IsPart(MaskResult part) => part.Area > 0 && part.Area <= LargestShare * thing.Area
            && part.Mask.IntersectionArea(thing.Mask) >= Containment * part.Area;
    }

    /// <summary>A chain of masks, each within the next, and the wholes around it that are known by name.</summary>
    private static List<MaskResult> WithWholes(EncodedImage image, IReadOnlyList<MaskResult> chain)
    {
        var result = chain.ToList();
        if (chain[0].Part is not { } part) return result;
        foreach (var whole in image.NamedWholes(chain[0].Mask, part.Label))
        {
            if (whole.Area <= chain[0].Area || whole.Mask.IntersectionArea(chain[0].Mask) < Containment * chain[0].Area) continue;
            int twin = result.FindIndex(m => m.Mask.IoU(whole.Mask) > SameStep);
            if (twin < 0) result.Add(whole);
            else if (result[twin].Part is null) result[twin] = result[twin] with { Whole = whole.Whole };
        }
        return [.. result.OrderBy(m => m.Area)];
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
