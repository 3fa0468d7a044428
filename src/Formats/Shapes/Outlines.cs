using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>
/// Masks to polygons that formats without holes can hold: one closed polygon an island, its holes cut open by a bridge of no width
/// that runs there and back (<see cref="HoleTies"/>). Filled again by the same <see cref="PolygonRule"/> they give the mask back pixel by pixel (tolerance 0).
/// </summary>
internal static class Outlines
{
    /// <summary>One polygon an island, at least three points each; none for an empty mask.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="rule">For which consumer.</param>
    /// <param name="tolerance">Corners may be left out that lie no further than this from what is left, in pixels.</param>
    public static List<IReadOnlyList<(double X, double Y)>> Of(Masks.Rle mask, PolygonRule rule, double tolerance = 0)
    {
        var contours = Contours.Trace(mask);
        var holes = new HoleTies(contours);
        var polygons = new List<IReadOnlyList<(double, double)>>();
        for (int i = 0; i < contours.Count; i++)
            if (!contours[i].IsHole) polygons.Add(Finish(Walk(contours, holes, i, rule), rule, tolerance));
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
        foreach (var (hole, outline) in new HoleTies(contours).Parents) parents[hole] = outline;
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

    /// <summary>Where a walk is: on an outline, how far it is from being around it, and which of the holes at its place is next.</summary>
    private readonly record struct Walker(int Outline, OutlinePlace First, OutlinePlace Place, long Left, bool Begins, int Tie);

    /// <summary>
    /// The outline with everything tied to it. Fixed points must survive thinning: both ends of every bridge. Only corners and bridges are visited, since a
    /// long side takes no more room in what is written than a short one.
    /// </summary>
    private static List<(int X, int Y, bool Fixed)> Walk(IReadOnlyList<Contour> contours, HoleTies ties, int outline, PolygonRule rule)
    {
        var points = new List<(int X, int Y, bool Fixed)>();
        void Add(Contour ring, OutlinePlace place, bool isFixed)
        {
            var point = rule == PolygonRule.Center ? ContourSides.CornerOf(ring, place) : ContourSides.PixelOf(ring, place);
            if (points.Count > 0 && (points[^1].X, points[^1].Y) == point) points[^1] = (point.X, point.Y, points[^1].Fixed || isFixed);
            else points.Add((point.X, point.Y, isFixed));
        }
        Walker Around(int ring, OutlinePlace first) => new(ring, first, first, ContourSides.Perimeter(contours[ring]), Begins: true, 0);
        // Not by recursion: holes may hang on holes without end.
        var open = new Stack<Walker>([Around(outline, default)]);
        while (open.TryPop(out var at))
        {
            var ring = contours[at.Outline];
            if (at.Left <= 0) // back at its start, and from there over the bridge
            {
                Add(ring, at.First, isFixed: true);
                continue;
            }
            var here = ties.At(at.Outline, at.Place);
            Add(ring, at.Place, isFixed: at.Begins || here.Length > 0);
            if (at.Tie < here.Length)
            {
                open.Push(at with { Tie = at.Tie + 1 });
                var (_, hole, top) = here[at.Tie];
                // Along pixel borders the bridge meets the hole at its corner, the end of that step; else at the pixel above.
                open.Push(Around(hole, rule == PolygonRule.Center ? new(ContourSides.After(contours[hole], top.Side), 0) : top));
            }
            else open.Push(Next(at, ring, ties, rule));
        }
        if (points.Count > 1 && (points[0].X, points[0].Y) == (points[^1].X, points[^1].Y)) points.RemoveAt(points.Count - 1);
        return points;
    }

    /// <summary>
    /// The next place that matters: a hole's, the last of the side (where pixels are meant, a corner has one on either side), or the next corner.
    /// </summary>
    private static Walker Next(Walker at, Contour ring, HoleTies ties, PolygonRule rule)
    {
        int length = ContourSides.Length(ring, at.Place.Side), last = length - 1;
        int? next = ties.Behind(at.Outline, at.Place) ?? (rule == PolygonRule.Inclusive && at.Place.At < last ? last : null);
        var place = next is { } step ? at.Place with { At = step } : new(ContourSides.After(ring, at.Place.Side), 0);
        return at with { Place = place, Left = at.Left - ((next ?? length) - at.Place.At), Begins = false, Tie = 0 };
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
