using SemanticSam.Granularity.Layers;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>A region of one image of a batch.</summary>
/// <param name="Image">Index of the image.</param>
/// <param name="Box">In pixels.</param>
internal readonly record struct Region(int Image, BoxF Box);

/// <summary>
/// RoIAlign (Mask R-CNN, arXiv 1703.06870): the features of regions on a grid of bins, each the mean of bilinear samples, as many as a bin has cells.
/// A bin is a weighted sum of cells, and its weights are products of those of rows and of columns; so the bins of a region are two matrix products,
/// one for each axis, whose backward is autograd's and which run on every device. On the CPU <see cref="WindowBins"/> does the same without moving so much.
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
    /// <param name="products">Whether by matrix products of gathered windows; null for what is faster on the device.</param>
    /// <returns>[N, C, bins, bins].</returns>
    public static Tensor Pool(IReadOnlyList<Tensor> maps, IReadOnlyList<Region> regions, int bins, bool? products = null)
    {
        using var scope = NewDisposeScope();
        long channels = maps[0].shape[1];
        if (regions.Count == 0) return zeros([0, channels, bins, bins], maps[0].dtype, maps[0].device).MoveToOuterDisposeScope();
        var pooled = new List<Tensor>();
        var order = new List<long>();
        foreach (var ofLevel in Enumerable.Range(0, regions.Count).GroupBy(i => LevelOf(regions[i].Box)))
        {
            var map = maps[ofLevel.Key];
            var (height, width, perPixel) = ((int)map.shape[2], (int)map.shape[3], 1f / SimpleFpn.Strides[ofLevel.Key]);
            var cells = map.permute(0, 2, 3, 1).reshape(-1, channels);
            // The host's part, which would keep a GPU waiting if one thread did it.
            var windows = ofLevel.AsParallel().AsOrdered().Select(i => CellWindow.Of(i, regions[i], perPixel, bins, height, width)).ToArray();
            if (!(products ?? map.device_type != TorchSharp.DeviceType.CPU))
            {
                pooled.Add(WindowBins.apply(cells, new WindowBins.Plan(windows, new(height, width), bins)));
                order.AddRange(windows.Select(w => (long)w.Index));
                continue;
            }
            // Regions of about as many rows and columns go through one product; what is missing to the next power of two has the weight 0.
            foreach (var together in windows.GroupBy(w => (Padded(w.Rows), Padded(w.Columns))))
            {
                pooled.Add(Product(cells, [.. together], new(height, width), new(together.Key.Item1, together.Key.Item2)));
                order.AddRange(together.Select(w => (long)w.Index));
            }
        }
        var back = new long[order.Count];
        for (int i = 0; i < back.Length; i++) back[order[i]] = i;
        return cat(pooled).index_select(0, tensor(back, device: maps[0].device)) // [N, bins, bins, C]
            .permute(0, 3, 1, 2).reshape(regions.Count, channels, bins, bins).MoveToOuterDisposeScope();
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

    /// <summary>[regions, bins, bins, C] of regions whose windows fit one size.</summary>
    /// <param name="cells">[B * h * w, C].</param>
    /// <param name="windows">Of the regions.</param>
    /// <param name="map">Rows and columns of an image's map.</param>
    /// <param name="padded">Rows and columns that each window gets.</param>
    private static Tensor Product(Tensor cells, IReadOnlyList<CellWindow> windows, LevelShape map, LevelShape padded)
    {
        using var scope = NewDisposeScope();
        var device = cells.device;
        int count = windows.Count, bins = windows[0].Rows.GetLength(0);
        Tensor Places(Func<CellWindow, int> first, long padding, long length) => // what lies beyond the map has the weight 0: any cell will do
            (tensor([.. windows.Select(w => (long)first(w))], device: device).view(-1, 1) + arange(padding, device: device)).clamp_max(length - 1);
        Tensor rows = Places(w => w.Top, padded.Height, map.Height), columns = Places(w => w.Left, padded.Width, map.Width);
        var images = tensor([.. windows.Select(w => w.Image * map.Height)], device: device).view(-1, 1);
        var index = ((images + rows) * map.Width).unsqueeze(2) + columns.unsqueeze(1); // [N, h, w]
        var taken = cells.index_select(0, index.flatten()).view(count, padded.Height, -1); // [N, h, w * C]
        var ofRows = Weights(windows, w => w.Rows, padded.Height, device).bmm(taken).view(count * bins, padded.Width, -1); // [N * bins, w, C]
        var ofColumns = Weights(windows, w => w.Columns, padded.Width, device).repeat_interleave(bins, 0); // [N * bins, bins, w]
        return ofColumns.bmm(ofRows).view(count, bins, bins, -1).MoveToOuterDisposeScope();
    }

    /// <summary>[N, bins, padded].</summary>
    private static Tensor Weights(IReadOnlyList<CellWindow> windows, Func<CellWindow, float[,]> axis, long padded, Device device)
    {
        int bins = axis(windows[0]).GetLength(0);
        var all = new float[windows.Count * bins * padded];
        for (int n = 0, at = 0; n < windows.Count; n++)
        {
            float[,] own = axis(windows[n]);
            for (int b = 0; b < bins; b++, at += (int)padded)
                for (int c = 0; c < own.GetLength(1); c++) all[at + c] = own[b, c];
        }
        return tensor(all, [windows.Count, bins, padded], device: device);
    }

    private static long Padded(float[,] weights) => System.Numerics.BitOperations.RoundUpToPowerOf2((uint)weights.GetLength(1));

    /// <summary>The cells that a region's bins are made of.</summary>
    /// <param name="Index">Of the region.</param>
    /// <param name="Image">Whose map it is.</param>
    /// <param name="Top">First row.</param>
    /// <param name="Left">First column.</param>
    /// <param name="Rows">[bins, rows].</param>
    /// <param name="Columns">[bins, columns].</param>
    internal sealed record CellWindow(int Index, int Image, int Top, int Left, float[,] Rows, float[,] Columns)
    {
        public static CellWindow Of(int index, Region region, float perPixel, int bins, int height, int width)
        {
            var (rows, top) = Trim(Axis(region.Box.Y1, region.Box.Y2, perPixel, bins, height));
            var (columns, left) = Trim(Axis(region.Box.X1, region.Box.X2, perPixel, bins, width));
            return new(index, region.Image, top, left, rows, columns);
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
    }
}
