namespace SemanticSam.Masks;

/// <summary>One closed outline along pixel sides. The last point joins the first.</summary>
/// <param name="Points">Corners of pixels, x 0 to width, y 0 to height, only where the direction changes; the foreground lies to the
/// right of the way, so outer outlines run clockwise on the screen and holes counter-clockwise.</param>
/// <param name="IsHole">True for the rim of a hole.</param>
public sealed record Contour(IReadOnlyList<(int X, int Y)> Points, bool IsHole);

/// <summary>
/// Outlines of masks as polygons, exact to the pixel: filling all outlines of a mask by the even-odd rule gives the mask back
/// (<see cref="PolygonFill"/>). Pixels that touch by a corner belong together (8-connectivity), so there is one outer outline a region.
/// </summary>
public static class Contours
{
    private const int Right = 0, Down = 1, Left = 2, Up = 3; // one further is a right turn on the screen
    private static readonly (int X, int Y)[] Step = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    /// <summary>All outlines, in raster order of their first corner.</summary>
    public static IReadOnlyList<Contour> Trace(Rle mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.IsEmpty) return [];
        var bounds = mask.Bounds;
        int width = bounds.Width + 1; // corners a row
        byte[] leaving = SidesLeavingCorners(mask.Crop(bounds).ToBytes(), bounds.Height, bounds.Width);
        var traced = new byte[leaving.Length];
        var contours = new List<Contour>();
        for (int corner = 0; corner < leaving.Length; corner++)
            for (int direction = 0; direction < 4; direction++)
                if ((leaving[corner] & ~traced[corner] & 1 << direction) != 0)
                    contours.Add(Follow(leaving, traced, width, corner, direction, bounds.Left, bounds.Top));
        return contours;
    }

    /// <summary>For each corner of the pixel grid the directions in which a side leaves it, foreground to its right.</summary>
    private static byte[] SidesLeavingCorners(byte[] pixels, int height, int width)
    {
        int corners = width + 1;
        var leaving = new byte[corners * (height + 1)];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int p = y * width + x, corner = y * corners + x;
                if (pixels[p] == 0) continue;
                if (y == 0 || pixels[p - width] == 0) leaving[corner] |= 1 << Right;
                if (x == width - 1 || pixels[p + 1] == 0) leaving[corner + 1] |= 1 << Down;
                if (y == height - 1 || pixels[p + width] == 0) leaving[corner + corners + 1] |= 1 << Left;
                if (x == 0 || pixels[p - 1] == 0) leaving[corner + corners] |= 1 << Up;
            }
        }
        return leaving;
    }

    private static Contour Follow(byte[] leaving, byte[] traced, int width, int start, int startDirection, int left, int top)
    {
        var points = new List<(int, int)>();
        int corner = start, direction = startDirection, before = -1;
        long twiceArea = 0;
        do
        {
            int x = corner % width, y = corner / width;
            if (direction != before) points.Add((x + left, y + top));
            traced[corner] |= (byte)(1 << direction);
            twiceArea += (long)x * Step[direction].Y - (long)y * Step[direction].X;
            before = direction;
            corner += Step[direction].X + Step[direction].Y * width;
            // Where two pixels touch by a corner, two sides leave: the left turn joins them.
            direction = int.PopCount(leaving[corner]) == 2 ? (direction + 3) & 3 : int.TrailingZeroCount(leaving[corner]);
        } while (corner != start || direction != startDirection);
        return new(points, twiceArea < 0);
    }
}
