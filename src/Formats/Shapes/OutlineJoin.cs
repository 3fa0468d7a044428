namespace SemanticSam.Formats.Shapes;

/// <summary>Several polygons in one, for formats that hold a single polygon an object: bridges of no width between nearest corners.</summary>
internal static class OutlineJoin
{
    /// <summary>Above this many pairs of corners only some are compared: the bridge may then be a little longer than it must.</summary>
    private const long MostPairs = 20_000_000;

    /// <summary>The polygon; null where there is none.</summary>
    /// <param name="polygons">The islands.</param>
    /// <param name="marked">Whether the corner at which a bridge arrives stands twice, so that <see cref="Bridges"/> knows it.</param>
    public static IReadOnlyList<(double X, double Y)>? Join(List<IReadOnlyList<(double X, double Y)>> polygons, bool marked = false)
    {
        if (polygons.Count == 0) return null;
        var joined = polygons[0].ToList();
        foreach (var polygon in polygons.Skip(1))
        {
            var (at, from) = Nearest(joined, polygon);
            while (at + 1 < joined.Count && joined[at + 1] == joined[at]) at++; // a mark that is there stays whole
            var detour = new List<(double, double)>(polygon.Count + 3);
            if (marked) detour.Add(polygon[from]);
            for (int i = 0; i <= polygon.Count; i++) detour.Add(polygon[(from + i) % polygon.Count]);
            detour.Add(joined[at]);
            joined.InsertRange(at + 1, detour);
        }
        return joined;
    }

    private static (int, int) Nearest(List<(double X, double Y)> a, IReadOnlyList<(double X, double Y)> b)
    {
        int stride = 1;
        while ((long)(a.Count / stride) * (b.Count / stride) > MostPairs) stride++;
        double best = double.MaxValue;
        var found = (0, 0);
        for (int i = 0; i < a.Count; i += stride)
            for (int j = 0; j < b.Count; j += stride)
            {
                double dx = a[i].X - b[j].X, dy = a[i].Y - b[j].Y, distance = dx * dx + dy * dy;
                if (distance < best) (best, found) = (distance, (i, j));
            }
        return found;
    }
}
