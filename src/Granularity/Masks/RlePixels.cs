using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SemanticSam.Masks;

/// <content>
/// From and to row-major pixels. Runs go down columns, pixels come by rows; so rows are reduced to bits, each row is compared
/// with the one above (SIMD), and only the few pixels that differ are sorted into their columns. No transposition takes place.
/// </content>
public sealed partial class Rle
{
    /// <summary>From row-major pixels [height, width]: any byte other than 0 is foreground.</summary>
    /// <exception cref="ArgumentException"><paramref name="pixels"/> has another length than height x width.</exception>
    public static Rle FromBytes(ReadOnlySpan<byte> pixels, int height, int width)
    {
        Require(pixels.Length, height, width);
        return Encode(new ByteRows(), pixels, width, height, width, 0, 0, height, width);
    }

    /// <summary>From row-major pixels [height, width].</summary>
    /// <exception cref="ArgumentException"><paramref name="pixels"/> has another length than height x width.</exception>
    public static Rle FromBools(ReadOnlySpan<bool> pixels, int height, int width) =>
        FromBytes(MemoryMarshal.Cast<bool, byte>(pixels), height, width);

    /// <summary>From a row-major plane of logits [height, width]: a value above the threshold is foreground, NaN is not.</summary>
    /// <exception cref="ArgumentException"><paramref name="logits"/> has another length than height x width.</exception>
    public static Rle FromLogits(ReadOnlySpan<float> logits, int height, int width, float threshold = 0)
    {
        Require(logits.Length, height, width);
        return Encode(new FloatRows(threshold), logits, width, height, width, 0, 0, height, width);
    }

    /// <summary>
    /// From a plane of logits that covers only the window <paramref name="window"/> of a picture of <paramref name="height"/> x
    /// <paramref name="width"/>: row-major [window.Height, window.Width], rows <paramref name="rowStride"/> values apart
    /// (0: window.Width). A value above the threshold is foreground; everything outside the window is background.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The window is not inside the picture.</exception>
    /// <exception cref="ArgumentException"><paramref name="logits"/> is too short for the window.</exception>
    public static Rle FromLogits(ReadOnlySpan<float> logits, BoxI window, int height, int width, float threshold = 0, int rowStride = 0)
    {
        CheckWindow(window, height, width);
        if (rowStride == 0) rowStride = window.Width;
        if (window.IsEmpty) return Empty(height, width);
        if (rowStride < window.Width || logits.Length < (window.Height - 1L) * rowStride + window.Width)
            throw new ArgumentException($"{logits.Length} values, {rowStride} a row, do not hold a window of {window.Height} x {window.Width}.", nameof(logits));
        return Encode(new FloatRows(threshold), logits, rowStride, window.Height, window.Width, window.Left, window.Top, height, width);
    }

    /// <summary>Row-major pixels [Height, Width], 1 for foreground, 0 for background.</summary>
    public byte[] ToBytes()
    {
        var pixels = GC.AllocateUninitializedArray<byte>(Height * Width);
        CopyTo(pixels);
        return pixels;
    }

    /// <summary>Row-major pixels [Height, Width].</summary>
    public bool[] ToBools()
    {
        var pixels = GC.AllocateUninitializedArray<bool>(Height * Width);
        CopyTo(MemoryMarshal.Cast<bool, byte>(pixels.AsSpan()));
        return pixels;
    }

    /// <summary>Writes row-major pixels [Height, Width], 1 for foreground, 0 for background.</summary>
    /// <exception cref="ArgumentException"><paramref name="pixels"/> has another length than Height x Width.</exception>
    public void CopyTo(Span<byte> pixels)
    {
        Require(pixels.Length, Height, Width);
        pixels.Clear();
        // First only the changes down each column, then each row takes over the row above.
        int position = 0;
        for (int i = 0; i + 1 < _counts.Length; i += 2)
        {
            int start = position + _counts[i], end = start + _counts[i + 1];
            position = end;
            int x = start / Height, y = start - x * Height, lastX = (end - 1) / Height;
            pixels[y * Width + x] ^= 1;
            while (x < lastX) pixels[++x] ^= 1;
            int endY = end - lastX * Height;
            if (endY < Height) pixels[endY * Width + lastX] ^= 1;
        }
        for (int y = 1; y < Height; y++) XorInto(pixels.Slice(y * Width, Width), pixels.Slice((y - 1) * Width, Width));
    }

    internal static Rle FromCanonical(int height, int width, int[] counts) => new(height, width, counts);

    private static void XorInto(Span<byte> row, ReadOnlySpan<byte> above)
    {
        int x = 0;
        for (; x <= row.Length - Vector256<byte>.Count; x += Vector256<byte>.Count)
            (Vector256.Create<byte>(row[x..]) ^ Vector256.Create(above[x..])).CopyTo(row[x..]);
        for (; x < row.Length; x++) row[x] ^= above[x];
    }

    private static void Require(int length, int height, int width)
    {
        if (length != Pixels(height, width))
            throw new ArgumentException($"{length} pixels given, but {height} x {width} is {height * width}.");
    }

