using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>From the names that a decoder thinks of to the name of a mask.</summary>
internal static class LabelChoice
{
    /// <summary>Keeps the likelier of the two labels, if it is likely enough: a mask is a whole or a part.</summary>
    public static MaskResult Apply(MaskResult mask, ScoredLabel? whole, ScoredLabel? part, double threshold)
    {
        bool isWhole = whole is { } w && w.Score >= threshold && w.Score >= (part?.Score ?? 0);
        bool isPart = !isWhole && part is { } p && p.Score >= threshold;
        return isWhole ? mask with { Whole = whole } : isPart ? mask with { Part = part } : mask;
    }

    /// <summary>A candidate as a result.</summary>
    public static MaskResult ToResult(Candidate candidate, double threshold) => Apply(new MaskResult
    {
        Mask = candidate.Mask,
        PredictedIou = candidate.PredictedIou,
        StabilityScore = candidate.Stability,
        Level = candidate.Level,
        Logits = candidate.Logits,
        Evidence = candidate.Evidence,
        LabelEvidence = candidate.LabelEvidence,
    }, candidate.Whole, candidate.Part, threshold);
}
