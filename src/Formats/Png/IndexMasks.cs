using SemanticSam.Masks;

namespace SemanticSam.Formats.Png;

/// <summary>The masks of a plane of numbers, one a pixel.</summary>
/// <param name="values">[height, width].</param>
/// <param name="height">Rows.</param>
/// <param name="width">Columns.</param>
internal sealed class IndexMasks(ushort[] values, int height, int width)
{
    private readonly Dictionary<ushort, BoxI> _boxes = Boxes(values, width);

    /// <summary>The numbers that occur.</summary>
    public ICollection<ushort> Values => _boxes.Keys;

    /// <summary>The pixels of a number; empty for one that does not occur.</summary>
    public Rle this[ushort value]
    {
        get
        {
            if (!_boxes.TryGetValue(value, out var box)) return Rle.Empty(height, width);
            var inside = Planes.Cleared(box.Width * box.Height);
            for (int y = 0; y < box.Height; y++)
                for (int x = 0; x < box.Width; x++)
                    inside[y * box.Width + x] = values[(y + box.Top) * width + x + box.Left] == value ? (byte)1 : (byte)0;
            return Rle.FromBytes(inside, box.Height, box.Width).Paste(box.Left, box.Top, height, width);
        }
    }

    /// <summary>Where each value is, so that thousands of masks do not each look through the whole image.</summary>
    private static Dictionary<ushort, BoxI> Boxes(ushort[] values, int width)
    {
        var boxes = new Dictionary<ushort, BoxI>();
        for (int start = 0; start < values.Length;)
        {
            ushort value = values[start];
            int y = start / width, end = start + 1, line = (y + 1) * width;
            while (end < line && values[end] == value) end++;
            var run = new BoxI(start - y * width, y, end - y * width, y + 1);
            boxes[value] = boxes.TryGetValue(value, out var box) ? new(Math.Min(box.Left, run.Left), box.Top, Math.Max(box.Right, run.Right), run.Bottom) : run;
            start = end;
        }
        return boxes;
    }
}
