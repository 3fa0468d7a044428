namespace SemanticSam.Training.Evaluation.Calibration;

/// <summary>
/// From raw scores to what they are worth: straight lines between a few knots, rising everywhere, so that the order of scores stays.
/// Fitted by isotonic regression (pool adjacent violators) over bins of equal count, of which those knots are kept that matter most.
/// </summary>
/// <param name="Knots">Raw and calibrated scores, both rising, from a raw score of 0 to one of 1.</param>
internal sealed record CalibrationCurve(IReadOnlyList<(double Raw, double Calibrated)> Knots)
{
    private const int MostBins = 40, LeastInBin = 20, MostKnots = 8, Digits = 5;
    private const double LeastSlope = 0.01, GoodEnough = 0.004;

    /// <summary>Fits a curve; null where there are too few scores to say anything.</summary>
    public static CalibrationCurve? Fit(IReadOnlyCollection<ScoredOutcome> all)
    {
        int bins = Math.Min(MostBins, all.Count / LeastInBin);
        if (bins < 2) return null;
        var sorted = all.OrderBy(s => s.Score).ToArray();
        var points = Enumerable.Range(0, bins).Select(b => sorted[(int)((long)b * sorted.Length / bins)..(int)((long)(b + 1) * sorted.Length / bins)])
            .Select(bin => (Raw: Math.Clamp(bin.Average(s => s.Score), 0, 1), Outcome: bin.Average(s => s.Outcome), Weight: bin.Length)).ToArray();
        return new(Rising(WithEnds(Chosen(Isotonic(points)))));
    }

    /// <summary>What a raw score is worth.</summary>
    public double Apply(double raw)
    {
        int next = 1;
        while (next < Knots.Count - 1 && Knots[next].Raw < raw) next++;
        var (a, b) = (Knots[next - 1], Knots[next]);
        return Math.Clamp(a.Calibrated + (b.Calibrated - a.Calibrated) * (raw - a.Raw) / (b.Raw - a.Raw), 0, 1);
    }

    /// <summary>The expected calibration error that curves fitted on one half of the images leave on the other; null where there is too little.</summary>
    public static double? CrossFittedError(IReadOnlyCollection<ScoredOutcome> all)
    {
        var halves = all.ToLookup(s => s.Image % 2);
        var mapped = new List<ScoredOutcome>(all.Count);
        foreach (int half in new[] { 0, 1 })
        {
            if (Fit([.. halves[1 - half]]) is not { } curve) return null;
            mapped.AddRange(halves[half].Select(s => s with { Score = curve.Apply(s.Score) }));
        }
        return Reliability.Error(mapped);
    }

    private static List<(double Raw, double Value, double Weight)> Isotonic(IEnumerable<(double Raw, double Outcome, int Weight)> points)
    {
        var pools = new List<(double Sum, double Weight, List<(double Raw, double Weight)> Members)>();
        foreach (var (raw, outcome, weight) in points)
        {
            pools.Add((outcome * weight, weight, [(raw, weight)]));
            while (pools.Count > 1 && pools[^2].Sum / pools[^2].Weight >= pools[^1].Sum / pools[^1].Weight)
            {
                var (a, b) = (pools[^2], pools[^1]);
                pools.RemoveRange(pools.Count - 2, 2);
                pools.Add((a.Sum + b.Sum, a.Weight + b.Weight, [.. a.Members, .. b.Members]));
            }
        }
        return [.. pools.SelectMany(p => p.Members.Select(m => (m.Raw, p.Sum / p.Weight, m.Weight)))];
    }

    /// <summary>First and last, then again and again the point that is farthest from the lines between those chosen.</summary>
    private static List<(double Raw, double Value)> Chosen(List<(double Raw, double Value, double Weight)> points)
    {
        var chosen = new SortedSet<int> { 0, points.Count - 1 };
        while (chosen.Count < MostKnots - 2)
        {
            int[] at = [.. chosen];
            var worst = (Error: GoodEnough, Index: -1);
            for (int k = 1; k < at.Length; k++)
                for (int i = at[k - 1] + 1; i < at[k]; i++)
                {
                    var (a, b) = (points[at[k - 1]], points[at[k]]);
                    double line = b.Raw > a.Raw ? a.Value + (b.Value - a.Value) * (points[i].Raw - a.Raw) / (b.Raw - a.Raw) : a.Value;
                    if (Math.Abs(points[i].Value - line) > worst.Error) worst = (Math.Abs(points[i].Value - line), i);
                }
            if (worst.Index < 0) break;
            chosen.Add(worst.Index);
        }
        return [.. chosen.Select(i => (points[i].Raw, points[i].Value))];
    }

    /// <summary>On to raw scores of 0 and 1, of which there may be none in the data.</summary>
    private static List<(double Raw, double Value)> WithEnds(List<(double Raw, double Value)> knots)
    {
        if (knots[0].Raw > 0) knots.Insert(0, (0, Math.Max(0, knots[0].Value - knots[0].Raw)));
        if (knots[^1].Raw < 1) knots.Add((1, Math.Min(1, knots[^1].Value + (1 - knots[^1].Raw))));
        return knots;
    }

    private static List<(double Raw, double Calibrated)> Rising(List<(double Raw, double Value)> knots)
    {
        var rising = new List<(double Raw, double Calibrated)>();
        foreach (var (raw, value) in knots.Select(k => (Math.Round(k.Raw, Digits), k.Value)))
        {
            double step = rising.Count == 0 ? 0 : raw - rising[^1].Raw;
            if (rising.Count > 0 && step <= 0) continue; // equal scores that fell into two bins
            double least = rising.Count == 0 ? 0 : rising[^1].Calibrated + LeastSlope * step;
            rising.Add((raw, Math.Round(Math.Min(1, Math.Max(value, least)), Digits)));
        }
        return rising;
    }
}
