using System.Numerics;

namespace SemanticSam.Imaging.Decoding;

/// <summary>
/// Reduces an image by a whole factor, row by row, as a decoder gives them: each pixel is the mean of a square of the image, of what there is of it at the
/// right and bottom edges. Nothing of the image's size is held.
/// </summary>
/// <typeparam name="T">Of samples: bytes, or 16 bits.</typeparam>
internal sealed class RowReducer<T> where T : unmanaged, IBinaryInteger<T>
{
    private readonly int _factor, _columns, _samples;
    private readonly ulong[] _sums;

    /// <param name="width">Columns of the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="factor">At least 1.</param>
    /// <param name="samples">Of a pixel: 3, or 1 where a plane is reduced alone.</param>
    public RowReducer(int width, int height, int factor, int samples = 3)
    {
        (Width, Height, _factor, _samples) = (width, height, factor, samples);
        _columns = Reduction.Up(width, factor);
        Result = new T[checked(samples * _columns * Reduction.Up(height, factor))];
        _sums = new ulong[samples * _columns];
    }

    /// <summary>Columns of the image.</summary>
    public int Width { get; }

    /// <summary>Rows of the image.</summary>
    public int Height { get; }

    /// <summary>Rows taken so far.</summary>
    public int Rows { get; private set; }

    /// <summary>What became of the rows, [rows, columns, samples].</summary>
    public T[] Result { get; }

    /// <summary>Takes the next row: R, G, B, interleaved, or the row of a plane.</summary>
    public void Add(ReadOnlySpan<T> row)
    {
        if (_samples == 3) AddColors(row);
        else AddPlane(row);
        Rows++;
        if (Rows % _factor == 0 || Rows == Height) Emit();
    }

    private void AddPlane(ReadOnlySpan<T> plane)
    {
        for (int x = 0, from = 0; x < _sums.Length; x++, from += _factor)
            foreach (T sample in plane[from..Math.Min(from + _factor, plane.Length)]) _sums[x] += ulong.CreateTruncating(sample);
    }

    private void AddColors(ReadOnlySpan<T> rgb)
    {
        int step = 3 * _factor;
        for (int x = 0, from = 0; x < _sums.Length; x += 3, from += step)
        {
            ulong r = 0, g = 0, b = 0;
            int end = Math.Min(from + step, rgb.Length);
            for (int i = from; i < end; i += 3)
            {
                r += ulong.CreateTruncating(rgb[i]);
                g += ulong.CreateTruncating(rgb[i + 1]);
                b += ulong.CreateTruncating(rgb[i + 2]);
            }
            _sums[x] += r;
            _sums[x + 1] += g;
            _sums[x + 2] += b;
        }
    }

    /// <summary>Takes one value for all rows that are missing.</summary>
    public void Fill(T value)
    {
        var row = new T[_samples * Width];
        Array.Fill(row, value);
        while (Rows < Height) Add(row);
    }

    /// <summary>The result, or what was made of it, as an image that is not turned.</summary>
    public RgbImage AsImage(byte[] pixels) => new(_columns, pixels.Length / (3 * _columns), pixels, Width, Height);

    private void Emit()
    {
        int row = (Rows - 1) / _factor, high = Rows - row * _factor, at = row * _sums.Length;
        for (int x = 0; x < _columns; x++)
        {
            ulong count = (ulong)high * (ulong)Math.Min(_factor, Width - x * _factor);
            for (int i = _samples * x; i < _samples * (x + 1); i++) Result[at + i] = T.CreateTruncating((_sums[i] + count / 2) / count);
        }
        Array.Clear(_sums);
    }
}

/// <summary>By how much a large image is reduced.</summary>
internal static class Reduction
{
    /// <summary>
    /// Pixels that are left at most, a quarter of what need not be reduced: far more than any network sees, also of a crop of a crop, and little enough that
    /// what is painted on them does not take more than decoding the largest whole image.
    /// </summary>
    public static long MostPixels(ImageDecoderOptions options) => Math.Max(options.ReduceAbove / 4, 1);

    /// <summary>The smallest factor that leaves few enough pixels; 1 for what need not be reduced.</summary>
    public static int FactorFor(int width, int height, ImageDecoderOptions options)
    {
        if ((long)width * height <= options.ReduceAbove) return 1;
        int factor = 2;
        while (Area(width, height, factor) > MostPixels(options)) factor++;
        return factor;
    }

    /// <summary>Pixels that are left.</summary>
    public static long Area(int width, int height, int factor) => (long)Up(width, factor) * Up(height, factor);

    /// <summary>A side, reduced; what is left over at the edge becomes a pixel, too.</summary>
    public static int Up(int side, int factor) => (side + factor - 1) / factor;
}
