using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Foundation;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Sessions.Nano;

public sealed class NanoLabelsTests
{
    /// <summary>The judge decides, for clicks and in everything mode; what it says is the score where no curve tells what that is worth.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Labels_OfAModelWithAJudge_AreThoseThatItPrefers(bool prefersParts)
    {
        var weights = new double[LabelEvidence.Count];
        weights[4] = 1; // whether it is a part's name
        double sure = 1 / (1 + Math.Exp(-4));
        var settings = TinyNano.Lenient with
        {
            Calibration = new()
            {
                Labels = new MaskJudge { Hidden = [weights], HiddenBias = [0], Output = [prefersParts ? 8 : -8], OutputBias = prefersParts ? -4 : 4 },
            },
        };
        using var folder = new TempFolder();
        TinyNano.Lay(folder.File("model"), settings);
        using var model = SegmentationModel.Load(folder.File("model"));
        using var session = model.Open(TinyNano.Image());
        var masks = session.Segment(Prompt.At(30, 30)).Concat(await session.CollectEverything()).ToList();
        var labeled = masks.Where(m => m.Whole is not null || m.Part is not null).ToList(); // scraps of less than a cell get none
        Assert.True(labeled.Count > masks.Count / 2, $"{labeled.Count} of {masks.Count}");
        Assert.All(labeled, mask =>
        {
            Assert.Equal(prefersParts, mask.Part is not null);
            Assert.Equal(!prefersParts, mask.Whole is not null);
            Assert.Equal(sure, (mask.Part ?? mask.Whole)!.Value.Score, 3);
        });
    }

    [Fact]
    public void Settings_WithAJudgeOfOtherNumbers_AreRefused()
    {
        using var folder = new TempFolder();
        TinyNano.Lay(folder.File("model"), TinyNano.Lenient with
        {
            Calibration = new() { Labels = new MaskJudge { Hidden = [[1.0, 2.0]], HiddenBias = [0], Output = [1], OutputBias = 0 } },
        });
        var refused = Assert.ThrowsAny<SemanticSamException>(() => SegmentationModel.Load(folder.File("model")));
        Assert.Contains("labels: unit 1 of 'hidden' has 2 weights; there are 14", refused.Message, StringComparison.Ordinal);
    }
}
