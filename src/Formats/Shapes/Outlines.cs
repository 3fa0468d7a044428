using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>
/// Masks to polygons that formats without holes can hold: one closed polygon an island, its holes cut open by a bridge of no width
/// that runs there and back. Filled again by the same <see cref="PolygonRule"/> they give the mask back pixel by pixel (tolerance 0).
/// </summary>
/// <remarks>
/// A hole is tied to the outline straight above its top left pixel. That outline reaches higher up than the hole does, so ties never
/// form a ring; and they run over the mask, so that a consumer which draws outlines draws nothing new.
/// </remarks>
internal static class Outlines
{
    /// <summary>One step of an outline: the pixel corner where it starts, and the pixel of the mask to its right.</summary>
    private readonly record struct Step(int X, int Y, int PixelX, int PixelY, bool GoesRight, bool GoesLeft);

    /// <summary>One polygon an island, at least three points each; none for an empty mask.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="rule">For which consumer.</param>
    /// <param name="tolerance">Corners may be left out that lie no further than this from what is left, in pixels.</param>
    public static List<IReadOnlyList<(double X, double Y)>> Of(Masks.Rle mask, PolygonRule rule, double tolerance = 0)
    {
        var contours = Contours.Trace(mask);
        var steps = contours.Select(Steps).ToArray();
        var holes = Ties(contours, steps);
        var polygons = new List<IReadOnlyList<(double, double)>>();
        for (int i = 0; i < steps.Length; i++)
            if (!contours[i].IsHole) polygons.Add(Finish(Walk(steps, holes, i, rule), rule, tolerance));
        return polygons;
    }

    /// <summary>All islands in one polygon, joined by bridges between their nearest corners; null for an empty mask.</summary>
    public static IReadOnlyList<(double X, double Y)>? Joined(Masks.Rle mask, PolygonRule rule, double tolerance = 0) =>
        rule == PolygonRule.Inclusive ? OutlineJoin.Join([.. Of(mask, rule, tolerance).Select(Bridges.WithoutAny)], marked: true)
            : OutlineJoin.Join(Of(mask, rule, tolerance));

    /// <summary>For formats that have holes: for each island its outline, then those of its holes, along the borders of pixels.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="tolerance">Corners may be left out that lie no further than this from what is left, in pixels.</param>
    public static List<IReadOnlyList<IReadOnlyList<(double X, double Y)>>> WithHoles(Masks.Rle mask, double tolerance = 0)
    {
        var contours = Contours.Trace(mask);
        var parents = new Dictionary<int, int>(); // of a hole the outline above it, which may be another hole's
        foreach (var ((outline, _), tied) in Ties(contours, [.. contours.Select(Steps)]))
            foreach (var (hole, _) in tied) parents[hole] = outline;
        var rings = Enumerable.Range(0, contours.Count).Where(i => !contours[i].IsHole)
            .ToDictionary(i => i, i => new List<IReadOnlyList<(double, double)>> { Ring(i) });
        for (int i = 0; i < contours.Count; i++)
        {
            if (!contours[i].IsHole) continue;
            int island = i;
            while (contours[island].IsHole) island = parents[island];
            rings[island].Add(Ring(i));
        }
        return [.. rings.OrderBy(r => r.Key).Select(r => r.Value)];

        IReadOnlyList<(double, double)> Ring(int i) => Finish([.. contours[i].Points.Select((p, at) => (p.X, p.Y, at == 0))], PolygonRule.Center, tolerance);
    }

    private static Step[] Steps(Contour contour)
    {
        var steps = new List<Step>();
        for (int i = 0; i < contour.Points.Count; i++)
        {
            var (a, b) = (contour.Points[i], contour.Points[(i + 1) % contour.Points.Count]);
            int dx = Math.Sign(b.X - a.X), dy = Math.Sign(b.Y - a.Y);
            for (var (x, y) = a; (x, y) != b; x += dx, y += dy)
                // The mask lies to the right of the way: below when going right, left of it when going down.
                steps.Add(new(x, y, dx < 0 || dy > 0 ? x - 1 : x, dx < 0 || dy < 0 ? y - 1 : y, dx > 0, dx < 0));
        }
        return [.. steps];
    }

