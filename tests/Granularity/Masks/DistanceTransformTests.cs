using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Masks;

public sealed class DistanceTransformTests
{
    [Fact]
    public void Compute_GoldenMask_EqualsReferenceBits()
    {
        var units = Golden.Load("semantic_sam/units.safetensors");
        var mask = units["dist.mask"];
        int h = (int)mask.Shape[^2], w = (int)mask.Shape[^1];
        byte[] pixels = [.. mask.Integers.Select(v => (byte)v)];
        float[] expected = units["dist.dt"].Floats;
        // The border of one pixel of background belongs to the map and is cut off afterwards.
        float[] padded = DistanceTransform.Compute(Rle.FromBytes(pixels, h, w).Paste(1, 1, h + 2, w + 2).ToBytes(), h + 2, w + 2);
        float[] actual = [.. Enumerable.Range(0, h * w).Select(i => padded[(i / w + 1) * (w + 2) + i % w + 1])];
        Assert.Equal(expected, actual);
        var (x, y) = DistanceTransform.FindClick(Rle.FromBytes(pixels, h, w));
        Assert.Equal(units["dist.argmax"].Integers[0], y * w + x);
    }

    [Fact]
    public void FindClick_EvaluationMasks_GivesReferenceClicks()
    {
        var masks = Golden.Load("semantic_sam/evaluation.safetensors")["gt_masks"];
        using var index = Fixtures.Json("semantic_sam/evaluation.json");
        int n = (int)masks.Shape[0], h = (int)masks.Shape[1], w = (int)masks.Shape[2], k = 0;
        foreach (var click in index.RootElement.GetProperty("click_pixels_xy").EnumerateArray())
        {
            byte[] pixels = [.. masks.Integers.Skip(k++ * h * w).Take(h * w).Select(v => (byte)v)];
            Assert.Equal((click[0].GetDouble(), click[1].GetDouble()), DistanceTransform.FindClick(Rle.FromBytes(pixels, h, w)));
        }
        Assert.Equal(n, k);
    }

    [Fact]
    public void Compute_WithoutBackground_IsZero() => Assert.Equal(new float[12], DistanceTransform.Compute(Enumerable.Repeat((byte)1, 12).ToArray(), 3, 4));

    [Fact]
    public void FindClick_Box_IsTheFirstOfItsRidge() => Assert.Equal((24, 15), DistanceTransform.FindClick(Rle.FromBox(40, 50, new(20, 10, 30, 25))));

    [Fact]
    public void FindClick_EmptyMask_IsRefused() => Assert.Throws<ArgumentException>(() => DistanceTransform.FindClick(Rle.Empty(3, 3)));
}
