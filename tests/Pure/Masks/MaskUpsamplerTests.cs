using CsCheck;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class MaskUpsamplerTests
{
    private static readonly Gen<PixelSize> Low = Gen.Select(Gen.Int[2, 20], Gen.Int[2, 20], (h, w) => new PixelSize(h, w));

    private static MaskUpsampler Of(PixelSize low, PixelSize cropped, PixelSize output, bool cubic)
    {
        var geometry = new ImageGeometry(new(low.Height * 4, low.Width * 4), cropped, output);
        return cubic ? MaskUpsampler.Bicubic(low, geometry) : MaskUpsampler.Bilinear(low, geometry);
    }

    private static readonly Gen<(PixelSize Low, MaskUpsampler Upsampler, int Seed)> Case =
        Gen.Select(Low, Gen.Double[0.3, 1], Gen.Double[0.3, 1], Gen.Int[1, 150], Gen.Int[1, 150], Gen.Bool, Gen.Int[0, 1000],
            (low, fh, fw, h, w, cubic, seed) =>
            (low, Of(low, new(Math.Max(1, (int)(fh * 4 * low.Height)), Math.Max(1, (int)(fw * 4 * low.Width))), new(h, w), cubic), seed));

    /// <summary>Only where a mask may be, or everywhere: the same mask and the same stability to the bit.</summary>
    [Fact]
    public void Cut_AnyPlane_EqualsCuttingTheWholePlaneBitForBit() =>
        Gen.Select(Case, Gen.Double[-2, 2], Gen.Double[0, 2]).Sample((c, threshold, offset) =>
        {
            float[] low = SampleLogits.Blob(c.Low, c.Seed);
            BoxI plane = new(0, 0, c.Upsampler.Width, c.Upsampler.Height), crop = new(3, 5, 3 + plane.Right, 5 + plane.Bottom);
            var cut = c.Upsampler.Cut(low, threshold, offset, crop, crop.Bottom + 7, crop.Right + 2);
            float[] full = c.Upsampler.Upsample(low, plane);
            Assert.Equal(Rle.FromLogits(full, crop, crop.Bottom + 7, crop.Right + 2, (float)threshold), cut.Mask);
            Assert.Equal(Stability.Score(full, threshold, offset), cut.Stability);
        }, iter: 1500);

    [Fact]
    public void Upsample_AnyWindow_IsThatOfTheWholePlaneBitForBit() =>
        Gen.Select(Case, Gen.Double.Unit, Gen.Double.Unit, Gen.Double.Unit, Gen.Double.Unit).Sample((c, a, b, d, e) =>
        {
            float[] low = SampleLogits.Blob(c.Low, c.Seed);
            var up = c.Upsampler;
            int left = (int)(a * (up.Width - 1)), top = (int)(b * (up.Height - 1)), width = 1 + (int)(d * (up.Width - left - 1)),
                height = 1 + (int)(e * (up.Height - top - 1));
            float[] whole = up.Upsample(low, new(0, 0, up.Width, up.Height)), window = up.Upsample(low, new(left, top, left + width, top + height));
            for (int y = 0; y < height; y++)
                Assert.Equal(whole.AsSpan((top + y) * up.Width + left, width).ToArray(), window.AsSpan(y * width, width).ToArray());
        }, iter: 300);

    [Fact]
    public void Cut_NoPixelAbove_IsEmptyAndOfNoStability()
    {
        var upsampler = Of(new(8, 8), new(32, 32), new(50, 60), cubic: true);
        var cut = upsampler.Cut(Enumerable.Repeat(-9f, 64).ToArray());
        Assert.Equal(Rle.Empty(50, 60), cut.Mask);
        Assert.True(float.IsNaN(cut.Stability));
        Assert.Equal(Rle.Full(50, 60), upsampler.Cut(Enumerable.Repeat(9f, 64).ToArray()).Mask);
        Assert.Equal(1, upsampler.Cut(Enumerable.Repeat(9f, 64).ToArray()).Stability);
    }
}
