using CsCheck;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class ContoursTests
{
    [Fact]
    public void TraceThenFill_AnyMask_GivesItBack() => RleTests.GenMask.Sample(m =>
    {
        var mask = Rle.FromBytes(m.Pixels, m.H, m.W);
        var contours = Contours.Trace(mask);
        Assert.Equal(mask, PolygonFill.Fill(contours, m.H, m.W));
        Assert.Equal(MaskRegions.Components(mask).Count, contours.Count(c => !c.IsHole));
        foreach (var contour in contours)
        {
            for (int i = 0; i < contour.Points.Count; i++)
            {
                var (a, b, c) = (contour.Points[i], contour.Points[(i + 1) % contour.Points.Count], contour.Points[(i + 2) % contour.Points.Count]);
                Assert.True((a.X == b.X) != (a.Y == b.Y)); // along one axis, never standing still
                Assert.True((b.X == c.X) == (a.Y == b.Y)); // and then along the other
            }
        }
    });

    [Fact]
    public void Trace_AnyMask_IsWhatWalkingPixelByPixelGives() => RleTests.GenMask.Sample(m =>
    {
        var contours = Contours.Trace(Rle.FromBytes(m.Pixels, m.H, m.W));
        Assert.Equal(Walked(m.Pixels, m.H, m.W), contours.Select(c => c.Points));
    });

    /// <summary>Side by side from each corner that has one yet, the foreground to the right, left where there are two ways.</summary>
    private static List<List<(int X, int Y)>> Walked(byte[] pixels, int height, int width)
    {
        (int X, int Y)[] steps = [(1, 0), (0, 1), (-1, 0), (0, -1)], ahead = [(0, 0), (-1, 0), (-1, -1), (0, -1)]; // the pixel right of a side, from its corner
        bool IsSet(int x, int y) => x >= 0 && y >= 0 && x < width && y < height && pixels[y * width + x] != 0;
        bool Leaves(int x, int y, int way) => IsSet(x + ahead[way].X, y + ahead[way].Y) && !IsSet(x + ahead[(way + 3) % 4].X, y + ahead[(way + 3) % 4].Y);
        var walked = new HashSet<(int, int, int)>();
        var outlines = new List<List<(int, int)>>();
        for (int corner = 0; corner < (height + 1) * (width + 1); corner++)
            for (int first = 0; first < 4; first++)
            {
                int x = corner % (width + 1), y = corner / (width + 1), way = first, before = -1;
                if (!Leaves(x, y, way) || walked.Contains((x, y, way))) continue;
                var points = new List<(int, int)>();
                while (walked.Add((x, y, way)))
                {
                    if (way != before) points.Add((x, y));
                    (before, x, y) = (way, x + steps[way].X, y + steps[way].Y);
                    int[] ways = [.. Enumerable.Range(0, 4).Where(w => Leaves(x, y, w))];
                    way = ways.Length == 2 ? (before + 3) % 4 : ways[0];
                }
                outlines.Add(points);
            }
        return outlines;
    }

    [Fact]
    public void Trace_Ring_IsAnOutlineAndAHole()
    {
        var ring = Rle.FromBox(9, 9, new(1, 2, 7, 8)).Subtract(Rle.FromBox(9, 9, new(3, 4, 5, 6)));
        var contours = Contours.Trace(ring);
        Assert.Equal([false, true], contours.Select(c => c.IsHole));
        Assert.Equal([(1, 2), (7, 2), (7, 8), (1, 8)], contours[0].Points);
        Assert.Equal(4, contours[1].Points.Count);
        Assert.Empty(Contours.Trace(Rle.Empty(3, 3)));
    }

    [Fact]
    public void Trace_PixelsThatTouchAtACorner_AreOneOutline() =>
        Assert.Equal([(0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (1, 2), (1, 1), (0, 1)], Assert.Single(Contours.Trace(Rle.FromBytes([1, 0, 0, 1], 2, 2))).Points);

    [Fact]
    public void Fill_Triangle_HoldsThePixelsWhoseCentersAreInside()
    {
        (double X, double Y)[] triangle = [(-3.3, 1.2), (12.7, 3.1), (4.4, 14.9)];
        var mask = PolygonFill.Fill([triangle], 12, 10);
        double Side((double X, double Y) a, (double X, double Y) b, double x, double y) => (b.X - a.X) * (y - a.Y) - (b.Y - a.Y) * (x - a.X);
        for (int y = 0; y < 12; y++)
            for (int x = 0; x < 10; x++)
                Assert.Equal(Enumerable.Range(0, 3).All(i => Side(triangle[i], triangle[(i + 1) % 3], x + 0.5, y + 0.5) > 0), mask.Contains(x, y));
    }

    [Fact]
    public void Fill_NotFinite_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => PolygonFill.Fill([[(0, 0), (1, double.NaN), (1, 1)]], 4, 4));
        Assert.True(PolygonFill.Fill([[(0, 0)], []], 4, 4).IsEmpty);
        Assert.Equal(Rle.Full(4, 4), PolygonFill.Fill([[(-1e300, -1e300), (1e300, -1e300), (1e300, 1e300), (-1e300, 1e300)]], 4, 4));
    }
}
