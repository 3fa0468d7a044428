namespace SemanticSam.Training.Evaluation.Calibration;

/// <summary>How far scores are from what they turn out to be worth (Guo et al., arXiv 1706.04599).</summary>
internal static class Reliability
{
    /// <summary>Bins of equal width between 0 and 1.</summary>
    public const int Bins = 10;

    /// <summary>Expected calibration error: the distance of mean score and mean outcome in each bin, weighted by its share; null for nothing.</summary>
    public static double? Error(IReadOnlyCollection<ScoredOutcome> all) =>
        all.Count == 0 ? null : Binned(all).Where(b => b.Count > 0).Sum(b =>
            b.Count * Math.Abs(b.Average(s => s.Score) - b.Average(s => s.Outcome))) / all.Count;

    /// <summary>The reliability table: mean score, mean outcome and count of each bin.</summary>
    public static EvaluationTable Table(string id, string title, IReadOnlyCollection<ScoredOutcome> all) =>
        new(id, title, ["score", "mean score", "mean outcome", "count"],
        [.. Binned(all).Select((b, i) => new EvaluationRow($"{i / (double)Bins:0.0} to {(i + 1) / (double)Bins:0.0}", b.Count == 0 ? [null, null, 0]
            : [b.Average(s => s.Score), b.Average(s => s.Outcome), b.Count]))]);

    private static List<ScoredOutcome>[] Binned(IEnumerable<ScoredOutcome> all)
    {
        List<ScoredOutcome>[] bins = [.. Enumerable.Range(0, Bins).Select(_ => new List<ScoredOutcome>())];
        foreach (var scored in all) bins[Math.Clamp((int)(scored.Score * Bins), 0, Bins - 1)].Add(scored);
        return bins;
    }
}
