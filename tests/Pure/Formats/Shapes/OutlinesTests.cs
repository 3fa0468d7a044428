using CsCheck;
using SemanticSam.Formats.Shapes;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Pure.Formats.Shapes;

public sealed class OutlinesTests
{
    private static readonly Gen<Rle> AnyMask =
        from h in Gen.Int[1, 24]
        from w in Gen.Int[1, 30]
        from mask in FormatSamples.Mask(h, w)
        select mask;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_AnyMask_FillsBackExactlyWithOnePolygonAnIsland(bool inclusive) => AnyMask.Sample(mask =>
    {
        var rule = PolygonPixels.RuleOf(inclusive)!.Value;
        var polygons = Outlines.Of(mask, rule);
        Assert.Equal(MaskRegions.Components(mask).Count, polygons.Count);
        Assert.All(polygons, p => Assert.True(p.Count >= 3));
        Assert.Equal(mask, PolygonPixels.Fill(polygons, mask.Height, mask.Width, rule));
    }, iter: 2000);

    /// <summary>An outline an island, with the holes that lie in it and in no other; none of them touches itself along a side, as ties would.</summary>
    [Fact]
    public void WithHoles_AnyMask_IsAnIslandEachWithItsHoles() => AnyMask.Sample(mask =>
    {
        var islands = Outlines.WithHoles(mask);
        Assert.Equal(MaskRegions.Components(mask).Count, islands.Count);
        Assert.Equal(mask, PolygonFill.Fill([.. islands.SelectMany(i => i)], mask.Height, mask.Width)); // even-odd
        foreach (var island in islands)
        {
            var whole = PolygonPixels.Fill([island[0]], mask.Height, mask.Width, PolygonRule.Center);
            foreach (var hole in island.Skip(1))
            {
                var inside = PolygonPixels.Fill([hole], mask.Height, mask.Width, PolygonRule.Center);
                Assert.Equal(inside, inside.Intersect(whole));
            }
            foreach (var ring in island)
            {
                var sides = ring.Select((p, i) => (A: p, B: ring[(i + 1) % ring.Count])).ToList();
                Assert.DoesNotContain(sides, s => sides.Contains((s.B, s.A)));
            }
        }
    }, iter: 1000);

    [Fact]
    public void Of_Center_IsExactByTheEvenOddAndByTheNonZeroRule() => AnyMask.Sample(mask =>
    {
        foreach (var polygon in Outlines.Of(mask, PolygonRule.Center))
        {
            var island = CenterPolygon.Fill(polygon, mask.Height, mask.Width);
            Assert.Equal(island, PolygonFill.Fill([polygon], mask.Height, mask.Width));
            for (int y = 0; y < mask.Height; y++)
                for (int x = 0; x < mask.Width; x++)
                    Assert.Equal(island.Contains(x, y), Winding(polygon, x + .5, y + .5) != 0);
        }
    }, iter: 300);

    [Fact]
    public void Joined_Center_IsExactWithSeveralIslands() => AnyMask.Sample(mask =>
        Assert.Equal(mask, CenterPolygon.Fill(Outlines.Joined(mask, PolygonRule.Center)!, mask.Height, mask.Width)), iter: 1000);

    [Fact]
    public void Joined_Inclusive_IsExactForOneIslandAndElseOnlyAddsBridges() => AnyMask.Sample(mask =>
    {
        var back = InclusivePolygon.Fill(Outlines.Joined(mask, PolygonRule.Inclusive)!, mask.Height, mask.Width);
        if (MaskRegions.Components(mask).Count == 1) Assert.Equal(mask, back);
        Assert.Equal(mask.Area, mask.IntersectionArea(back));
    }, iter: 1000);

    [Fact]
    public void Of_RingInARing_CutsEveryHoleOpen()
    {
        // 13 x 13: a ring, in its hole a ring, in its hole a block.
        Rle Box(int inset) => Rle.FromBox(13, 13, new(inset, inset, 13 - inset, 13 - inset));
        var mask = Box(0).Subtract(Box(2)).Union(Box(3)).Subtract(Box(5)).Union(Box(6));
        foreach (var rule in Enum.GetValues<PolygonRule>())
        {
            var polygons = Outlines.Of(mask, rule);
            Assert.Equal(3, polygons.Count);
            Assert.Equal(mask, PolygonPixels.Fill(polygons, 13, 13, rule));
        }
        Assert.Equal([(0.0, 0.0), (2, 0)], Outlines.Of(mask, PolygonRule.Center)[0].Take(2)); // the bridge goes down from (2, 0)
    }

    [Fact]
    public void Of_ManyHoles_DoesNotRunOutOfStack()
    {
        const int side = 401;
        var pixels = new byte[side * side];
        Array.Fill(pixels, (byte)1);
        for (int y = 1; y < side; y += 2)
            for (int x = 1; x < side; x += 2) pixels[y * side + x] = 0;
        var mask = Rle.FromBytes(pixels, side, side);
        Assert.Equal(mask, PolygonPixels.Fill(Outlines.Of(mask, PolygonRule.Center), side, side, PolygonRule.Center));
    }

    [Fact]
    public void Of_Tolerance_KeepsTheShapeWithFewerPoints()
    {
        var disc = InclusivePolygon.Fill(
            [.. Enumerable.Range(0, 90).Select(i => (100 + 80 * Math.Cos(i * Math.Tau / 90), 100 + 80 * Math.Sin(i * Math.Tau / 90)))], 200, 200);
        var ring = disc.Subtract(Rle.FromBox(200, 200, new(80, 80, 120, 120)));
        foreach (var rule in Enum.GetValues<PolygonRule>())
        {
            int exact = Outlines.Of(ring, rule)[0].Count;
            double before = 1;
            foreach (var (tolerance, share) in ((double, double)[])[(0.5, 0.9), (1, 0.5), (3, 0.2)])
            {
                var polygons = Outlines.Of(ring, rule, tolerance);
                double iou = ring.IoU(PolygonPixels.Fill(polygons, 200, 200, rule));
                Assert.InRange(iou, 1 - 0.02 * tolerance, 1);
                Assert.True(iou <= before + 0.01);
                Assert.True(polygons[0].Count < exact * share, $"{polygons[0].Count} of {exact} points");
                before = iou;
            }
        }
    }

    [Theory]
    [InlineData(new double[] { 10, 10, 20, 10, 20, 20, 10, 20 }, 100)]
    [InlineData(new double[] { 0, 0, 4, 0, 0, 4 }, 6)] // the diagonal's pixels have their center on it: the upper ones count
    public void CenterPolygon_KnownShapes_HaveTheirArea(double[] xy, int area) =>
        Assert.InRange(CenterPolygon.Fill([.. xy.Chunk(2).Select(p => (p[0], p[1]))], 30, 30).Area, area, area + 4);

    private static int Winding(IReadOnlyList<(double X, double Y)> polygon, double x, double y)
    {
        int winding = 0;
        for (int i = 0; i < polygon.Count; i++)
        {
            var (a, b) = (polygon[i], polygon[(i + 1) % polygon.Count]);
            if ((a.Y <= y) == (b.Y <= y)) continue;
            if (a.X + (y - a.Y) * (b.X - a.X) / (b.Y - a.Y) > x) winding += b.Y > a.Y ? 1 : -1;
        }
        return winding;
    }
}
