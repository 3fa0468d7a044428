using SemanticSam.Formats;

namespace SemanticSam.Training.Samples;

/// <summary>The masks of an image as they lie on the canvas. Masks that are too small there are left out.</summary>
internal sealed class CanvasMasks
{
    private readonly List<byte[]> _planes = [];
    private readonly List<Annotation> _annotations = [];
    private readonly List<int[]> _pixels = [];

    public CanvasMasks(IReadOnlyList<Annotation> annotations, Viewport view, int size, int leastPixels)
    {
        Size = size;
        if (annotations.Count == 0) return;
        int width = annotations[0].Mask.Width;
        int[] columns = view.SourceColumns(width), rows = view.SourceRows(annotations[0].Mask.Height);
        foreach (var annotation in annotations)
        {
            byte[] source = annotation.Mask.ToBytes();
            var plane = new byte[size * size];
            var pixels = new List<int>();
            for (int y = 0; y < rows.Length; y++)
                for (int x = 0; x < columns.Length; x++)
                {
                    if (source[rows[y] * width + columns[x]] == 0) continue;
                    plane[y * size + x] = 1;
                    pixels.Add(y * size + x);
                }
            if (pixels.Count < leastPixels) continue;
            _planes.Add(plane);
            _pixels.Add([.. pixels]);
            _annotations.Add(annotation);
        }
    }

    public int Size { get; }

    public int Count => _planes.Count;

    /// <summary>What the masks are.</summary>
    public IReadOnlyList<Annotation> Annotations => _annotations;

    /// <summary>Row-major [Size, Size].</summary>
    public byte[] Plane(int mask) => _planes[mask];

    /// <summary>Indices of the pixels of a mask, ascending.</summary>
    public int[] Pixels(int mask) => _pixels[mask];

    /// <summary>[Count, 4]: (cx, cy, w, h) relative to the canvas.</summary>
    public float[] Boxes()
    {
        var boxes = new float[4 * Count];
        for (int m = 0; m < Count; m++)
        {
            int[] pixels = _pixels[m];
            int top = pixels[0] / Size, bottom = pixels[^1] / Size + 1, left = Size, right = 0;
            foreach (int p in pixels)
            {
                int x = p % Size;
                left = Math.Min(left, x);
                right = Math.Max(right, x + 1);
            }
            boxes[4 * m] = (left + right) / 2f / Size;
            boxes[4 * m + 1] = (top + bottom) / 2f / Size;
            boxes[4 * m + 2] = (right - left) / (float)Size;
            boxes[4 * m + 3] = (bottom - top) / (float)Size;
        }
        return boxes;
    }

    /// <summary>[Count, Size/2, Size/2]: 1 where more than half of the 4 pixels belong to the mask.</summary>
    public float[] Half()
    {
        int low = Size / 2, cells = low * low;
        var planes = new float[Count * cells];
        var counts = new int[cells];
        for (int m = 0; m < Count; m++)
        {
            Array.Clear(counts);
            foreach (int p in _pixels[m]) counts[p / Size / 2 * low + p % Size / 2]++;
            for (int c = 0; c < cells; c++) planes[m * cells + c] = counts[c] > 2 ? 1 : 0;
        }
        return planes;
    }
}
