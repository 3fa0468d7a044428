using CsCheck;
using SemanticSam.Masks;
using SemanticSam.Tests.Pure.Support;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class MaskRegionsTests
{
    [Fact]
    public void Components_AnyMask_ArePartsThatDoNotTouch() => RleTests.GenMask.Sample(m =>
    {
        var mask = Rle.FromBytes(m.Pixels, m.H, m.W);
        var parts = MaskRegions.Components(mask);
        Assert.Equal(SlowRegionCount(m.Pixels, m.H, m.W), parts.Count);
        Assert.Equal(mask.Area, parts.Sum(p => p.Area));
        if (parts.Count > 0) Assert.Equal(mask, Rle.Merge(parts));
        foreach (var part in parts) Assert.Single(MaskRegions.Components(part));
    });

    [Fact]
    public void RemoveSmall_AnyMask_LeavesNoSmallRegion() => Gen.Select(RleTests.GenMask, Gen.Int[0, 80]).Sample((m, threshold) =>
    {
        var mask = Rle.FromBytes(m.Pixels, m.H, m.W);
        var (islands, changed) = MaskRegions.RemoveSmall(mask, threshold, RegionKind.Islands);
        var left = MaskRegions.Components(islands);
        Assert.True(left.Count <= 1 || left.All(p => p.Area >= threshold));
        Assert.Equal(islands.Area, islands.IntersectionArea(mask));
        Assert.Equal(mask.IsEmpty, islands.IsEmpty);
        if (!changed) Assert.Same(mask, islands);
        var (filled, _) = MaskRegions.RemoveSmall(mask, threshold, RegionKind.Holes);
        Assert.All(MaskRegions.Components(filled.Complement()), p => Assert.True(p.Area >= threshold));
        Assert.Equal(mask.Area, filled.IntersectionArea(mask));
    });

    [Fact]
    public void RemoveSmall_EquallyLargeIslands_KeepsTheFirstBlockOfTwoRows()
    {
        var pixels = new byte[4 * 12];
        pixels[10] = pixels[12] = 1; // (row 0, column 10) and (row 1, column 0): one row of blocks, so the column decides
        var (kept, changed) = MaskRegions.RemoveSmall(Rle.FromBytes(pixels, 4, 12), 5, RegionKind.Islands);
        Assert.True(changed);
        Assert.True(kept.Contains(0, 1));
        Assert.Equal(1, kept.Area);
    }

    [SkippableFact]
    public void RemoveSmall_GoldenMasks_EqualsReference()
    {
        foreach (var entry in AmgPieces.Index.GetProperty("regions").EnumerateArray())
        {
            string name = entry.GetProperty("mask").GetString()!;
            var pixels = AmgPieces.Tensors[$"regions.{name}"];
            int h = (int)pixels.Shape[0], w = (int)pixels.Shape[1];
            var kind = entry.GetProperty("mode").GetString() switch
            {
                "holes" => RegionKind.Holes,
                "islands" => RegionKind.Islands,
                var other => throw new InvalidDataException(other),
            };
            var (mask, changed) = MaskRegions.RemoveSmall(Rle.FromBytes(pixels.Raw, h, w), entry.GetProperty("area_thresh").GetDouble(), kind);
            Assert.Equal(entry.GetProperty("changed").GetBoolean(), changed);
            Assert.Equal(entry.GetProperty("coco").GetString(), mask.ToCompressedString());
        }
    }

    private static int SlowRegionCount(byte[] pixels, int h, int w)
    {
        var seen = new bool[pixels.Length];
        var queue = new Stack<int>();
        int count = 0;
        for (int seed = 0; seed < pixels.Length; seed++)
        {
            if (pixels[seed] == 0 || seen[seed]) continue;
            count++;
            seen[seed] = true;
            queue.Push(seed);
            while (queue.TryPop(out int at))
                for (int dy = -1; dy <= 1; dy++)
                    for (int dx = -1; dx <= 1; dx++)
                    {
                        int x = at % w + dx, y = at / w + dy;
                        if (x < 0 || y < 0 || x >= w || y >= h || seen[y * w + x] || pixels[y * w + x] == 0) continue;
                        seen[y * w + x] = true;
                        queue.Push(y * w + x);
                    }
        }
        return count;
    }
}
