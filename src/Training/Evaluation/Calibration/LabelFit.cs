using SemanticSam.Engine.Sessions;
using SemanticSam.Masks;

namespace SemanticSam.Training.Evaluation.Calibration;

/// <summary>From labeled masks to a judge of labels, and to what its judgments are worth.</summary>
internal static class LabelFit
{
    /// <summary>The judge; null where there are too few masks.</summary>
    public static MaskJudge? Fit(IEnumerable<LabeledMask> masks) => JudgeFit.Fit([.. masks.SelectMany(Judged)]);

    /// <summary>
    /// The label that a judge would choose of each mask of a click, with its judgment and whether it is true, each half of the images judged by the other
    /// half: on masks that it was fitted to, a judge promises too much.
    /// </summary>
    public static IReadOnlyList<ScoredOutcome> Outcomes(IReadOnlyList<LabeledMask> masks)
    {
        var halves = masks.Where(m => m.Choices.Count > 0).ToLookup(m => m.Image % 2);
        var outcomes = new List<ScoredOutcome>();
        foreach (int half in new[] { 0, 1 })
        {
            if (Fit(halves[1 - half]) is not { } judge) return [];
            foreach (var mask in halves[half].Where(m => m.IsOfClick))
            {
                var (worth, at) = mask.Choices.Select((c, i) => (judge.Of(c), i)).Max();
                outcomes.Add(new(mask.Image, worth, mask.Truth[at] > 0 ? 1 : 0));
            }
        }
        return outcomes;
    }

    private static IEnumerable<JudgedMask> Judged(LabeledMask mask) => mask.Choices.Select((choice, i) =>
    {
        var numbers = new double[LabelEvidence.Count];
        choice.Write(numbers);
        return new JudgedMask(mask.Image, numbers, mask.Truth[i]);
    });
}
