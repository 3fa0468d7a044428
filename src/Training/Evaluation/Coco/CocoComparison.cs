using SemanticSam.Formats;

namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>The figures of detections against annotations.</summary>
internal static class CocoComparison
{
    /// <summary>Compares; masks only where every annotation and detection has one.</summary>
    /// <param name="set">What is there.</param>
    /// <param name="found">What was found, by image id.</param>
    /// <param name="problem">Told when masks are not measured though there are some.</param>
    public static IReadOnlyList<CocoSummary> Of(CocoSet set, ILookup<long, CocoDetection> found, Action<FormatProblem>? problem = null)
    {
        int truths = set.Images.Sum(i => i.Truths.Count(t => t.Mask is not null)), bareTruths = set.Images.Sum(i => i.Truths.Count(t => t.Mask is null));
        int masks = set.Images.Sum(i => found[i.Id].Count(d => d.Mask is not null)), bare = set.Images.Sum(i => found[i.Id].Count(d => d.Mask is null));
        bool measuresMasks = bareTruths + bare == 0;
        if (!measuresMasks && truths > 0 && masks > 0)
            problem?.Invoke(new("COCO", "", $"{bareTruths} of {truths + bareTruths} annotations and {bare} of {masks + bare} detections have a box and no mask",
                FormatOutcome.Noted, "boxes alone are measured"));
        CocoEvaluator[] evaluators = [.. (measuresMasks ? new[] { CocoMeasure.Masks, CocoMeasure.Boxes } : [CocoMeasure.Boxes])
            .Select(m => new CocoEvaluator(m, set.Classes.Count))];
        foreach (var image in set.Images)
            foreach (var evaluator in evaluators) evaluator.Add(image.Truths, [.. found[image.Id]]);
        return [.. evaluators.Select(e => e.Summarize())];
    }
}
