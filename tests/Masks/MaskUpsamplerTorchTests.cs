using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Tests.Masks;

/// <summary>SAM's two interpolations by torch, at sizes where float32 positions matter. The other tests of MaskUpsampler need no torch.</summary>
public sealed class MaskUpsamplerTorchTests
{
    [Theory]
    [InlineData(683, 1024, 200, 300)]
    [InlineData(1024, 700, 1920, 1313)]
    [InlineData(576, 1024, 97, 173)]
    [InlineData(1024, 1024, 1024, 1024)]
    public void Bilinear_SamSizes_EqualsTorchStepByStep(int inputHeight, int inputWidth, int height, int width)
    {
        using var scope = NewDisposeScope();
        var size = new PixelSize(256, 256);
        float[] low = Array.ConvertAll(SampleLogits.Blob(size, 3), v => v / 10);
        var square = F.interpolate(tensor(low, [1, 1, 256, 256]), [1024, 1024], mode: InterpolationMode.Bilinear, align_corners: false);
        var expected = F.interpolate(square.narrow(2, 0, inputHeight).narrow(3, 0, inputWidth), [height, width],
            mode: InterpolationMode.Bilinear, align_corners: false);
        var upsampler = MaskUpsampler.Bilinear(size, new ImageGeometry(new(1024, 1024), new(inputHeight, inputWidth), new(height, width)));
        float[] actual = upsampler.Upsample(low, new(0, 0, width, height)), reference = expected.contiguous().data<float>().ToArray();
        Close.AssertAbsolute(actual, reference, 2e-5, "logits");
        var mask = upsampler.Cut(low).Mask;
        Assert.InRange(GoldenMasks.Differing(Rle.FromLogits(reference, height, width), mask), 0, reference.Count(v => Math.Abs(v) < 2e-5));
    }
}
