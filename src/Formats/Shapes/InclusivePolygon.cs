using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>A polygon to pixels by <see cref="PolygonRule.Inclusive"/>: corners cut down to pixels, the inside by the even-odd rule, and the outline.</summary>
internal static class InclusivePolygon
{
    /// <summary>Pixels of a box whose outline is drawn in a plane of bytes.</summary>
    private const int LargestPlane = 1 << 24;

    /// <param name="polygon">Corners in pixels.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="bridged">Whether edges that only tie islands (<see cref="Bridges"/>) are no outline.</param>
    public static Rle Fill(IReadOnlyList<(double X, double Y)> polygon, int height, int width, bool bridged = false)
    {
        var corners = polygon.Select(p => (X: (int)p.X, Y: (int)p.Y)).ToList();
        var bridges = bridged ? Bridges.Of(polygon) : null;
        // An island of a single pixel has no other edge than its bridge.
        (int X, int Y) EndOf(int edge) => bridges?[edge] == true ? corners[edge] : corners[(edge + 1) % corners.Count];
        // Within the corners' box: bytes for inside and outline together would blur which pixels lie inside a hole.
        var inside = PolygonFill.Fill([[.. corners.Select(c => (c.X + .5, c.Y + .5))]], height, width);
        int left = Math.Clamp(corners.Min(c => c.X), 0, width - 1), right = Math.Clamp(corners.Max(c => c.X), 0, width - 1) + 1;
        int top = Math.Clamp(corners.Min(c => c.Y), 0, height - 1), bottom = Math.Clamp(corners.Max(c => c.Y), 0, height - 1) + 1;
        long area = (long)(right - left) * (bottom - top);
        // A plane for what is small; of a large one only its outline is kept.
        if (area <= LargestPlane)
        {
            var outline = new byte[area];
            int columns = right - left;
            for (int i = 0; i < corners.Count; i++)
                Line(corners[i], EndOf(i), (x, y) =>
                {
                    if (x >= left && x < right && y >= top && y < bottom) outline[(y - top) * columns + x - left] = 1;
                });
            return inside.Union(Rle.FromBytes(outline, bottom - top, right - left).Paste(left, top, height, width));
        }
        var runs = new List<(int Start, int End)>(); // down columns: a long upright line takes no more room than a short one
        for (int i = 0; i < corners.Count; i++)
            Line(corners[i], EndOf(i), (x, y) =>
            {
                if (x < left || x >= right || y < top || y >= bottom) return;
                int pixel = x * height + y;
                if (runs.Count > 0 && runs[^1] is var (start, end) && pixel >= start - 1 && pixel <= end)
                    runs[^1] = (Math.Min(start, pixel), Math.Max(end, pixel + 1));
                else runs.Add((pixel, pixel + 1));
            });
        runs.Sort();
        var changes = new List<int>();
        foreach (var (start, end) in runs)
        {
            if (changes.Count == 0 || start > changes[^1]) changes.AddRange([start, end]);
            else changes[^1] = Math.Max(changes[^1], end); // it goes on, or is the same again
        }
        return inside.Union(Rle.FromChanges(height, width, changes));
    }

    /// <summary>The pixels of a straight line, one for each step along its longer side (Bresenham).</summary>
    private static void Line((int X, int Y) a, (int X, int Y) b, Action<int, int> set)
    {
        int dx = Math.Abs(b.X - a.X), dy = Math.Abs(b.Y - a.Y), steps = Math.Max(dx, dy);
        int signX = Math.Sign(b.X - a.X), signY = Math.Sign(b.Y - a.Y), x = a.X, y = a.Y, error = steps / 2;
        for (int i = 0; i <= steps; i++)
        {
            set(x, y);
            error -= Math.Min(dx, dy);
            bool both = error < 0;
            if (both) error += steps;
            if (dx >= dy || both) x += signX;
            if (dy > dx || both) y += signY;
        }
    }
}
