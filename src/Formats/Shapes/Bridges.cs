namespace SemanticSam.Formats.Shapes;

/// <summary>
/// Lines of no width that tie the islands of a polygon: an edge there, around the island, and the same edge back, as Ultralytics' converters and
/// <see cref="OutlineJoin"/> have it. They are no pixels of the mask, while a piece of the mask that is one pixel wide has just such edges. What is written
/// here tells the two apart: a bridge arrives at a corner that stands twice, and a piece one pixel wide has one corner more on its way there.
/// </summary>
internal static class Bridges
{
    /// <summary>Islands touch where their pixels are neighbors, also by a corner; a shorter edge is no bridge.</summary>
    private const double Shortest = 2;

    /// <summary>Square pixels, twice, that a polygon of another program has on both sides of a bridge.</summary>
    private const double LeastArea = 1;

    /// <summary>Whether each edge, from the corner of its index to the next, is part of a bridge; null where none is.</summary>
    /// <param name="polygon">Corners in pixels.</param>
    public static bool[]? Of(IReadOnlyList<(double X, double Y)> polygon)
    {
        bool[]? bridges = null;
        foreach (var (there, back, isBridge) in Retraced(polygon))
        {
            if (!isBridge) continue;
            bridges ??= new bool[polygon.Count];
            bridges[there] = bridges[back] = true;
        }
        return bridges;
    }

    /// <summary>
    /// The polygon of one island without an edge that is walked there and back, by one corner more: so what is one pixel wide is no bridge, whatever is tied
    /// to it.
    /// </summary>
    public static IReadOnlyList<(double X, double Y)> WithoutAny(IReadOnlyList<(double X, double Y)> polygon)
    {
        var broken = Retraced(polygon).Select(p => p.There).ToHashSet();
        if (broken.Count == 0) return polygon;
        var corners = new List<(double, double)>(polygon.Count + broken.Count);
        for (int i = 0; i < polygon.Count; i++)
        {
            corners.Add(polygon[i]);
            if (broken.Contains(i)) corners.Add(Between(polygon[i], polygon[(i + 1) % polygon.Count]));
        }
        return corners;
    }

    /// <summary>Edges that are walked once each way.</summary>
    private static IEnumerable<(int There, int Back, bool IsBridge)> Retraced(IReadOnlyList<(double X, double Y)> polygon)
    {
        int count = polygon.Count;
        if (count < 3) yield break;
        var edges = new Dictionary<((double, double), (double, double)), int>(count);
        var twiceArea = new double[count + 1]; // of the edges before
        for (int i = 0; i < count; i++)
        {
            var (a, b) = (polygon[i], polygon[(i + 1) % count]);
            twiceArea[i + 1] = twiceArea[i] + a.X * b.Y - a.Y * b.X;
            if (a != b && !edges.TryAdd((a, b), i)) edges[(a, b)] = -1; // walked twice the same way
        }
        for (int i = 0; i < count; i++)
        {
            var (a, b) = (polygon[i], polygon[(i + 1) % count]);
            if (!edges.TryGetValue((b, a), out int back) || back <= i || edges[(a, b)] != i || Length(a, b) < Shortest) continue;
            double island = twiceArea[back] - twiceArea[i + 1], rest = twiceArea[count] - twiceArea[back + 1] + twiceArea[i];
            bool isMarked = i + 3 < count && polygon[i + 1] == polygon[i + 2];
            yield return (i, back, isMarked || Math.Abs(island) > LeastArea && Math.Abs(rest) > LeastArea);
        }
    }

    /// <summary>Steps from pixel to pixel.</summary>
    private static double Length((double X, double Y) a, (double X, double Y) b) =>
        Math.Max(Math.Abs(Math.Truncate(a.X) - Math.Truncate(b.X)), Math.Abs(Math.Truncate(a.Y) - Math.Truncate(b.Y)));

    /// <summary>The middle; on a straight way from pixel to pixel one of these.</summary>
    private static (double, double) Between((double X, double Y) a, (double X, double Y) b)
    {
        double dx = b.X - a.X, dy = b.Y - a.Y;
        bool straight = dx == 0 || dy == 0 || Math.Abs(dx) == Math.Abs(dy);
        double steps = straight ? Math.Floor(Math.Max(Math.Abs(dx), Math.Abs(dy)) / 2) : 0;
        return straight ? (a.X + steps * Math.Sign(dx), a.Y + steps * Math.Sign(dy)) : (a.X + dx / 2, a.Y + dy / 2);
    }
}
