using SemanticSam.Masks;
using SemanticSam.Formats;

namespace SemanticSam.Training.Nano;

/// <summary>An annotation's mask on the grid of a training canvas: one cell for 2 x 2 pixels.</summary>
internal sealed partial class CanvasMask
{
    /// <summary>Canvas pixels a cell, a side.</summary>
    public const int Cell = 2;

    private CanvasMask(Annotation annotation, int grid, int left, int top, int right, int bottom)
    {
        Annotation = annotation;
        Name = NanoNames.KeysOf([annotation]).Select(k => (CategoryKey?)k).FirstOrDefault();
        (Grid, Left, Top, Right, Bottom) = (grid, left, top, right, bottom);
        Bits = new byte[(right - left) * (bottom - top)];
    }

    public Annotation Annotation { get; }

    /// <summary>What it is called; null for a region.</summary>
    public CategoryKey? Name { get; }

    /// <summary>Cells a side of the canvas.</summary>
    public int Grid { get; }

    public int Left { get; }

    public int Top { get; }

    public int Right { get; }

    public int Bottom { get; }

    /// <summary>[Bottom - Top, Right - Left], 1 inside.</summary>
    public byte[] Bits { get; }

    /// <summary>Cells inside.</summary>
    public int Area { get; private set; }

    /// <summary>The mask as the view shows it; null where none of it is seen.</summary>
    public static CanvasMask? See(Annotation annotation, CanvasView view, int grid)
    {
        Rle mask = annotation.Mask;
        if (mask.IsEmpty) return null;
        BoxI box = mask.Bounds;
        var (l, t, r, b) = view.Bounds(box.Left, box.Top, box.Right, box.Bottom);
        int left = Math.Max(0, (int)(l / Cell)), top = Math.Max(0, (int)(t / Cell));
        int right = Math.Min(grid, (int)(r / Cell) + 1), bottom = Math.Min(grid, (int)(b / Cell) + 1);
        if (left >= right || top >= bottom) return null;
        byte[] pixels = mask.Crop(box).ToBytes();
        var seen = new CanvasMask(annotation, grid, left, top, right, bottom);
        for (int y = top; y < bottom; y++)
            for (int x = left; x < right; x++)
            {
                var (sx, sy) = view.ToSource((x + 0.5) * Cell, (y + 0.5) * Cell);
                int px = (int)Math.Floor(sx) - box.Left, py = (int)Math.Floor(sy) - box.Top;
                if ((uint)px < (uint)box.Width && (uint)py < (uint)box.Height) seen.Bits[(y - top) * (right - left) + x - left] = pixels[py * box.Width + px];
            }
        seen.Count();
        return seen.Area > 0 ? seen : null;
    }

    /// <summary>Takes away what lies under another mask.</summary>
    public void Erase(CanvasMask over)
    {
        for (int y = Math.Max(Top, over.Top); y < Math.Min(Bottom, over.Bottom); y++)
            for (int x = Math.Max(Left, over.Left); x < Math.Min(Right, over.Right); x++)
                if (over.Bits[(y - over.Top) * (over.Right - over.Left) + x - over.Left] != 0) Bits[(y - Top) * (Right - Left) + x - Left] = 0;
        Count();
    }

    /// <summary>Adds the mask to a plane of the whole canvas, [Grid, Grid].</summary>
    public void Join(byte[] plane)
    {
        int width = Right - Left;
        for (int y = Top; y < Bottom; y++)
            for (int x = 0; x < width; x++) plane[y * Grid + Left + x] |= Bits[(y - Top) * width + x];
    }

    /// <summary>Whether a cell is inside.</summary>
    public bool Contains(int x, int y) => x >= Left && x < Right && y >= Top && y < Bottom && Bits[(y - Top) * (Right - Left) + x - Left] != 0;

    /// <summary>Cells of 2 x 2 to one of twice the side: counts 0 to 4, [Grid / 2, Grid / 2].</summary>
    public static void Halve(byte[] plane, int grid, Span<byte> half)
    {
        int side = grid / 2;
        for (int y = 0; y < side; y++)
        {
            var upper = plane.AsSpan(2 * y * grid, grid);
            var lower = plane.AsSpan((2 * y + 1) * grid, grid);
            for (int x = 0; x < side; x++) half[y * side + x] = (byte)(upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]);
        }
    }

    private void Count()
    {
        int area = 0;
        foreach (byte bit in Bits) area += bit;
        Area = area;
        (_tight, _depth) = (null, null);
    }
}