    /// <summary>For each step of each outline the holes tied to its start, by (outline, step): (hole, step of the hole).</summary>
    private static Dictionary<(int, int), List<(int Hole, int Step)>> Ties(IReadOnlyList<Contour> contours, Step[][] steps)
    {
        var ties = new Dictionary<(int, int), List<(int, int)>>();
        var tops = new List<(int Hole, int Step, int X, int Y)>();
        for (int i = 0; i < steps.Length; i++)
        {
            if (!contours[i].IsHole) continue;
            // Its top left pixel's upper side, walked leftwards under the mask.
            int best = -1;
            for (int s = 0; s < steps[i].Length; s++)
                if (steps[i][s].GoesLeft && (best < 0 || (steps[i][s].Y, steps[i][s].X).CompareTo((steps[i][best].Y, steps[i][best].X)) < 0)) best = s;
            tops.Add((i, best, steps[i][best].PixelX, steps[i][best].Y));
        }
        if (tops.Count == 0) return ties;
        var columns = tops.Select(t => t.X).Distinct().ToDictionary(x => x, _ => new List<(int Y, int Outline, int Step)>());
        for (int i = 0; i < steps.Length; i++)
            for (int s = 0; s < steps[i].Length; s++)
                if (steps[i][s].GoesRight && columns.TryGetValue(steps[i][s].X, out var column)) column.Add((steps[i][s].Y, i, s));
        foreach (var column in columns.Values) column.Sort();
        foreach (var (hole, step, x, y) in tops)
        {
            var column = columns[x];
            int at = column.BinarySearch((y, int.MinValue, 0));
            var (_, outline, tiedTo) = column[(at < 0 ? ~at : at) - 1]; // the nearest above
            if (!ties.TryGetValue((outline, tiedTo), out var list)) ties[(outline, tiedTo)] = list = [];
            list.Add((hole, step));
        }
        return ties;
    }

    /// <summary>The outline with everything tied to it. Fixed points must survive thinning: both ends of every bridge.</summary>
    private static List<(int X, int Y, bool Fixed)> Walk(Step[][] steps, Dictionary<(int, int), List<(int Hole, int Step)>> ties, int outline, PolygonRule rule)
    {
        (int, int) PointOf(Step s) => rule == PolygonRule.Center ? (s.X, s.Y) : (s.PixelX, s.PixelY);
        var points = new List<(int X, int Y, bool Fixed)>();
        void Add((int X, int Y) point, bool isFixed)
        {
            if (points.Count > 0 && (points[^1].X, points[^1].Y) == point) points[^1] = (point.X, point.Y, points[^1].Fixed || isFixed);
            else points.Add((point.X, point.Y, isFixed));
        }
        // Not by recursion: holes may hang on holes without end.
        var open = new Stack<(int Outline, int First, int Done, int Tie)>();
        open.Push((outline, 0, 0, 0));
        while (open.TryPop(out var at))
        {
            var ring = steps[at.Outline];
            int step = (at.First + at.Done) % ring.Length;
            if (at.Done == ring.Length) // back at its start, and from there over the bridge
            {
                Add(PointOf(ring[at.First]), isFixed: true);
                continue;
            }
            var here = ties.GetValueOrDefault((at.Outline, step));
            Add(PointOf(ring[step]), isFixed: at.Done == 0 || here is not null);
            if (here is not null && at.Tie < here.Count)
            {
                open.Push(at with { Tie = at.Tie + 1 });
                var (hole, first) = here[at.Tie];
                // Along pixel borders the bridge meets the hole at its corner, the end of that step; else at the pixel above.
                open.Push((hole, rule == PolygonRule.Center ? (first + 1) % steps[hole].Length : first, 0, 0));
            }
            else open.Push((at.Outline, at.First, at.Done + 1, 0));
        }
        if (points.Count > 1 && (points[0].X, points[0].Y) == (points[^1].X, points[^1].Y)) points.RemoveAt(points.Count - 1);
        return points;
    }

    private static IReadOnlyList<(double, double)> Finish(List<(int X, int Y, bool Fixed)> points, PolygonRule rule, double tolerance)
    {
        points = OutlineThinning.Straighten(points);
        if (tolerance > 0) points = OutlineThinning.Thin(points, tolerance);
        double shift = rule == PolygonRule.Center ? 0 : 0.5; // of a pixel's index to its center
        var polygon = points.Select(p => (p.X + shift, p.Y + shift)).ToList();
        while (polygon.Count < 3) polygon.Add(polygon[^1]); // a single pixel, or a line of them
        return polygon;
    }
}
