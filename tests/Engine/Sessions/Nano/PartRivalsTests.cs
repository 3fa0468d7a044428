using SemanticSam.Engine;
using SemanticSam.Engine.Sessions.Nano;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Sessions.Nano;

public sealed class PartRivalsTests
{
    private const float Threshold = -0.5f, Nowhere = -20;

    /// <summary>Two pieces of a map, each a row of five cells; a rival fits clearly better in some of the first.</summary>
    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public void Take_PieceOfWhichARivalHasMost_GoesAndTheOtherStays(int taken, bool goes)
    {
        float[] map = [1, 1, 1, 1, 1, -3, -3, -3, -3, -3, 1, 1, 1, 1, 1], before = [.. map];
        var rival = new float[map.Length];
        Array.Fill(rival, 2.5f, 0, taken);
        PartRivals.Take(map, [rival], 3, 5, Threshold, Nowhere);
        Assert.Equal(goes ? [.. Enumerable.Repeat(Nowhere, 5)] : before[..5], map[..5]);
        Assert.Equal(before[5..], map[5..]);
    }

    [Theory]
    [InlineData(1.9f)] // not clearly above the part's own 1
    [InlineData(-1)]
    public void Take_RivalThatFitsLittleBetterOrNotAtAll_TakesNothing(float logit)
    {
        float[] map = [1, 1, 1, 1], before = [.. map];
        PartRivals.Take(map, [new[] { logit, logit, logit, logit }], 2, 2, Threshold, Nowhere);
        Assert.Equal(before, map);
    }

    [Fact]
    public void Take_TwoRivalsThatHaveMostTogether_AreNotAddedUp()
    {
        float[] map = [1, 1, 1, 1], before = [.. map];
        PartRivals.Take(map, [new float[] { 3, 3, 0, 0 }, new float[] { 0, 0, 3, 3 }], 1, 4, Threshold, Nowhere);
        Assert.Equal(before, map);
    }

    /// <summary>The embedded model's network sees two mouths in this photo, at its bottom: the shoes, which it finds as well.</summary>
    [Fact]
    public void Segment_MouthOnAPhotoOfShoes_FindsNone()
    {
        using var model = SegmentationModel.Default();
        using var session = model.Open(ImageDecoder.Decode(Fixtures.OwnPath("wholepart/images/val/ccp_0034.jpg")));
        Assert.NotEmpty(session.Segment(Prompt.Named("shoe")));
        Assert.DoesNotContain(session.Segment(Prompt.Named("mouth")), m => m.Mask.Bounds.Top > m.Mask.Height * 0.7);
    }

    /// <summary>What a question found out about other parts serves the next questions.</summary>
    [Fact]
    public void Segment_AskedAgain_AnswersAlike()
    {
        using var model = SegmentationModel.Default();
        var image = ImageDecoder.Decode(Fixtures.OwnPath("wholepart/images/val/ccp_0034.jpg"));
        using var session = model.Open(image);
        var first = Ask();
        long bytes = session.Bytes;
        Assert.Equal(first, Ask());
        Assert.Equal(bytes, session.Bytes); // nothing was looked for again
        using var other = model.Open(image);
        Assert.Equal(other.Segment(Prompt.Named("hair")).Select(m => m.Mask.Area), session.Segment(Prompt.Named("hair")).Select(m => m.Mask.Area));

        (long, float)[] Ask() => [.. session.Segment(Prompt.Named("mouth", "shoe")).Select(m => ((long)m.Mask.Area, m.PredictedIou))];
    }
}
