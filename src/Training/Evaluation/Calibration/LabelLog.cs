using SemanticSam.Engine.Sessions;
using SemanticSam.Masks;
using SemanticSam.Training.Evaluation.Protocols;

namespace SemanticSam.Training.Evaluation.Calibration;

/// <summary>A mask whose true names are known, with the labels that it might get.</summary>
/// <param name="Image">Index of the image.</param>
/// <param name="Choices">The labels.</param>
/// <param name="Truth">Of each: 1 for the very name, <see cref="WiderTruth"/> for another that is true of it, 0 for a wrong one.</param>
internal sealed record LabeledMask(int Image, IReadOnlyList<LabelEvidence> Choices, double[] Truth)
{
    /// <summary>What a true label is worth that is not the very name.</summary>
    public const double WiderTruth = 0.6;

    public static LabeledMask Of(int image, MaskResult mask, IReadOnlyList<string> names, TrueNames wider) => new(image, mask.LabelEvidence.All,
        [.. mask.LabelEvidence.All.Select(c => names.Contains(c.Name) ? 1 : names.Any(n => wider.IsTrueOf(c.Name, n)) ? WiderTruth : 0)]);
}

/// <summary>From labeled masks to a judge of labels, and to what its judgments are worth.</summary>
internal static class LabelFit
{
    /// <summary>The judge; null where there are too few masks.</summary>
    public static MaskJudge? Fit(IEnumerable<LabeledMask> masks) => JudgeFit.Fit([.. masks.SelectMany(Judged)]);

    /// <summary>The label that a judge would choose of each mask, with its judgment and whether it is true, each half of the images judged by the other half:
    /// on masks that it was fitted to, a judge promises too much.</summary>
    public static IReadOnlyList<ScoredOutcome> Outcomes(IReadOnlyList<LabeledMask> masks)
    {
        var halves = masks.Where(m => m.Choices.Count > 0).ToLookup(m => m.Image % 2);
        var outcomes = new List<ScoredOutcome>();
        foreach (int half in new[] { 0, 1 })
        {
            if (Fit(halves[1 - half]) is not { } judge) return [];
            foreach (var mask in halves[half])
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
