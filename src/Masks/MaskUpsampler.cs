using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace SemanticSam.Masks;

/// <summary>A mask cut out of its logits.</summary>
/// <param name="Mask">Of the image's size.</param>
/// <param name="Stability">See <see cref="Stability"/>; NaN when nothing is above the lower cut.</param>
internal readonly record struct CutMask(Rle Mask, float Stability);

/// <summary>
/// Brings masks from the decoder's low resolution to the image's, only where they are: rows and columns to which no cell contributes that
/// could lift a pixel above the cuts are never computed, and of the rest only a few rows exist at a time. The result is bit for bit that
/// of upsampling the whole plane and cutting it then. Safe for several threads.
/// </summary>
internal sealed class MaskUpsampler
{
    private readonly UpsamplingAxis _rows, _columns;
    private readonly double _negative;

    private MaskUpsampler(ResamplingBand rows, ResamplingBand columns)
    {
        _rows = new(rows);
        _columns = new(columns);
        // Of a product of two axes: a negative weight is one negative and one positive factor.
        _negative = _rows.Negative * (1 + _columns.Negative) + _columns.Negative * (1 + _rows.Negative);
    }

    /// <summary>Rows of the low resolution.</summary>
    public int LowHeight => _rows.Input;

    /// <summary>Columns of the low resolution.</summary>
    public int LowWidth => _columns.Input;

    /// <summary>Rows of the upsampled plane.</summary>
    public int Height => _rows.Output;

    /// <summary>Columns of the upsampled plane.</summary>
    public int Width => _columns.Output;

    /// <summary>Semantic-SAM and OpenSeeD: bilinear to the padded size, crop, antialiased bicubic to the image.</summary>
    /// <param name="low">Size of the decoder's masks.</param>
    /// <param name="geometry">The image's sizes.</param>
    public static MaskUpsampler Bicubic(PixelSize low, ImageGeometry geometry) => new(
        ResamplingBand.BicubicToImage(low.Height, geometry.Padded.Height, geometry.Unpadded.Height, geometry.Output.Height),
        ResamplingBand.BicubicToImage(low.Width, geometry.Padded.Width, geometry.Unpadded.Width, geometry.Output.Width));

    /// <summary>SAM: bilinear to the padded square, crop, bilinear to the image (<c>postprocess_masks</c>).</summary>
    /// <inheritdoc cref="Bicubic" path="/param"/>
    public static MaskUpsampler Bilinear(PixelSize low, ImageGeometry geometry) => new(
        ResamplingBand.BilinearToImage(low.Height, geometry.Padded.Height, geometry.Unpadded.Height, geometry.Output.Height),
        ResamplingBand.BilinearToImage(low.Width, geometry.Padded.Width, geometry.Unpadded.Width, geometry.Output.Width));

    /// <summary>The pixels above a threshold, and how stable that cut is.</summary>
    /// <param name="low">Row-major [LowHeight, LowWidth].</param>
    /// <param name="threshold">Logits above are foreground.</param>
    /// <param name="offset">How far the threshold moves either way for the stability; not negative.</param>
    public CutMask Cut(ReadOnlySpan<float> low, double threshold = 0, double offset = 1) =>
        Cut(low, threshold, offset, new(0, 0, Width, Height), Height, Width);

    /// <summary>The same for a plane that is a crop of a larger image.</summary>
    /// <param name="low">Row-major [LowHeight, LowWidth].</param>
    /// <param name="threshold">Logits above are foreground.</param>
    /// <param name="offset">How far the threshold moves either way for the stability; not negative.</param>
    /// <param name="crop">Where the plane lies, of its size.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    public CutMask Cut(ReadOnlySpan<float> low, double threshold, double offset, BoxI crop, int height, int width)
    {
        using var spans = new RowSpans(LowHeight);
        var window = Window(low, (float)WhatCanReach(low, threshold - offset), spans);
        if (window.IsEmpty) return new(Rle.Empty(height, width), float.NaN);

        float cut = (float)threshold, upper = (float)(threshold + offset), lower = (float)(threshold - offset);
        int above = 0, below = 0;
        var runs = new RowRuns(new(window.Left + crop.Left, window.Top + crop.Top, window.Right + crop.Left, window.Bottom + crop.Top), height, width);
        using var rows = new RollingRows(this, window);
        for (int y = window.Top; y < window.Bottom; y++)
        {
            if (!spans.Of(_rows.First[y], _rows.Taps, out int firstCell, out int lastCell)) continue;
            int from = _columns.From[firstCell] - window.Left, to = _columns.To[lastCell] - window.Left;
            if (from >= to) continue; // cells of the padding alone
            // Whole words of the run lengths, so that their bits need no shifting.
            int fromWord = from / 32, toWord = (to + 31) / 32;
            var values = rows.Row(low, y, 32 * fromWord, Math.Min(32 * toWord, window.Width));
            above += Stability.CountAbove(values, upper);
            below += Stability.CountAbove(values, lower);
            runs.Add(y - window.Top, fromWord, values, cut);
        }
        return new(runs.Finish(), (float)above / below);
    }

    /// <summary>Every logit of a window.</summary>
    /// <param name="low">Row-major [LowHeight, LowWidth].</param>
    /// <param name="window">Inside the upsampled plane.</param>
    /// <returns>Row-major [window.Height, window.Width].</returns>
    public float[] Upsample(ReadOnlySpan<float> low, BoxI window)
    {
        var logits = new float[window.Width * window.Height];
        using var rows = new RollingRows(this, window);
        for (int y = window.Top; y < window.Bottom; y++)
            rows.Row(low, y, 0, window.Width).CopyTo(logits.AsSpan((y - window.Top) * window.Width));
        return logits;
    }

