namespace SemanticSam.Formats.Shapes;

/// <summary>Fewer points for the same, or nearly the same, closed outline.</summary>
internal static class OutlineThinning
{
    /// <summary>Leaves out points in the middle of straight ways. Points where the way turns back stay.</summary>
    public static List<(int X, int Y, bool Fixed)> Straighten(List<(int X, int Y, bool Fixed)> points)
    {
        var kept = new List<(int X, int Y, bool Fixed)>(points.Count);
        for (int i = 0; i < points.Count; i++)
        {
            var (a, b, c) = (points[(i + points.Count - 1) % points.Count], points[i], points[(i + 1) % points.Count]);
            long dx1 = b.X - a.X, dy1 = b.Y - a.Y, dx2 = c.X - b.X, dy2 = c.Y - b.Y;
            if (b.Fixed || dx1 * dy2 != dy1 * dx2 || dx1 * dx2 + dy1 * dy2 <= 0) kept.Add(b);
        }
        return kept;
    }

    /// <summary>Douglas and Peucker's algorithm between fixed points; an outline that would have fewer than three points stays.</summary>
    public static List<(int X, int Y, bool Fixed)> Thin(List<(int X, int Y, bool Fixed)> points, double tolerance)
    {
        int n = points.Count;
        if (n < 4) return points;
        var keep = new bool[n];
        for (int i = 0; i < n; i++) keep[i] = points[i].Fixed;
        keep[0] = true;
        // Two anchors at least, or the first piece would end where it begins.
        int far = 0;
        for (int i = 1; i < n; i++)
            if (Distance(points[i], points[0]) > Distance(points[far], points[0])) far = i;
        keep[far] = true;
        int from = 0;
        for (int i = 1; i <= n; i++)
        {
            if (i < n && !keep[i]) continue;
            Split(points, keep, from, i, tolerance);
            from = i;
        }
        var kept = points.Where((_, i) => keep[i]).ToList();
        return kept.Count < 3 ? points : kept;
    }

    private static void Split(List<(int X, int Y, bool Fixed)> points, bool[] keep, int from, int to, double tolerance)
    {
        var open = new Stack<(int, int)>([(from, to)]);
        while (open.TryPop(out var piece))
        {
            var (first, last) = piece;
            var (a, b) = (points[first], points[last % points.Count]);
            double worst = tolerance;
            int at = -1;
            for (int i = first + 1; i < last; i++)
            {
                double distance = FromLine(points[i], a, b);
                if (distance > worst) (worst, at) = (distance, i);
            }
            if (at < 0) continue;
            keep[at] = true;
            open.Push((first, at));
            open.Push((at, last));
        }
    }

    private static double FromLine((int X, int Y, bool) p, (int X, int Y, bool) a, (int X, int Y, bool) b)
    {
        double dx = b.X - a.X, dy = b.Y - a.Y, length = dx * dx + dy * dy;
        double t = length == 0 ? 0 : Math.Clamp(((p.X - a.X) * dx + (p.Y - a.Y) * dy) / length, 0, 1);
        return Math.Sqrt(Math.Pow(p.X - a.X - t * dx, 2) + Math.Pow(p.Y - a.Y - t * dy, 2));
    }

    private static double Distance((int X, int Y, bool) a, (int X, int Y, bool) b) => Math.Pow(a.X - b.X, 2) + Math.Pow(a.Y - b.Y, 2);
}
