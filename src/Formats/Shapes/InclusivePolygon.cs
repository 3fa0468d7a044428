using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>A polygon to pixels by <see cref="PolygonRule.Inclusive"/>: corners cut down to pixels, the inside by the even-odd rule, and the outline.</summary>
internal static class InclusivePolygon
{
    public static Rle Fill(IReadOnlyList<(double X, double Y)> polygon, int height, int width)
    {
        var corners = polygon.Select(p => (X: (int)p.X, Y: (int)p.Y)).ToList();
        // Within the corners' box: bytes for inside and outline together would blur which pixels lie inside a hole.
        var inside = PolygonFill.Fill([[.. corners.Select(c => (c.X + .5, c.Y + .5))]], height, width);
        int left = Math.Clamp(corners.Min(c => c.X), 0, width - 1), right = Math.Clamp(corners.Max(c => c.X), 0, width - 1) + 1;
        int top = Math.Clamp(corners.Min(c => c.Y), 0, height - 1), bottom = Math.Clamp(corners.Max(c => c.Y), 0, height - 1) + 1;
        var outline = new byte[(right - left) * (bottom - top)];
        for (int i = 0; i < corners.Count; i++) Line(outline, corners[i], corners[(i + 1) % corners.Count], left, top, right, bottom);
        return inside.Union(Rle.FromBytes(outline, bottom - top, right - left).Paste(left, top, height, width));
    }

    /// <summary>The pixels of a straight line, one for each step along its longer side (Bresenham).</summary>
    private static void Line(byte[] pixels, (int X, int Y) a, (int X, int Y) b, int left, int top, int right, int bottom)
    {
        int dx = Math.Abs(b.X - a.X), dy = Math.Abs(b.Y - a.Y), steps = Math.Max(dx, dy);
        int signX = Math.Sign(b.X - a.X), signY = Math.Sign(b.Y - a.Y), x = a.X, y = a.Y, error = steps / 2;
        for (int i = 0; i <= steps; i++)
        {
            if (x >= left && x < right && y >= top && y < bottom) pixels[(y - top) * (right - left) + x - left] = 1;
            error -= Math.Min(dx, dy);
            bool both = error < 0;
            if (both) error += steps;
            if (dx >= dy || both) x += signX;
            if (dy > dx || both) y += signY;
        }
    }
}
