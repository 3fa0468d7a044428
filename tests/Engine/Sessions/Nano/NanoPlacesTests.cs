using SemanticSam.Engine;
using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Nano;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Engine.Sessions.Nano;

/// <summary>Clicks, boxes, masks and earlier answers, all from one encoding.</summary>
public sealed class NanoPlacesTests : NanoSession
{
    [Fact]
    public void Segment_Click_HasTheNetworksAnswersFromTheLargestLevelToTheSmallest()
    {
        var masks = Session.Segment(Prompt.At(60, 40));
        Assert.Equal(GranularityMap.All.Select(l => (GranularityLevel?)l), masks.Select(m => m.Level));

        using var scope = NewDisposeScope();
        using var network = Rounded();
        var image = Resize.To(TinyNano.Image(), 96, 64);
        Tensor pixels = tensor(image.Pixels, [64, 96, 3], dtype: ScalarType.Byte).to(ScalarType.Float32).flip(-1) - tensor(NanoModel.ChannelMeans);
        using var answers = new NanoInference(network, pixels.unsqueeze(0).permute(0, 3, 1, 2), 64, 96);
        var (_, quality, drawing) = answers.Look([new NanoPlace { Clicks = [(60 * 96 / 150f / 4, 40 * 64 / 100f / 4, true)] }]);
        float[] expected = [.. quality.Reverse()]; // the network's smallest level is its first
        for (int i = 0; i < 6; i++) Assert.Equal(expected[i], masks[i].PredictedIou, 2e-3);

        float[] largest = answers.Draw(drawing, [new(0, 5)]);
        var upsampler = MaskUpsampler.Bilinear(new(16, 24), new(new(64, 96), new(64, 96), new(100, 150)));
        Assert.True(upsampler.Cut(largest).Mask.IoU(masks[0].Mask) > 0.98);
    }

    [Fact]
    public void Segment_LargeImage_DrawsMasksAtItsSizeWhereverTheyWereJudged()
    {
        using var large = Model.Open(Resize.To(TinyNano.Image(), 2400, 1600));
        var masks = large.Segment(Prompt.At(960, 640), new SegmentOptions { KeepLogits = true });
        var upsampler = MaskUpsampler.Bilinear(new(16, 24), new(new(64, 96), new(64, 96), new(1600, 2400)));
        foreach (var mask in masks)
        {
            var full = upsampler.Cut(mask.Logits!.Values.Span);
            Assert.Equal(full.Mask, mask.Mask);
            Assert.Equal(full.Stability, mask.StabilityScore, 0.01);
            Assert.Equal(full.Mask.Area / (1600.0 * 2400), mask.Evidence!.Value.Share, 0.002);
        }
        var best = Assert.Single(large.Segment(Prompt.At(960, 640), new SegmentOptions { Masks = MaskChoice.Single }));
        Assert.Equal(masks.MaxBy(m => m.PredictedIou)!.Mask, best.Mask);
    }

    [Fact]
    public void Segment_BoxOrMask_HasOneMaskOfNoLevel()
    {
        var box = Assert.Single(Session.Segment(Prompt.Around(20, 20, 100, 90)));
        var mask = Assert.Single(Session.Segment(new Prompt { Mask = Rectangle(20, 20, 60, 50) }));
        var mixed = Assert.Single(Session.Segment(new Prompt { Box = new(20, 20, 100, 90), Points = [new(50, 50), new(30, 30, false)] }));
        Assert.Null(box.Level);
        Assert.Null(mask.Level);
        Assert.NotEqual(box.PredictedIou, mixed.PredictedIou); // the points say something beside the box
        Assert.Equal([box.PredictedIou, mask.PredictedIou], Session.Segment([Prompt.Around(20, 20, 100, 90), new Prompt { Mask = Rectangle(20, 20, 60, 50) }])
            .Select(m => m.PredictedIou),
            new Tolerance());
    }

    [Fact]
    public void Segment_NegativePoint_ChangesTheAnswerOfEveryLevel()
    {
        var alone = Session.Segment(Prompt.At(60, 40));
        var corrected = Session.Segment(new Prompt { Points = [new(60, 40), new(100, 70, false)] });
        Assert.Equal(6, corrected.Count);
        Assert.All(alone.Zip(corrected), p => Assert.NotEqual(p.First.PredictedIou, p.Second.PredictedIou));
    }

    [Fact]
    public void Segment_LogitsOfAnAnswer_GoOnFromIt()
    {
        var first = Session.Segment(Prompt.At(60, 40), new SegmentOptions { KeepLogits = true })[2];
        Assert.Equal((16, 24), (first.Logits!.Height, first.Logits.Width));
        var second = Assert.Single(Session.Segment(new Prompt { Logits = first.Logits, Points = [new(60, 40), new(100, 70, false)] },
            new SegmentOptions { KeepLogits = true }));
        Assert.NotNull(second.Logits);
        var other =
            Assert.Single(Session.Segment(new Prompt
        {
            Logits = Session.Segment(Prompt.At(60, 40), new SegmentOptions { KeepLogits = true })[5].Logits, Points = [new(60, 40), new(100, 70, false)],
        }));
        Assert.NotEqual(second.PredictedIou, other.PredictedIou);
        var refused = Assert.Throws<PromptException>(() => Session.Segment(new Prompt { Logits = new MaskLogits(24, 24, new float[576]) }));
        Assert.Contains("takes 16 x 24", refused.Message);
    }

    [Fact]
    public void Segment_LevelsAsked_AreThoseGiven()
    {
        var masks = Session.Segment(Prompt.At(60, 40), new SegmentOptions { Levels = [GranularityLevel.Part, GranularityLevel.Whole] });
        Assert.Equal([GranularityLevel.Whole, GranularityLevel.Part], masks.Select(m => m.Level!.Value));
    }

    [Fact]
    public void Segment_Calibrated_MovesPredictedIouAlongTheKnots()
    {
        var settings = TinyNano.Lenient with { Calibration = new() { PredictedIou = [new(0, 0.1), new(1, 0.2)] } };
        using var folder = new TempFolder();
        using var model = TinyNano.Model(folder, settings);
        using var session = model.Open(TinyNano.Image());
        Assert.All(Session.Segment(Prompt.At(60, 40)).Zip(session.Segment(Prompt.At(60, 40))),
            p => Assert.Equal(0.1 + 0.1 * p.First.PredictedIou, p.Second.PredictedIou, 1e-5));
    }

    [Theory]
    [InlineData(1000, 2)]
    [InlineData(2, 700)]
    [InlineData(33, 1)]
    public void Open_NarrowImage_IsAnsweredAtItsOwnSize(int width, int height)
    {
        using var session = Model.Open(new RgbImage(width, height));
        Assert.All(session.Segment(Prompt.At(width / 2f, height / 2f)), m => Assert.Equal((width, height), (m.Mask.Width, m.Mask.Height)));
    }

    /// <summary>The network as the folder has it: weights in float16.</summary>
    private static NanoModel Rounded()
    {
        var network = TinyNano.Network();
        using var quiet = no_grad();
        foreach (var (_, tensor) in network.state_dict())
            if (tensor.is_floating_point()) tensor.copy_(tensor.to(ScalarType.Float16));
        return network;
    }

    private static Rle Rectangle(int left, int top, int width, int height) => Rle.FromBox(100, 150, new(left, top, left + width, top + height));

    private sealed class Tolerance : IEqualityComparer<float>
    {
        public bool Equals(float x, float y) => Math.Abs(x - y) < 1e-4;

        public int GetHashCode(float value) => 0;
    }
}
