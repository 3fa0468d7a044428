using SemanticSam.Masks;
using SemanticSam.Training.Evaluation.Calibration;

namespace SemanticSam.Tests.Training.Evaluation.Calibration;

public sealed class LabelFitTests
{
    /// <summary>"Head" fits best everywhere, and is true only of what is large; else the second one is.</summary>
    private static List<LabeledMask> Masks(int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            bool isLarge = random.Next(2) == 0;
            double share = isLarge ? 0.3 + 0.3 * random.NextDouble() : 0.01 * random.NextDouble();
            LabelEvidence first = new("head", true, 1, 0.9f, 0.9f, 0.85f, share, 0.8f, 0), second = new("eye", true, 1, 0.85f, 0.9f, 0.8f, share, 0.85f, 0);
            return new LabeledMask(i, [first, second], isLarge ? [1, 0] : [0, 1]) { IsOfClick = i % 4 != 0 };
        })];
    }

    [Fact]
    public void Fit_FindsWhenTheBestFitIsWrong()
    {
        var judge = LabelFit.Fit(Masks(1000))!;
        judge.Validate("labels", LabelEvidence.Count);
        foreach (var mask in Masks(20)) Assert.Equal(mask.Truth[0] > mask.Truth[1], judge.Of(mask.Choices[0]) > judge.Of(mask.Choices[1]));
    }

    /// <summary>Each mask of a click is judged by a judge that never saw its image, and the label chosen is the one that counts.</summary>
    [Fact]
    public void Outcomes_AreThoseOfTheChosenLabels()
    {
        var masks = Masks(1200);
        var outcomes = LabelFit.Outcomes(masks);
        Assert.Equal(masks.Count(m => m.IsOfClick), outcomes.Count);
        Assert.True(outcomes.Average(o => o.Outcome) > 0.97);
        Assert.All(outcomes, o => Assert.InRange(o.Score, 0, 1));
    }

    [Fact]
    public void Fit_TooFewMasks_IsNone()
    {
        Assert.Null(LabelFit.Fit(Masks(100)));
        Assert.Empty(LabelFit.Outcomes(Masks(100)));
    }

    [Fact]
    public void Choices_WithTheSameEvidence_AreEqual()
    {
        LabelEvidence evidence = new("head", true, 1, 0.9f, 0.9f, 0.85f, 0.1, 0.8f, 0);
        Assert.Equal(new LabelChoices([evidence]), new LabelChoices([evidence]));
        Assert.NotEqual(new LabelChoices([evidence]), new LabelChoices([evidence with { Fit = 0.1f }]));
    }
}
