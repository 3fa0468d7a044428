using System.Runtime.Intrinsics;

namespace SemanticSam.Masks;

/// <summary>One closed outline along pixel sides. The last point joins the first.</summary>
/// <param name="Points">Corners of pixels, x 0 to width, y 0 to height, only where the direction changes; the foreground lies to the
/// right of the way, so outer outlines run clockwise on the screen and holes counter-clockwise.</param>
/// <param name="IsHole">True for the rim of a hole.</param>
internal sealed record Contour(IReadOnlyList<(int X, int Y)> Points, bool IsHole);

/// <summary>
/// Outlines of masks as polygons, exact to the pixel: filling all outlines of a mask by the even-odd rule gives the mask back
/// (<see cref="PolygonFill"/>). Pixels that touch by a corner belong together (8-connectivity), so there is one outer outline a region.
/// </summary>
internal static class Contours
{
    private const int Right = 0, Down = 1, Left = 2, Up = 3; // one further is a right turn on the screen
    /// <summary>Bits of sides that were walked lie so far above those of sides that are there, in the same byte.</summary>
    private const int Traced = 4;

    private static readonly (int X, int Y)[] Step = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    /// <summary>All outlines, in raster order of their first corner.</summary>
    public static IReadOnlyList<Contour> Trace(Rle mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.IsEmpty) return [];
        var bounds = mask.Bounds;
        int stride = bounds.Width + 2;
        int area = checked((bounds.Height + 2) * stride);
        var pixels = Planes.Cleared(Planes.Use.Pixels, area);
        mask.Crop(bounds).Paste(1, 1, bounds.Height + 2, stride).CopyTo(pixels);
        var leaving = Planes.Cleared(Planes.Use.Sides, area - stride);
        SidesLeavingCorners(pixels, leaving, stride);
        var contours = new List<Contour>();
        for (int corner = 0; ; corner++)
        {
            int found = leaving[corner..].IndexOfAnyExcept((byte)0);
            if (found < 0) return contours;
            corner += found;
            for (int direction = 0; direction < 4; direction++)
                if ((leaving[corner] & ~(leaving[corner] >> Traced) & 1 << direction) != 0)
                    contours.Add(Follow(leaving, stride, corner, direction, bounds.Left, bounds.Top));
        }
    }

    /// <summary>
    /// For each corner of the pixel grid a bit for each direction in which a side leaves it, foreground to its right. Pixels come with
    /// a rim of background; corner i lies between pixels i, i + 1, i + stride and i + stride + 1.
    /// </summary>
    private static void SidesLeavingCorners(ReadOnlySpan<byte> pixels, Span<byte> leaving, int stride)
    {
        ReadOnlySpan<byte> above = pixels, below = pixels[stride..];
        int i = 0;
        for (; i + Vector256<byte>.Count < leaving.Length; i += Vector256<byte>.Count)
        {
            Vector256<byte> nw = Vector256.Create(above[i..]), ne = Vector256.Create(above[(i + 1)..]);
            Vector256<byte> sw = Vector256.Create(below[i..]), se = Vector256.Create(below[(i + 1)..]);
            (Vector256.AndNot(se, ne) | Vector256.AndNot(sw, se) << Down | Vector256.AndNot(nw, sw) << Left | Vector256.AndNot(ne, nw) << Up)
                .CopyTo(leaving[i..]);
        }
        for (; i < leaving.Length - 1; i++) // the last corner lies in the rim
        {
            int nw = above[i], ne = above[i + 1], sw = below[i], se = below[i + 1];
            leaving[i] = (byte)((se & ~ne) << Right | (sw & ~se) << Down | (nw & ~sw) << Left | (ne & ~nw) << Up);
        }
    }

    private static Contour Follow(Span<byte> leaving, int stride, int start, int startDirection, int left, int top)
    {
        var points = new List<(int, int)>();
        int corner = start, direction = startDirection, before = -1, x = start % stride, y = start / stride;
        long twiceArea = 0;
        do
        {
            if (direction != before) points.Add((x + left, y + top));
            leaving[corner] |= (byte)(1 << direction + Traced);
            twiceArea += (long)x * Step[direction].Y - (long)y * Step[direction].X;
            before = direction;
            x += Step[direction].X;
            y += Step[direction].Y;
            corner = y * stride + x;
            // Where two pixels touch by a corner, two sides leave: the left turn joins them.
            int ways = leaving[corner] & 15;
            direction = int.PopCount(ways) == 2 ? (direction + 3) & 3 : int.TrailingZeroCount(ways);
        } while (corner != start || direction != startDirection);
        return new(points, twiceArea < 0);
    }
}
