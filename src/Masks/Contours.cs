using System.Runtime.InteropServices;

namespace SemanticSam.Masks;

/// <summary>One closed outline along pixel sides. The last point joins the first.</summary>
/// <param name="Points">Corners of pixels, x 0 to width, y 0 to height, only where the direction changes; the foreground lies to the
/// right of the way, so outer outlines run clockwise on the screen and holes counter-clockwise. The first is the leftmost of the topmost.</param>
/// <param name="IsHole">True for the rim of a hole.</param>
internal sealed record Contour(IReadOnlyList<(int X, int Y)> Points, bool IsHole);

/// <summary>
/// Outlines of masks as polygons, exact to the pixel: filling all outlines of a mask by the even-odd rule gives the mask back
/// (<see cref="PolygonFill"/>). Pixels that touch by a corner belong together (8-connectivity), so there is one outer outline a region.
/// </summary>
/// <remarks>Works on the runs alone: time and memory go by how many there are, not by the pixels of the image.</remarks>
internal static class Contours
{
    /// <summary>All outlines, in raster order of their first corner.</summary>
    public static IReadOnlyList<Contour> Trace(Rle mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.IsEmpty) return [];
        var ends = ColumnEnds.Of(mask);
        int[] next = ends.Linked();
        var contours = new List<Contour>();
        var points = new List<(int X, int Y)>();
        for (int end = 0; end < next.Length; end++)
            if (next[end] >= 0) contours.Add(Follow(ends, next, end, points));
        var sorted = contours.ToArray();
        Array.Sort(Array.ConvertAll(sorted, c => Raster(c.Points[0])), sorted);
        return sorted;
    }

    private static long Raster((int X, int Y) point) => (long)point.Y << 32 | (uint)point.X;

    /// <summary>Walks around one outline, and takes its links away.</summary>
    private static Contour Follow(ColumnEnds ends, int[] next, int start, List<(int X, int Y)> points)
    {
        points.Clear();
        int at = start, first = 0;
        long least = long.MaxValue;
        do
        {
            int to = next[at];
            next[at] = -1;
            var (from, here) = (ends.After(at), ends.Before(to));
            if (from != here) // down or up between them; else it goes straight on
            {
                Add(from);
                Add(here);
            }
            at = to;
        } while (at != start);
        var span = CollectionsMarshal.AsSpan(points);
        (int X, int Y)[] turned = [.. span[first..], .. span[..first]];
        // From there an outer outline goes right, and the rim of a hole down.
        return new(turned, turned[0].X == turned[1].X);

        void Add((int X, int Y) point)
        {
            if (Raster(point) < least) (least, first) = (Raster(point), points.Count);
            points.Add(point);
        }
    }
}
