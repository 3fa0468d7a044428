using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SemanticSam.Masks;

/// <content>
/// From and to row-major pixels. Rows are reduced to bits (SIMD), from which <see cref="RowRuns"/> makes run lengths; no transposition
/// takes place.
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
    /// From a plane of logits that covers only the window <paramref name="window"/> of an image of <paramref name="height"/> x
    /// <paramref name="width"/>: row-major [window.Height, window.Width], rows <paramref name="rowStride"/> values apart
    /// (0: window.Width). A value above the threshold is foreground; everything outside the window is background.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The window is not inside the image.</exception>
    /// <exception cref="ArgumentException"><paramref name="logits"/> is too short for the window.</exception>
    public static Rle FromLogits(ReadOnlySpan<float> logits, BoxI window, int height, int width, float threshold = 0, int rowStride = 0)
    {
        CheckWindow(window, height, width);
        if (rowStride == 0) rowStride = window.Width;
        if (window.IsEmpty) return Empty(height, width);
        if (rowStride < window.Width || logits.Length < (window.Height - 1L) * rowStride + window.Width)
            throw new ArgumentException($"{logits.Length} values, {rowStride} a row, do not hold a window of {window.Height} x {window.Width}.",
                nameof(logits));
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
        public uint Full(ReadOnlySpan<float> pixels) => RowRuns.Full(pixels, threshold);

        public uint Tail(ReadOnlySpan<float> pixels) => RowRuns.Tail(pixels, threshold);
    }

    /// <summary>Run lengths of a window of rows x columns pixels that lies at (left, top) of an image of height x width.</summary>
    private static Rle Encode<T, TRow>(TRow bitsOf, ReadOnlySpan<T> pixels, int stride, int rows, int columns, int left, int top, int height, int width)
        where TRow : struct, IRowBits<T>
    {
        int words = (columns + 31) / 32;
        var runs = new RowRuns(new(left, top, left + columns, top + rows), height, width);
        for (int y = 0; y < rows; y++)
        {
            var row = pixels.Slice(y * stride, columns);
            for (int w = 0; w < words; w++)
                runs.Word(y, w, columns - 32 * w >= 32 ? bitsOf.Full(row.Slice(32 * w, 32)) : bitsOf.Tail(row[(32 * w)..]));
        }
        // One row more than there is: background below the window ends every open run.
        for (int w = 0; w < words; w++) runs.Word(rows, w, 0);
        return runs.Collect();
    }
}
