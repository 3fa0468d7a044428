namespace SemanticSam.Training.Nano;

/// <content>Where a mask may be clicked, how large it is, and masks that are nearly it.</content>
internal sealed partial class CanvasMask
{
    private (int Left, int Top, int Right, int Bottom)? _tight;
    private int[]? _depth;

    /// <summary>Square root of the area of its box over the side of the canvas.</summary>
    public double Size => Math.Sqrt((double)(Tight().Right - Tight().Left) * (Tight().Bottom - Tight().Top)) / Grid;

    /// <summary>The smallest rectangle of cells that holds it.</summary>
    public (int Left, int Top, int Right, int Bottom) Tight()
    {
        if (_tight is { } known) return known;
        int left = Grid, top = Grid, right = 0, bottom = 0, width = Right - Left;
        for (int i = 0; i < Bits.Length; i++)
            if (Bits[i] != 0)
            {
                int x = Left + i % width, y = Top + i / width;
                (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x + 1), Math.Max(bottom, y + 1));
            }
        _tight = (left, top, right, bottom);
        return _tight.Value;
    }

    /// <summary>The cell farthest from the border.</summary>
    public (int X, int Y) Innermost()
    {
        int[] depth = Depth();
        int best = Array.IndexOf(depth, depth.Max());
        return (Left + best % (Right - Left), Top + best / (Right - Left));
    }

    /// <summary>A cell drawn by its squared distance from the border.</summary>
    public (int X, int Y) Deep(Random random)
    {
        int[] depth = Depth();
        double sum = depth.Sum(d => (double)d * d), at = random.NextDouble() * sum;
        int chosen = -1;
        for (int i = 0; i < depth.Length && at >= 0; i++)
        {
            if (depth[i] == 0) continue;
            chosen = i;
            at -= (double)depth[i] * depth[i];
        }
        return (Left + chosen % (Right - Left), Top + chosen / (Right - Left));
    }

    /// <summary>The mask on the finest cells of the network, 0 to 4, [Grid / 2, Grid / 2].</summary>
    public byte[] Halved()
    {
        var plane = new byte[Grid * Grid];
        Join(plane);
        var half = new byte[Grid / 2 * (Grid / 2)];
        Halve(plane, Grid, half);
        return half;
    }

    /// <summary>The mask moved, grown (or shrunk), and cut at a random side, [Grid, Grid].</summary>
    public byte[] Disturbed(int dx, int dy, int grow, double cut, Random random)
    {
        var plane = new byte[Grid * Grid];
        var box = Tight();
        int side = random.Next(4), cutX = (int)((box.Right - box.Left) * cut), cutY = (int)((box.Bottom - box.Top) * cut);
        for (int y = box.Top + (side == 0 ? cutY : 0); y < box.Bottom - (side == 1 ? cutY : 0); y++)
            for (int x = box.Left + (side == 2 ? cutX : 0); x < box.Right - (side == 3 ? cutX : 0); x++)
                if (Contains(x, y) && (uint)(x + dx) < (uint)Grid && (uint)(y + dy) < (uint)Grid) plane[(y + dy) * Grid + x + dx] = 1;
        for (int i = 0; i < Math.Abs(grow); i++) plane = Step(plane, grow > 0 ? (byte)1 : (byte)0);
        return plane;
    }

    /// <summary>One cell of growth of the given value.</summary>
    private byte[] Step(byte[] plane, byte value)
    {
        var next = (byte[])plane.Clone();
        for (int y = 0; y < Grid; y++)
            for (int x = 0; x < Grid; x++)
            {
                int at = y * Grid + x;
                if (plane[at] == value) continue;
                if ((x > 0 && plane[at - 1] == value) || (x + 1 < Grid && plane[at + 1] == value) || (y > 0 && plane[at - Grid] == value)
                    || (y + 1 < Grid && plane[at + Grid] == value))
                    next[at] = value;
            }
        return next;
    }

    /// <summary>Chamfer distances (3 a step, 4 a diagonal one) from the border; beyond the canvas counts as outside.</summary>
    private int[] Depth()
    {
        if (_depth is not null) return _depth;
        int width = Right - Left, height = Bottom - Top;
        var depth = new int[Bits.Length];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                if (Bits[y * width + x] != 0)
                    depth[y * width + x] = Math.Min(Math.Min(At(x - 1, y), At(x, y - 1)) + 3, Math.Min(At(x - 1, y - 1), At(x + 1, y - 1)) + 4);
        for (int y = height - 1; y >= 0; y--)
            for (int x = width - 1; x >= 0; x--)
                if (Bits[y * width + x] != 0)
                    depth[y * width + x] = Math.Min(depth[y * width + x],
                        Math.Min(Math.Min(At(x + 1, y), At(x, y + 1)) + 3, Math.Min(At(x + 1, y + 1), At(x - 1, y + 1)) + 4));
        return _depth = depth;

        int At(int x, int y) => (uint)x < (uint)width && (uint)y < (uint)height ? depth[y * width + x] : 0;
    }
}
