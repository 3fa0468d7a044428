using SemanticSam.Masks;

namespace SemanticSam.Imaging.Overlays;

/// <summary>Where a label belongs: the middle of the roomiest place inside a mask.</summary>
internal static class OverlayAnchor
{
    private const int Cells = 40;

    /// <summary>In pixels of the image, on the mask. Looked for on a grid of at most 40 x 40 cells over the mask's box.</summary>
    public static (float X, float Y) Find(Rle mask)
    {
        BoxI box = mask.Bounds;
        int columns = Math.Min(Cells, box.Width), rows = Math.Min(Cells, box.Height);
        double cellWidth = (double)box.Width / columns, cellHeight = (double)box.Height / rows;
        float[] covered = Coverage(mask, box, columns, rows);
        // Depth by two sweeps: how many cells away the nearest cell is that is mostly outside.
        var depth = new float[(columns + 2) * (rows + 2)];
        int stride = columns + 2;
        for (int r = 1; r <= rows; r++)
            for (int c = 1; c <= columns; c++)
                if (covered[(r - 1) * columns + c - 1] >= 0.5f)
                    depth[r * stride + c] = 1 + Math.Min(Math.Min(depth[(r - 1) * stride + c], depth[r * stride + c - 1]),
                        Math.Min(depth[(r - 1) * stride + c - 1], depth[(r - 1) * stride + c + 1]));
        int best = -1;
        for (int r = rows; r >= 1; r--)
            for (int c = columns; c >= 1; c--)
            {
                int at = r * stride + c;
                depth[at] =
                    Math.Min(depth[at], 1 + Math.Min(Math.Min(depth[at + stride], depth[at + 1]), Math.Min(depth[at + stride + 1], depth[at + stride - 1])));
                if (best < 0 || depth[at] > depth[best]) best = at;
            }
        if (depth[best] == 0) best = FullestCell(covered, columns, stride);
        int row = best / stride - 1, column = best % stride - 1;
        return ((float)(box.Left + (column + 0.5) * cellWidth), (float)(box.Top + (row + 0.5) * cellHeight));
    }

    /// <summary>Share of each cell that is inside, [rows, columns].</summary>
    private static float[] Coverage(Rle mask, BoxI box, int columns, int rows)
    {
        var covered = new float[columns * rows];
        foreach (var (x, top, bottom) in mask.Segments)
        {
            int column = (int)((long)(x - box.Left) * columns / box.Width);
            for (int y = top; y < bottom;)
            {
                int row = (int)((long)(y - box.Top) * rows / box.Height);
                int end = Math.Min(bottom, box.Top + First(row + 1, rows, box.Height));
                covered[row * columns + column] += end - y;
                y = end;
            }
        }
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
                covered[row * columns + column] /= PixelsOf(column, columns, box.Width) * PixelsOf(row, rows, box.Height);
        return covered;
    }

    private static int PixelsOf(int cell, int cells, int pixels) => First(cell + 1, cells, pixels) - First(cell, cells, pixels);

    /// <summary>The first pixel whose cell is the given one: the smallest p with p * cells / pixels = cell.</summary>
    private static int First(int cell, int cells, int pixels) => (int)(((long)cell * pixels + cells - 1) / cells);

    private static int FullestCell(float[] covered, int columns, int stride)
    {
        int best = Array.IndexOf(covered, covered.Max());
        return (best / columns + 1) * stride + best % columns + 1;
    }
}
