using CsCheck;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class DistanceTransformTests
{
    [SkippableFact]
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

    [SkippableFact]
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

    /// <summary>The whole image convolved in every step, as the specification has it.</summary>
    [Fact]
    public void Compute_AnyMask_EqualsTheConvolutionsStepByStep() => RleTests.GenMask.Sample(m =>
    {
        var (h, w) = (m.H, m.W);
        float[] done = [.. m.Pixels.Select(p => 1f - p)], expected = new float[done.Length];
        for (int step = 0; ; step++)
        {
            float[] before = [.. done];
            bool found = false;
            for (int i = 0; i < done.Length; i++)
            {
                float sum = 0;
                for (int k = 0; k < 9; k++)
                {
                    int dx = k % 3 - 1, dy = k / 3 - 1, x = Math.Clamp(i % w + dx, 0, w - 1), y = Math.Clamp(i / w + dy, 0, h - 1);
                    sum += (float)Math.Exp(MathF.Sqrt(dx * dx + dy * dy) / -0.35f) * before[y * w + x];
                }
                float c = sum == 0 ? 0 : -0.35f * (float)Math.Log(sum);
                if (!(c > 0)) continue;
                found = true;
                expected[i] += 3 * step / 2 + c;
                done[i] = 1;
            }
            if (!found) break;
        }
        Assert.Equal(expected, DistanceTransform.Compute(m.Pixels, h, w));
    });

    [Fact]
    public void Compute_WithoutBackground_IsZero() => Assert.Equal(new float[12], DistanceTransform.Compute(Enumerable.Repeat((byte)1, 12).ToArray(), 3, 4));

    [Fact]
    public void FindClick_Box_IsTheFirstOfItsRidge() => Assert.Equal((24, 15), DistanceTransform.FindClick(Rle.FromBox(40, 50, new(20, 10, 30, 25))));

    [Fact]
    public void FindClick_EmptyMask_IsRefused() => Assert.Throws<ArgumentException>(() => DistanceTransform.FindClick(Rle.Empty(3, 3)));
}
