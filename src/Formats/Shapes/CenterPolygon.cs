using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>
/// A polygon to pixels by <see cref="PolygonRule.Center"/>, exactly as COCO's <c>rleFrPoly</c> does: corners are rounded to fifths of a pixel, sides walked in
/// such
/// steps, and the rows at which they cross each column's center line are where the mask changes (even-odd). For corners at whole
/// numbers that is the plain rule: a pixel is set when its center lies inside.
/// </summary>
/// <remarks>Algorithm: <c>common/maskApi.c</c> of cocodataset/cocoapi.</remarks>
internal static class CenterPolygon
{
    private const int Scale = 5;

    public static Rle Fill(IReadOnlyList<(double X, double Y)> polygon, int height, int width)
    {
        var changes = new List<int>();
        (int X, int Y)? before = null;
        for (int i = 0; i < polygon.Count; i++) AddSide(changes, Fifths(polygon[i]), Fifths(polygon[(i + 1) % polygon.Count]), ref before, height, width);
        changes.Sort();
        return Rle.FromChanges(height, width, changes);
    }

    private static (int X, int Y) Fifths((double X, double Y) point) => ((int)(Scale * point.X + .5), (int)(Scale * point.Y + .5));

    /// <summary>Walks a side in its direction; steps are computed from its left (or upper) end, so that both directions take the same.</summary>
    private static void AddSide(List<int> changes, (int X, int Y) from, (int X, int Y) to, ref (int X, int Y)? before, int height, int width)
    {
        int dx = Math.Abs(to.X - from.X), dy = Math.Abs(to.Y - from.Y);
        bool flat = dx >= dy, flip = flat ? from.X > to.X : from.Y > to.Y;
        if (flip) (from, to) = (to, from);
        double slope = flat ? dx == 0 ? 0 : (double)(to.Y - from.Y) / dx : (double)(to.X - from.X) / dy;
        int steps = flat ? dx : dy;
        for (int d = 0; d <= steps; d++)
        {
            int t = flip ? steps - d : d;
            var point = flat ? (X: from.X + t, Y: (int)(from.Y + slope * t + .5)) : (X: (int)(from.X + slope * t + .5), Y: from.Y + t);
            if (before is { } b && b.X != point.X) AddCrossing(changes, b, point, height, width);
            before = point;
        }
    }

    private static void AddCrossing(List<int> changes, (int X, int Y) a, (int X, int Y) b, int height, int width)
    {
        double x = (Math.Min(a.X, b.X) + .5) / Scale - .5;
        if (Math.Floor(x) != x || x < 0 || x > width - 1) return;
        double y = Math.Ceiling(Math.Clamp((Math.Min(a.Y, b.Y) + .5) / Scale - .5, 0, height));
        changes.Add((int)x * height + (int)y);
    }
}
