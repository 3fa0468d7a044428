using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SemanticSam.Imaging.Resizing;

/// <summary>The two passes of a resize. Integer sums are exact in any order, so the vector and the plain code give the same bits.</summary>
internal static unsafe class ResizePasses
{
    private const int Shift = ResizeWeights.PrecisionBits;
    private const int Half = 1 << (Shift - 1);
    private const int ParallelFromBytes = 1 << 18;

    /// <summary>[H, W, 3] to [H, outputs, 3].</summary>
    /// <param name="image">The image.</param>
    /// <param name="weights">Of its columns.</param>
    /// <param name="vectors">Whether to use vector instructions where the processor has them.</param>
    public static RgbImage Columns(RgbImage image, ResizeWeights weights, bool vectors)
    {
        var result = new RgbImage(weights.Outputs, image.Height);
        // A vector step reads at most 5 bytes past its row; the last row, after which there are none, goes the plain way.
        int vectorRows = vectors && Vector256.IsHardwareAccelerated && image.Width >= 4 ? image.Height - 1 : 0;
        fixed (byte* from = image.Pixels, to = result.Pixels)
        fixed (int* values = weights.Values, starts = weights.Starts, counts = weights.Counts)
        {
            var pass = new Pass(from, image.Stride, to, result.Stride, weights.Outputs, weights.Stride, values, starts, counts);
            ForRows(image.Height, (long)image.Stride + result.Stride, y =>
            {
                if (y < vectorRows) ColumnsVector(pass, y);
                else ColumnsPlain(pass, y);
            });
        }
        return result;
    }

    /// <summary>[H, W, 3] to [outputs, W, 3].</summary>
    /// <param name="image">The image.</param>
    /// <param name="weights">Of its rows.</param>
    /// <param name="vectors">Whether to use vector instructions where the processor has them.</param>
    public static RgbImage Rows(RgbImage image, ResizeWeights weights, bool vectors)
    {
        var result = new RgbImage(image.Width, weights.Outputs);
        vectors &= Vector.IsHardwareAccelerated && image.Stride >= Vector<byte>.Count;
        fixed (byte* from = image.Pixels, to = result.Pixels)
        fixed (int* values = weights.Values, starts = weights.Starts, counts = weights.Counts)
        {
            var pass = new Pass(from, image.Stride, to, result.Stride, weights.Outputs, weights.Stride, values, starts, counts);
            ForRows(weights.Outputs, (long)result.Stride * weights.Stride, y =>
            {
                if (vectors) RowsVector(pass, y);
                else RowsPlain(pass, y);
            });
        }
        return result;
    }

    private readonly struct Pass(byte* from, int fromStride, byte* to, int toStride, int outputs, int weightStride, int* values, int* starts, int* counts)
    {
        public readonly byte* From = from, To = to;
        public readonly int FromStride = fromStride, ToStride = toStride, Outputs = outputs, WeightStride = weightStride;
        public readonly int* Values = values, Starts = starts, Counts = counts;
    }

    private static void ColumnsPlain(in Pass pass, int y)
    {
        byte* row = pass.From + (long)y * pass.FromStride, to = pass.To + (long)y * pass.ToStride;
        for (int x = 0; x < pass.Outputs; x++, to += 3)
        {
            byte* p = row + pass.Starts[x] * 3L;
            int* w = pass.Values + (long)x * pass.WeightStride;
            int r = Half, g = Half, b = Half;
            for (int i = 0, n = pass.Counts[x]; i < n; i++, p += 3)
            {
                r += p[0] * w[i];
                g += p[1] * w[i];
                b += p[2] * w[i];
            }
            to[0] = Clip(r);
            to[1] = Clip(g);
            to[2] = Clip(b);
        }
    }