    private static void CheckWindow(BoxI window, int height, int width)
    {
        Pixels(height, width);
        if (window.Left < 0 || window.Top < 0 || window.Right > width || window.Bottom > height || window.Width < 0 || window.Height < 0)
            throw new ArgumentOutOfRangeException(nameof(window), window, $"The window has to lie inside {width} x {height} pixels.");
    }

    /// <summary>Reduces 32 or fewer pixels of a row to bits, the first pixel in bit 0.</summary>
    private interface IRowBits<T>
    {
        uint Full(ReadOnlySpan<T> pixels);
        uint Tail(ReadOnlySpan<T> pixels);
    }

    private readonly struct ByteRows : IRowBits<byte>
    {
        public uint Full(ReadOnlySpan<byte> pixels) => ~Vector256.Equals(Vector256.Create(pixels), Vector256<byte>.Zero).ExtractMostSignificantBits();

        public uint Tail(ReadOnlySpan<byte> pixels)
        {
            uint bits = 0;
            for (int i = 0; i < pixels.Length; i++) bits |= pixels[i] != 0 ? 1u << i : 0;
            return bits;
        }
    }

    private readonly struct FloatRows(float threshold) : IRowBits<float>
    {
        public uint Full(ReadOnlySpan<float> pixels)
        {
            var cut = Vector256.Create(threshold);
            return Vector256.GreaterThan(Vector256.Create(pixels), cut).ExtractMostSignificantBits()
                | Vector256.GreaterThan(Vector256.Create(pixels[8..]), cut).ExtractMostSignificantBits() << 8
                | Vector256.GreaterThan(Vector256.Create(pixels[16..]), cut).ExtractMostSignificantBits() << 16
                | Vector256.GreaterThan(Vector256.Create(pixels[24..]), cut).ExtractMostSignificantBits() << 24;
        }

        public uint Tail(ReadOnlySpan<float> pixels)
        {
            uint bits = 0;
            for (int i = 0; i < pixels.Length; i++) bits |= pixels[i] > threshold ? 1u << i : 0;
            return bits;
        }
    }

    /// <summary>Run lengths of a window of rows x columns pixels that lies at (left, top) of a picture of height x width.</summary>
    private static Rle Encode<T, TRow>(TRow bitsOf, ReadOnlySpan<T> pixels, int stride, int rows, int columns, int left, int top, int height, int width)
        where TRow : struct, IRowBits<T>
    {
        int words = (columns + 31) / 32;
        uint[] above = ArrayPool<uint>.Shared.Rent(words);
        int[] columnEnd = ArrayPool<int>.Shared.Rent(columns + 1);
        int[] changes = ArrayPool<int>.Shared.Rent(Math.Max(4096, 8 * columns)); // column and row of each change, row by row
        int count = 0;
        Array.Clear(above, 0, words);
        Array.Clear(columnEnd, 0, columns + 1);
        // One row more than there is: background below the window ends every open run.
        for (int y = 0; y <= rows; y++)
        {
            var row = y < rows ? pixels.Slice(y * stride, columns) : default;
            if (count + 2 * columns > changes.Length) changes = Grow(changes, count);
            for (int w = 0; w < words; w++)
            {
                uint bits = y == rows ? 0 : row.Length - 32 * w >= 32 ? bitsOf.Full(row.Slice(32 * w, 32)) : bitsOf.Tail(row[(32 * w)..]);
                uint changed = bits ^ above[w];
                above[w] = bits;
                for (; changed != 0; changed &= changed - 1)
                {
                    int x = 32 * w + BitOperations.TrailingZeroCount(changed);
                    columnEnd[x + 1]++;
                    changes[count++] = x;
                    changes[count++] = y;
                }
            }
        }
        int[] counts = SortIntoColumns(changes.AsSpan(0, count), columnEnd.AsSpan(0, columns + 1), left, top, height, width);
        ArrayPool<uint>.Shared.Return(above);
        ArrayPool<int>.Shared.Return(columnEnd);
        ArrayPool<int>.Shared.Return(changes);
        return new Rle(height, width, counts);
    }

    /// <summary>Counting sort by column (rows are in order already), then run lengths.</summary>
    private static int[] SortIntoColumns(ReadOnlySpan<int> changes, Span<int> columnStart, int left, int top, int height, int width)
    {
        for (int x = 1; x < columnStart.Length; x++) columnStart[x] += columnStart[x - 1];
        int n = changes.Length / 2;
        int[] sorted = ArrayPool<int>.Shared.Rent(Math.Max(n, 1));
        for (int i = 0; i < changes.Length; i += 2)
        {
            int x = changes[i];
            sorted[columnStart[x]++] = (x + left) * height + changes[i + 1] + top;
        }
        var toggles = new ToggleList(n);
        foreach (int position in sorted.AsSpan(0, n)) toggles.Add(position);
        ArrayPool<int>.Shared.Return(sorted);
        return toggles.ToCounts(height * width);
    }

    private static int[] Grow(int[] array, int used)
    {
        int[] larger = ArrayPool<int>.Shared.Rent(2 * array.Length);
        array.AsSpan(0, used).CopyTo(larger);
        ArrayPool<int>.Shared.Return(array);
        return larger;
    }
}
