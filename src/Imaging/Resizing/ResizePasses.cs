using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SemanticSam.Imaging.Resizing;

/// <summary>The two passes of a resize. Integer sums are exact in any order, so the vector and the plain code give the same bits.</summary>
internal static unsafe class ResizePasses
{
    private const int Shift = ResizeWeights.PrecisionBits;
    private const int Half = 1 << (Shift - 1);
    private const int ParallelFromBytes = 1 << 18;

    /// <summary>Tests switch it off to compare.</summary>
    internal static bool UseVectors { get; set; } = Avx2.IsSupported;

    /// <summary>[H, W, 3] to [H, outputs, 3].</summary>
    public static RgbImage Columns(RgbImage image, ResizeWeights weights)
    {
        var result = new RgbImage(weights.Outputs, image.Height);
        // A vector step reads at most 5 bytes past its row; the rows that have no such bytes after them go the plain way.
        int vectorRows = UseVectors && image.Width >= 4 ? image.Height - 1 : 0;
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
    public static RgbImage Rows(RgbImage image, ResizeWeights weights)
    {
        var result = new RgbImage(image.Width, weights.Outputs);
        bool vectors = UseVectors && image.Stride >= RowBlock;
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

    // Two taps a step: lanes 0..3 hold R,G,B,- of one pixel, lanes 4..7 those of the next.
    private static void ColumnsVector(in Pass pass, int y)
    {
        const byte no = 0x80;
        Vector256<byte> spread = Vector256.Create(
            0, no, no, no, 1, no, no, no, 2, no, no, no, no, no, no, no,
            3, no, no, no, 4, no, no, no, 5, no, no, no, no, no, no, no);
        Vector256<int> pairs = Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1);
        byte* row = pass.From + (long)y * pass.FromStride, to = pass.To + (long)y * pass.ToStride;
        for (int x = 0; x < pass.Outputs; x++, to += 3)
        {
            byte* p = row + pass.Starts[x] * 3L;
            int* w = pass.Values + (long)x * pass.WeightStride;
            Vector256<int> sum = Vector256<int>.Zero;
            for (int i = 0, n = pass.Counts[x]; i < n; i += 2, p += 6)
            {
                Vector256<byte> bytes = Vector256.Create(Unsafe.ReadUnaligned<ulong>(p)).AsByte();
                Vector256<int> taps = Avx2.Shuffle(bytes, spread).AsInt32();
                Vector256<int> weight = Avx2.PermuteVar8x32(Vector256.Create(Unsafe.ReadUnaligned<long>(w + i)).AsInt32(), pairs);
                sum += taps * weight;
            }
            Vector128<int> total = (sum.GetLower() + sum.GetUpper() + Vector128.Create(Half)) >> Shift;
            uint rgb = Sse2.PackUnsignedSaturate(Sse2.PackSignedSaturate(total, total), Vector128<short>.Zero).AsUInt32().ToScalar();
            to[0] = (byte)rgb;
            to[1] = (byte)(rgb >> 8);
            to[2] = (byte)(rgb >> 16);
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

    private const int RowBlock = 32;

    // 32 bytes of a row at a time in four sums of eight; the last block overlaps the one before it.
    private static void RowsVector(in Pass pass, int y)
    {
        byte* top = pass.From + (long)pass.Starts[y] * pass.FromStride, to = pass.To + (long)y * pass.ToStride;
        int* w = pass.Values + (long)y * pass.WeightStride;
        int n = pass.Counts[y];
        Vector256<int> half = Vector256.Create(Half);
        for (int x = 0; x < pass.ToStride; x += RowBlock)
        {
            int at = Math.Min(x, pass.ToStride - RowBlock);
            byte* p = top + at;
            Vector256<int> a = half, b = half, c = half, d = half;
            for (int i = 0; i < n; i++, p += pass.FromStride)
            {
                Vector256<int> weight = Vector256.Create(w[i]);
                a += Avx2.ConvertToVector256Int32(p) * weight;
                b += Avx2.ConvertToVector256Int32(p + 8) * weight;
                c += Avx2.ConvertToVector256Int32(p + 16) * weight;
                d += Avx2.ConvertToVector256Int32(p + 24) * weight;
            }
            // Packing works in 128-bit halves, so groups of four come out as 0 2 4 6 | 1 3 5 7 and are put back in order.
            Vector256<short> ab = Avx2.PackSignedSaturate(a >> Shift, b >> Shift), cd = Avx2.PackSignedSaturate(c >> Shift, d >> Shift);
            Vector256<int> packed = Avx2.PackUnsignedSaturate(ab, cd).AsInt32();
            Avx2.PermuteVar8x32(packed, Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte().Store(to + at);
        }
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> Shift, 0, 255);

    private static void ForRows(int rows, long bytesPerRow, Action<int> row)
    {
        if (rows * bytesPerRow < ParallelFromBytes)
            for (int y = 0; y < rows; y++) row(y);
        else Parallel.For(0, rows, row);
    }
}
