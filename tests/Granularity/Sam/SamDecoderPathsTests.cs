using SemanticSam.Granularity.Sam;
using SemanticSam.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Sam;

/// <summary>
/// Without gradients the decoder projects tokens instead of pixels and works on few prompts at a time. It gives what the modules in their
/// written order give, which a pass with gradients goes through.
/// </summary>
public sealed class SamDecoderPathsTests
{
    private const double Tolerance = 2e-5;

    [Theory]
    [InlineData("small", 1, 1, false)] // one prompt
    [InlineData("mobile_tiny", 40, 1, false)] // more than are worked on at a time, which is 4 of these
    [InlineData("mobile_tiny", 18, 2, true)] // each with a picture of its own
    [InlineData("mobile_tiny", 2, 20, false)] // many tokens
    [InlineData("mobile_tiny", 2, 40, false)] // so many that it is left alone
    [InlineData("small", 3, 20, true)]
    public void Forward_WithoutGradients_GivesTheSame(string name, int prompts, int points, bool masks)
    {
        using var scope = NewDisposeScope();
        using var model = SamConfigs.Model(name);
        int grid = model.Config.Grid, side = model.Config.ImageSize;
        var image = DetInput.Tensor("paths.image", 1, model.Config.Width, grid, grid);
        var places = (DetInput.Tensor("paths.points", prompts, points, 2) + 1) * (side / 2);
        var seeds = masks ? DetInput.Tensor("paths.masks", prompts, 1, 4 * grid, 4 * grid) * 8 : null;
        (Tensor Masks, Tensor Iou) Answer() => model.MaskDecoder.forward(image, model.PromptEncoder.DensePosition(),
            model.PromptEncoder.forward(places, ones([prompts, points], ScalarType.Int64), masks: seeds), multimask: true);

        var written = Answer();
        Assert.True(written.Masks.requires_grad);
        using var still = no_grad();
        var quick = Answer();

        Same(written.Masks, quick.Masks, "masks");
        Same(written.Iou, quick.Iou, "predicted IoU");
    }

    private static void Same(Tensor expected, Tensor actual, string what)
    {
        Assert.Equal(expected.shape, actual.shape);
        Close.AssertAbsolute(actual.contiguous().data<float>().ToArray(), expected.detach().contiguous().data<float>().ToArray(), Tolerance, what);
    }
}