    // Two taps a step: lanes 0..3 hold R,G,B,- of one pixel, lanes 4..7 those of the next. The shuffles are one instruction each, because
    // their indices are constants in place and bytes stay within their 128 bits.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // vectors of the machine's own width are not compiled before it runs
    private static void ColumnsVector(in Pass pass, int y)
    {
        const byte no = 0xFF;
        byte* row = pass.From + (long)y * pass.FromStride, to = pass.To + (long)y * pass.ToStride;
        for (int x = 0; x < pass.Outputs; x++, to += 3)
        {
            byte* p = row + pass.Starts[x] * 3L;
            int* w = pass.Values + (long)x * pass.WeightStride;
            Vector256<int> sum = Vector256<int>.Zero;
            for (int i = 0, n = pass.Counts[x]; i < n; i += 2, p += 6)
            {
                Vector256<byte> bytes = Vector256.Create(Unsafe.ReadUnaligned<ulong>(p)).AsByte();
                Vector256<int> taps = Vector256.Shuffle(bytes, Vector256.Create(
                    0, no, no, no, 1, no, no, no, 2, no, no, no, no, no, no, no,
                    19, no, no, no, 20, no, no, no, 21, no, no, no, no, no, no, no)).AsInt32();
                Vector256<int> pair = Vector256.Create(Unsafe.ReadUnaligned<long>(w + i)).AsInt32();
                sum += taps * Vector256.Shuffle(pair, Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1));
            }
            Vector128<int> total = (sum.GetLower() + sum.GetUpper() + Vector128.Create(Half)) >> Shift;
            Vector128<int> clipped = Vector128.Clamp(total, Vector128<int>.Zero, Vector128.Create(255));
            to[0] = (byte)clipped[0];
            to[1] = (byte)clipped[1];
            to[2] = (byte)clipped[2];
        }
    }

    private static void RowsPlain(in Pass pass, int y)
    {
        byte* top = pass.From + (long)pass.Starts[y] * pass.FromStride, to = pass.To + (long)y * pass.ToStride;
        int* w = pass.Values + (long)y * pass.WeightStride;
        for (int x = 0; x < pass.ToStride; x++)
        {
            int sum = Half;
            for (int i = 0, n = pass.Counts[y]; i < n; i++) sum += top[(long)i * pass.FromStride + x] * w[i];
            to[x] = Clip(sum);
        }
    }

    // A vector of bytes at a time in four sums; the last block overlaps the one before it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // vectors of the machine's own width are not compiled before it runs
    private static void RowsVector(in Pass pass, int y)
    {
        int block = Vector<byte>.Count;
        byte* top = pass.From + (long)pass.Starts[y] * pass.FromStride, to = pass.To + (long)y * pass.ToStride;
        int* w = pass.Values + (long)y * pass.WeightStride;
        int n = pass.Counts[y];
        Vector<int> half = Vector.Create(Half);
        for (int x = 0; x < pass.ToStride; x += block)
        {
            int at = Math.Min(x, pass.ToStride - block);
            byte* p = top + at;
            Vector<int> a = half, b = half, c = half, d = half;
            for (int i = 0; i < n; i++, p += pass.FromStride)
            {
                Vector<int> weight = Vector.Create(w[i]);
                Vector.Widen(Vector.Load(p), out Vector<ushort> low, out Vector<ushort> high);
                Vector.Widen(low, out Vector<uint> first, out Vector<uint> second);
                Vector.Widen(high, out Vector<uint> third, out Vector<uint> fourth);
                a += first.As<uint, int>() * weight;
                b += second.As<uint, int>() * weight;
                c += third.As<uint, int>() * weight;
                d += fourth.As<uint, int>() * weight;
            }
            Vector.Store(Vector.Narrow(Vector.Narrow(Clip(a), Clip(b)).As<short, ushort>(), Vector.Narrow(Clip(c), Clip(d)).As<short, ushort>()), to + at);
        }
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> Shift, 0, 255);

    private static Vector<int> Clip(Vector<int> sums) => Vector.Min(Vector.Max(sums >> Shift, Vector<int>.Zero), Vector.Create(255));

    private static void ForRows(int rows, long bytesPerRow, Action<int> row)
    {
        if (rows * bytesPerRow < ParallelFromBytes)
            for (int y = 0; y < rows; y++) row(y);
        else Parallel.For(0, rows, row);
    }
}