    /// <summary>
    /// A cell's logit must exceed this for a pixel near it to exceed <paramref name="cut"/>. With weights that sum to 1 and negative ones
    /// that sum to n, a pixel is at most (1 + n) times the largest cell it takes from less n times the smallest.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double WhatCanReach(ReadOnlySpan<float> low, double cut)
    {
        float smallest = float.PositiveInfinity, largest = float.NegativeInfinity;
        foreach (float value in low)
        {
            smallest = MathF.Min(smallest, value);
            largest = MathF.Max(largest, value);
        }
        double rounding = 1e-4 * Math.Max(Math.Abs((double)smallest), Math.Abs((double)largest));
        return (cut + _negative * smallest) / (1 + _negative) - rounding;
    }

    /// <summary>The pixels that some cell above <paramref name="lowest"/> contributes to; and in which rows of the low resolution such cells lie.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private BoxI Window(ReadOnlySpan<float> low, float lowest, RowSpans spans)
    {
        int top = -1, bottom = -1, left = int.MaxValue, right = -1;
        for (int r = 0; r < LowHeight; r++)
        {
            var row = low.Slice(r * LowWidth, LowWidth);
            int first = 0, last = LowWidth - 1;
            while (first < row.Length && !(row[first] > lowest)) first++;
            while (last >= first && !(row[last] > lowest)) last--;
            spans.Set(r, first, last);
            if (first > last) continue;
            if (top < 0) top = r;
            bottom = r;
            (left, right) = (Math.Min(left, first), Math.Max(right, last));
        }
        return top < 0 ? default : new(_columns.From[left], _rows.From[top], _columns.To[right], _rows.To[bottom]);
    }

    /// <summary>For each row of the low resolution the first and last cell that matters.</summary>
    private readonly struct RowSpans(int rows) : IDisposable
    {
        private readonly int[] _ends = ArrayPool<int>.Shared.Rent(2 * rows);

        public void Set(int row, int first, int last) => (_ends[2 * row], _ends[2 * row + 1]) = (first, last);

        /// <summary>First and last cell of several rows together; false when there is none.</summary>
        public bool Of(int row, int count, out int first, out int last)
        {
            (first, last) = (int.MaxValue, -1);
            for (int r = row; r < row + count; r++)
                if (_ends[2 * r] <= _ends[2 * r + 1])
                    (first, last) = (Math.Min(first, _ends[2 * r]), Math.Max(last, _ends[2 * r + 1]));
            return last >= 0;
        }

        public void Dispose() => ArrayPool<int>.Shared.Return(_ends);
    }

    /// <summary>Rows of the low resolution at the image's width, as many as one row of the image needs.</summary>
    private readonly struct RollingRows : IDisposable
    {
        private readonly MaskUpsampler _of;
        private readonly BoxI _window;
        private readonly float[] _wide; // [taps + 1, window.Width]; the last is the result
        private readonly int[] _held;

        public RollingRows(MaskUpsampler of, BoxI window)
        {
            (_of, _window) = (of, window);
            _wide = ArrayPool<float>.Shared.Rent((of._rows.Taps + 1) * window.Width);
            _held = new int[of._rows.Taps];
            Array.Fill(_held, -1);
        }

        /// <summary>A row of the image between two columns of the window.</summary>
        public ReadOnlySpan<float> Row(ReadOnlySpan<float> low, int y, int from, int to)
        {
            var rows = _of._rows;
            var result = _wide.AsSpan(rows.Taps * _window.Width + from, to - from);
            for (int k = 0; k < rows.Taps; k++)
            {
                int row = rows.First[y] + k, place = row % rows.Taps;
                var wide = _wide.AsSpan(place * _window.Width, _window.Width);
                if (_held[place] != row)
                {
                    Widen(low.Slice(row * _of.LowWidth, _of.LowWidth), wide);
                    _held[place] = row;
                }
                float weight = rows.Weights[k * rows.Output + y];
                if (k == 0) Multiply(wide[from..to], weight, result);
                else AddProduct(wide[from..to], weight, result);
            }
            return result;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Widen(ReadOnlySpan<float> cells, Span<float> wide)
        {
            var columns = _of._columns;
            int taps = columns.Taps;
            var first = columns.First.AsSpan(_window.Left, _window.Width);
            for (int k = 0; k < taps; k++)
            {
                var weights = columns.Weights.AsSpan(k * columns.Output + _window.Left, _window.Width);
                var shifted = cells[k..];
                if (k == 0)
                    for (int x = 0; x < wide.Length; x++) wide[x] = weights[x] * shifted[first[x]];
                else
                    for (int x = 0; x < wide.Length; x++) wide[x] += weights[x] * shifted[first[x]];
            }
        }

        public void Dispose() => ArrayPool<float>.Shared.Return(_wide);
    }

    // Plain products and sums, never fused: a pixel's value must not depend on where in a vector it stands.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(ReadOnlySpan<float> values, float weight, Span<float> result)
    {
        int x = 0;
        var factor = new Vector<float>(weight);
        for (; x <= values.Length - Vector<float>.Count; x += Vector<float>.Count)
            (new Vector<float>(values[x..]) * factor).CopyTo(result[x..]);
        for (; x < values.Length; x++) result[x] = values[x] * weight;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddProduct(ReadOnlySpan<float> values, float weight, Span<float> result)
    {
        int x = 0;
        var factor = new Vector<float>(weight);
        for (; x <= values.Length - Vector<float>.Count; x += Vector<float>.Count)
            (new Vector<float>(result[x..]) + new Vector<float>(values[x..]) * factor).CopyTo(result[x..]);
        for (; x < values.Length; x++) result[x] += values[x] * weight;
    }
}
