using System.Text.Json;
using SemanticSam.Engine.Sessions;
using SemanticSam.Masks;
using SemanticSam.Training.Evaluation.Calibration;

namespace SemanticSam.Tests.Training.Evaluation.Calibration;

public class JudgeFitTests
{
    /// <summary>Masks whose worth hangs on their level and on a name that fits, and not at all on the network's own opinion.</summary>
    private static List<JudgedMask> Masks(int count)
    {
        var random = new Random(3);
        var masks = new List<JudgedMask>();
        for (int i = 0; i < count; i++)
        {
            var level = (GranularityLevel)random.Next(1, 7);
            float whole = random.NextSingle();
            masks.Add(JudgedMask.Alone(i, new(random.NextSingle(), random.NextSingle(), random.NextDouble(), level, whole, random.NextSingle()),
                level == GranularityLevel.Whole && whole > 0.5 ? 1 : 0));
        }
        return masks;
    }

    [Fact]
    public void Fit_FindsWhatTheWorthHangsOn()
    {
        var judge = JudgeFit.Fit(Masks(2000))!;
        judge.Validate("judge", MaskEvidence.Count);
        Assert.True(judge.Of(new MaskEvidence(0.1f, 0.5f, 0.1, GranularityLevel.Whole, 0.95f, 0.2f)) > 0.9);
        Assert.True(judge.Of(new MaskEvidence(0.9f, 0.5f, 0.1, GranularityLevel.Whole, 0.05f, 0.2f)) < 0.1);
        Assert.True(judge.Of(new MaskEvidence(0.9f, float.NaN, 0, GranularityLevel.Detail, 0.95f, 0.2f)) < 0.1);
    }

    /// <summary>Worth hangs on what another mask of the same click is like, which a judge that sees each mask alone cannot know.</summary>
    [Fact]
    public void Fit_MasksAmongOthers_FindsWhatTheOthersSay()
    {
        var random = new Random(4);
        var masks = new List<JudgedMask>();
        for (int click = 0; click < 600; click++)
        {
            bool isWhole = random.Next(2) == 0; // the mask of the whole tells which of the two is meant
            MaskEvidence[] all = [Evidence(GranularityLevel.Whole, isWhole ? 0.9f : 0.1f), Evidence(GranularityLevel.Part, 0.5f)];
            masks.Add(JudgedMask.Among(click, all[0], all, isWhole ? 1 : 0));
            masks.Add(JudgedMask.Among(click, all[1], all, isWhole ? 0 : 1));
        }
        var judge = JudgeFit.Fit(masks)!;
        judge.Validate("judge", MaskEvidence.CountAmong);
        var part = Evidence(GranularityLevel.Part, 0.5f);
        Assert.True(judge.Of(part, [Evidence(GranularityLevel.Whole, 0.1f), part]) > 0.9);
        Assert.True(judge.Of(part, [Evidence(GranularityLevel.Whole, 0.9f), part]) < 0.1);

        static MaskEvidence Evidence(GranularityLevel level, float whole) => new(0.5f, 0.5f, 0.1, level, whole, 0);
    }

    /// <summary>Of two masks that are alike in all else the one is meant in whose middle the click lies; or the one that another mask repeats.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fit_MasksAmongOthers_FindsWhatTheClickAndOverlapsSay(bool byClick)
    {
        var random = new Random(5);
        var masks = new List<JudgedMask>();
        for (int click = 0; click < 600; click++)
        {
            bool isMeant = random.Next(2) == 0;
            MaskEvidence[] all = [Evidence(isMeant)];
            masks.Add(JudgedMask.Among(click, all[0], all, isMeant ? 1 : 0));
        }
        var judge = JudgeFit.Fit(masks)!;
        Assert.InRange(judge.Of(Evidence(true), [Evidence(true)]), 0.9, 1);
        Assert.InRange(judge.Of(Evidence(false), [Evidence(false)]), 0, 0.1);

        MaskEvidence Evidence(bool isMeant) => new(0.5f, 0.5f, 0.1, GranularityLevel.Whole, 0.5f, 0)
        {
            Click = new(byClick && isMeant ? 1 : 0.2f, 0.2f, 0.3f, 0.1f, 0.7f, 0, 0), Overlaps = new() { Whole = !byClick && isMeant ? 1 : 0 },
        };
    }

    [Fact]
    public void Fit_SameMasks_SameJudge()
    {
        var masks = Masks(JudgeFit.LeastMasks);
        Assert.Equal(JsonSerializer.Serialize(JudgeFit.Fit(masks)), JsonSerializer.Serialize(JudgeFit.Fit(masks)));
    }

    [Fact]
    public void Fit_TooFewMasks_GivesNoJudge() => Assert.Null(JudgeFit.Fit(Masks(JudgeFit.LeastMasks - 1)));

    [Fact]
    public void FromJson_JudgeThatDoesNotFit_IsRefusedByName()
    {
        string unit = string.Join(",", Enumerable.Repeat("0", MaskEvidence.Count - 1));
        var e = Assert.Throws<JsonException>(() => InferenceSettings.FromJson(
            """{"calibration": {"found_masks": {"hidden": [[UNIT]], "hidden_bias": [0], "output": [1], "output_bias": 0}}}""".Replace("UNIT", unit)));
        Assert.Contains("found_masks: unit 1 of 'hidden' has 13 weights; there are 14", e.Message);
    }
}
