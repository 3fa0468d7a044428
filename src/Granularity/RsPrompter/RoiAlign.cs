using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>A region of one image of a batch.</summary>
/// <param name="Image">Index of the image.</param>
/// <param name="Box">In pixels.</param>
internal readonly record struct Region(int Image, BoxF Box);

/// <summary>
/// RoIAlign (Mask R-CNN, arXiv 1703.06870): the features of regions on a grid of bins, each the mean of bilinear samples, as many as a bin has cells.
/// A bin is a weighted sum of cells, and its weights are products of those of rows and of columns; so all bins of a region are one matrix product,
/// whose backward is autograd's and which runs on every device.
/// </summary>
internal static class RoiAlign
{
    private const float FinestScale = 56;

    private const int Levels = 4;

    /// <summary>The level of a pyramid that a region is read from: larger regions from coarser ones.</summary>
    public static int LevelOf(BoxF box) => Math.Clamp((int)MathF.Floor(MathF.Log2(MathF.Sqrt(box.Area) / FinestScale + 1e-6f)), 0, Levels - 1);

    /// <summary>Features of regions, each from the level for its size.</summary>
    /// <param name="maps">[B, C, h, w] at strides 4, 8, 16, 32; more are not looked at.</param>
    /// <param name="regions">N regions.</param>
    /// <param name="bins">Bins a side.</param>
    /// <returns>[N, C, bins, bins].</returns>
    public static Tensor Pool(IReadOnlyList<Tensor> maps, IReadOnlyList<Region> regions, int bins)
    {
        using var scope = NewDisposeScope();
        long channels = maps[0].shape[1];
        if (regions.Count == 0) return zeros([0, channels, bins, bins], maps[0].dtype, maps[0].device).MoveToOuterDisposeScope();
        var pooled = new List<Tensor>();
        var order = new List<long>();
        foreach (var ofLevel in Enumerable.Range(0, regions.Count).GroupBy(i => LevelOf(regions[i].Box)))
        {
            var map = maps[ofLevel.Key];
            var cells = map.permute(0, 2, 3, 1).reshape(-1, channels);
            var windows = ofLevel.Select(i => (Index: i, Window: Window(regions[i], map, SimpleFpn.Strides[ofLevel.Key], bins)));
            // Regions of about as many cells go through one product; what is missing to the next power of two has the weight 0.
            foreach (var together in windows.GroupBy(w => System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, w.Window.Cells.Length))))
            {
                pooled.Add(Product(cells, [.. together.Select(w => w.Window)], (int)together.Key, bins * bins));
                order.AddRange(together.Select(w => (long)w.Index));
            }
        }
        var back = new long[order.Count];
        for (int i = 0; i < back.Length; i++) back[order[i]] = i;
        return cat(pooled).index_select(0, tensor(back, device: maps[0].device)) // [N, bins * bins, C]
            .transpose(1, 2).reshape(regions.Count, channels, bins, bins).MoveToOuterDisposeScope();
    }

    /// <summary>Weights of the cells of one axis for each bin, dense.</summary>
    /// <param name="from">First border in pixels.</param>
    /// <param name="to">Second border in pixels.</param>
    /// <param name="perPixel">Cells a pixel.</param>
    /// <param name="bins">Bins.</param>
    /// <param name="length">Cells of the axis.</param>
    /// <returns>[bins, length].</returns>
    internal static float[,] Axis(float from, float to, float perPixel, int bins, int length)
    {
        var weights = new float[bins, length];
        float start = from * perPixel - 0.5f, size = to * perPixel - 0.5f - start, bin = size / bins;
        int samples = (int)MathF.Ceiling(size / bins);
        for (int b = 0; b < bins; b++)
            for (int s = 0; s < samples; s++)
            {
                float at = start + b * bin + (s + 0.5f) * bin / samples;
                if (at < -1 || at > length) continue;
                at = MathF.Max(at, 0);
                int low = Math.Min((int)at, length - 1), high = Math.Min(low + 1, length - 1);
                float share = low == high ? 0 : at - low;
                weights[b, low] += (1 - share) / samples;
                weights[b, high] += share / samples;
            }
        return weights;
    }

    private static Tensor Product(Tensor cells, IReadOnlyList<CellWindow> windows, int padded, int outputs)
    {
        using var scope = NewDisposeScope();
        var index = new long[windows.Count * padded];
        var weights = new float[windows.Count * outputs * padded];
        for (int n = 0; n < windows.Count; n++)
        {
            var (rows, columns, own) = (windows[n].Rows, windows[n].Columns, windows[n].Cells);
            own.CopyTo(index, n * padded);
            int width = columns.GetLength(1), at = n * outputs * padded;
            for (int y = 0; y < rows.GetLength(0); y++)
                for (int x = 0; x < columns.GetLength(0); x++, at += padded)
                    for (int c = 0; c < own.Length; c++) weights[at + c] = rows[y, c / width] * columns[x, c % width];
        }
        var taken = cells.index_select(0, tensor(index, device: cells.device)).view(windows.Count, padded, -1);
        return tensor(weights, [windows.Count, outputs, padded], device: cells.device).bmm(taken).MoveToOuterDisposeScope();
    }

    private static CellWindow Window(Region region, Tensor map, int stride, int bins)
    {
        int height = (int)map.shape[2], width = (int)map.shape[3];
        float perPixel = 1f / stride;
        var (rows, top) = Trim(Axis(region.Box.Y1, region.Box.Y2, perPixel, bins, height));
        var (columns, left) = Trim(Axis(region.Box.X1, region.Box.X2, perPixel, bins, width));
        int across = columns.GetLength(1);
        var cells = new long[rows.GetLength(1) * across];
        for (int c = 0; c < cells.Length; c++) cells[c] = ((long)region.Image * height + top + c / across) * width + left + c % across;
        return new(rows, columns, cells);
    }

    /// <summary>Without the cells before the first and after the last that has a weight.</summary>
    private static (float[,] Weights, int First) Trim(float[,] weights)
    {
        int bins = weights.GetLength(0), length = weights.GetLength(1), first = length, last = -1;
        for (int b = 0; b < bins; b++)
            for (int c = 0; c < length; c++)
                if (weights[b, c] != 0) (first, last) = (Math.Min(first, c), Math.Max(last, c));
        if (last < 0) return (new float[bins, 1], 0);
        var trimmed = new float[bins, last - first + 1];
        for (int b = 0; b < bins; b++)
            for (int c = first; c <= last; c++) trimmed[b, c - first] = weights[b, c];
        return (trimmed, first);
    }

    private sealed record CellWindow(float[,] Rows, float[,] Columns, long[] Cells);
}
