namespace SemanticSam.Masks;

/// <summary>One closed outline of a mask, along the borders between pixels.</summary>
/// <param name="Corners">
/// Corner points in pixel units, (0, 0) being the top left corner of the picture; successive corners differ in one coordinate only, and the
/// last joins the first. The foreground lies to the right of the way: outer outlines run clockwise on the screen, holes the other way.
/// </param>
public sealed record MaskContour(IReadOnlyList<(int X, int Y)> Corners)
{
    /// <summary>Twice the enclosed area, by the shoelace formula: positive for outer outlines, negative for holes.</summary>
    public long DoubledArea
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < Corners.Count; i++)
            {
                var (x, y) = Corners[i];
                var (nextX, nextY) = Corners[(i + 1) % Corners.Count];
                sum += (long)x * nextY - (long)nextX * y;
            }
            return sum;
        }
    }

    /// <summary>Whether the outline encloses background.</summary>
    public bool IsHole => DoubledArea < 0;
}

/// <summary>Traces the outlines of masks; pixels that touch at a corner only belong to different outlines (4-connectivity).</summary>
public static class MaskContours
{
    // Directions in turning order: right, down, left, up. A turn to the right is +1.
    private static readonly (int X, int Y)[] Step = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    /// <summary>All outlines of a mask, outer ones and holes, in raster order of their first top edge; none for an empty mask.</summary>
    /// <param name="mask">The mask.</param>
    public static IReadOnlyList<MaskContour> Trace(Rle mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.IsEmpty) return [];
        BoxI bounds = mask.Bounds;
        // One pixel of background all around, so that no step has to ask for the border.
        int stride = bounds.Width + 2;
        var pixels = new byte[stride * (bounds.Height + 2)];
        foreach (var (x, top, bottom) in mask.Segments)
            for (int y = top; y < bottom; y++) pixels[(y - bounds.Top + 1) * stride + x - bounds.Left + 1] = Inside;

        var contours = new List<MaskContour>();
        for (int y = 1; y <= bounds.Height; y++)
            for (int x = 1; x <= bounds.Width; x++)
            {
                int at = y * stride + x;
                if (pixels[at] == Inside && pixels[at - stride] == 0)
                    contours.Add(new(Follow(pixels, stride, x, y, bounds.Left - 1, bounds.Top - 1)));
            }
        return contours;
    }

    private const byte Inside = 1, TopEdgeDone = 2;

    private static List<(int X, int Y)> Follow(byte[] pixels, int stride, int startX, int startY, int offsetX, int offsetY)
    {
        var corners = new List<(int X, int Y)>();
        int x = startX, y = startY, direction = 0;
        do
        {
            if (direction == 0) pixels[y * stride + x] |= TopEdgeDone;
            x += Step[direction].X;
            y += Step[direction].Y;
            int turn = Turn(pixels, stride, x, y, direction);
            if (turn == 0) continue;
            corners.Add((x + offsetX, y + offsetY));
            direction = (direction + turn) & 3;
        }
        while (x != startX || y != startY || direction != 0);
        return corners;
    }

    /// <summary>+1 right, -1 left, 0 straight on, seen from the corner (x, y) in the direction of the way.</summary>
    private static int Turn(byte[] pixels, int stride, int x, int y, int direction)
    {
        // The pixels around the corner: right is where the foreground was, left the other side; both ahead.
        int belowRight = y * stride + x;
        var (left, right) = direction switch
        {
            0 => (belowRight - stride, belowRight),
            1 => (belowRight, belowRight - 1),
            2 => (belowRight - 1, belowRight - stride - 1),
            _ => (belowRight - stride - 1, belowRight - stride),
        };
        if (pixels[right] == 0) return 1;
        return pixels[left] != 0 ? -1 : 0;
    }
}
