using SemanticSam.Training.Evaluation.Calibration;

namespace SemanticSam.Tests.Training.Evaluation.Calibration;

public sealed class CalibrationCurveTests
{
    private const int Count = 4000;

    /// <summary>Scores that promise too much: what is said to be s is worth s squared, up to noise.</summary>
    private static List<ScoredOutcome> TooSure()
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, Count).Select(i => random.NextDouble() is var s ? new ScoredOutcome(i, s, random.NextDouble() < s * s ? 1 : 0)
            : default)];
    }

    [Fact]
    public void Fit_ScoresThatPromiseTooMuch_TellsWhatTheyAreWorth()
    {
        var curve = CalibrationCurve.Fit(TooSure())!;
        foreach (double s in new[] { 0.1, 0.3, 0.5, 0.7, 0.9 }) Assert.InRange(curve.Apply(s), s * s - 0.08, s * s + 0.08);
        Assert.InRange(curve.Knots.Count, 3, 8);
    }

    [Fact]
    public void Fit_AnyScores_KeepsTheirOrder()
    {
        var random = new Random(3);
        var curve = CalibrationCurve.Fit([.. Enumerable.Range(0, Count)
            .Select(i => new ScoredOutcome(i, 0.2 + 0.5 * random.NextDouble(), random.NextDouble()))])!; // worth nothing
        double last = -1;
        for (double s = 0; s <= 1; s += 0.01)
        {
            Assert.True(curve.Apply(s) > last, $"{s}: {curve.Apply(s)} after {last}");
            last = curve.Apply(s);
        }
        Assert.Equal(0, curve.Knots[0].Raw);
        Assert.Equal(1, curve.Knots[^1].Raw);
    }

    [Fact]
    public void CrossFittedError_ScoresThatPromiseTooMuch_IsFarBelowTheirOwn()
    {
        var all = TooSure();
        double before = Reliability.Error(all)!.Value, after = CalibrationCurve.CrossFittedError(all)!.Value;
        Assert.InRange(before, 0.12, 0.2); // the mean of s - s² is 1/6
        Assert.InRange(after, 0, 0.03);
    }

    [Fact]
    public void Fit_FewScores_SaysNothing()
    {
        Assert.Null(CalibrationCurve.Fit([.. TooSure().Take(30)]));
        Assert.Null(Reliability.Error([]));
    }

    [Fact]
    public void Table_Scores_AreBinnedWithTheirOutcomes()
    {
        var table = Reliability.Table("id", "title", [new(0, 0.31, 0.5), new(0, 0.39, 0.7), new(1, 1.2, 1)]);
        Assert.Equal([0.35, 0.6, 2], table.Rows[3].Values.Select(v => Math.Round(v!.Value, 9)));
        Assert.Equal(1, table.Rows[^1].Values[2]); // a predicted IoU may exceed 1
        Assert.Null(table.Rows[0].Values[0]);
    }
}
