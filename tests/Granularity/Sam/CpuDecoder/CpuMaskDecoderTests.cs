using SemanticSam.Granularity.Sam.CpuDecoder;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Sam.CpuDecoder;

/// <summary>The CPU's decoder gives what the paper's gives.</summary>
public sealed class CpuMaskDecoderTests
{
    private const double Tolerance = 2e-5;

    [Theory]
    [InlineData("small", 1, 1, false)] // one prompt
    [InlineData("mobile_tiny", 40, 1, false)] // more than are worked on at a time, which is 4 of these
    [InlineData("mobile_tiny", 18, 2, true)] // each with an image of its own
    [InlineData("mobile_tiny", 1, 2, true)] // one with a mask, which is not the image as it is
    [InlineData("mobile_tiny", 2, 20, false)] // many tokens
    [InlineData("mobile_tiny", 2, 40, false)] // so many that the paper's transformer takes them
    [InlineData("small", 3, 20, true)]
    public void AttendAndDraw_Prompts_GiveThePapersMasks(string name, int prompts, int points, bool masks)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var model = SamConfigs.Model(name);
        int grid = model.Config.Grid, side = model.Config.ImageSize;
        var image = DetInput.Tensor("paths.image", 1, model.Config.Width, grid, grid);
        var places = (DetInput.Tensor("paths.points", prompts, points, 2) + 1) * (side / 2);
        var seeds = masks ? DetInput.Tensor("paths.masks", prompts, 1, 4 * grid, 4 * grid) * 8 : null;
        var embedded = model.PromptEncoder.forward(places, ones([prompts, points], ScalarType.Int64), masks: seeds);
        var written = model.MaskDecoder.PredictMasks(image, model.PromptEncoder.DensePosition(), embedded);

        var decoder = new CpuMaskDecoder(model.MaskDecoder, model.PromptEncoder);
        using var projected = decoder.Project(image);
        var (queries, keys, iou) = decoder.Attend(projected, image, embedded);
        Same(written.Masks, decoder.Draw(queries, keys, grid, grid, 0, written.Iou.shape[1]), "masks");
        Same(written.Iou, iou, "predicted IoU");
        Same(written.Masks.narrow(1, 1, 2), decoder.Draw(queries, keys, grid, grid, 1, 2), "some of the masks");
    }

    [Fact]
    public void Attend_WeightsChangedAfterIt_AreRead()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var model = SamConfigs.Model("small");
        int grid = model.Config.Grid;
        var image = DetInput.Tensor("paths.image", 1, model.Config.Width, grid, grid);
        var embedded = model.PromptEncoder.forward(zeros(1, 1, 2), ones([1, 1], ScalarType.Int64));
        var decoder = new CpuMaskDecoder(model.MaskDecoder, model.PromptEncoder);
        foreach (var parameter in model.MaskDecoder.parameters()) parameter.mul_(0.9);
        using var projected = decoder.Project(image);
        Same(model.MaskDecoder.PredictMasks(image, model.PromptEncoder.DensePosition(), embedded).Iou,
            decoder.Attend(projected, image, embedded).Iou, "predicted IoU");
    }

    private static void Same(Tensor expected, Tensor actual, string what)
    {
        Assert.Equal(expected.shape, actual.shape);
        Close.AssertAbsolute(actual.contiguous().data<float>().ToArray(), expected.contiguous().data<float>().ToArray(), Tolerance, what);
    }
}
