namespace SemanticSam.Imaging;

/// <summary>
/// An image in memory: 8-bit R, G, B, interleaved, rows from top to bottom without gaps. EXIF orientation is already applied,
/// transparency already composed. A very large one may be a reduced copy that stands for its file: <see cref="FullWidth"/> and
/// <see cref="FullHeight"/> are the file's, prompts and masks are in their pixels.
/// </summary>
public sealed class RgbImage
{
    /// <summary>A black image.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or 3 * width * height bytes exceed the largest array.</exception>
    public RgbImage(int width, int height) : this(width, height, new byte[ByteCount(width, height)]) { }

    /// <summary>Takes over existing pixels; they are not copied.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">3 * width * height bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or 3 * width * height bytes exceed the largest array.</exception>
    /// <exception cref="ArgumentException"><paramref name="pixels"/> has another length.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        int expected = ByteCount(width, height);
        if (pixels.Length != expected)
            throw new ArgumentException($"An image of {width} x {height} has {expected} bytes of RGB; {pixels.Length} were given.", nameof(pixels));
        Width = FullWidth = width;
        Height = FullHeight = height;
        Pixels = pixels;
    }

    /// <summary>A reduced copy that stands for an image of a larger size.</summary>
    internal RgbImage(int width, int height, byte[] pixels, int fullWidth, int fullHeight) : this(width, height, pixels)
    {
        FullWidth = fullWidth;
        FullHeight = fullHeight;
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns of the image that this one stands for: larger than <see cref="Width"/> where it was reduced while it was decoded
    /// (<see cref="ImageDecoderOptions.ReduceAbove"/>), else the same.</summary>
    public int FullWidth { get; }

    /// <summary>Rows of the image that this one stands for, as <see cref="FullWidth"/>.</summary>
    public int FullHeight { get; }

    /// <summary>Whether it is a reduced copy.</summary>
    internal bool IsReduced => FullWidth != Width || FullHeight != Height;

    /// <summary>The bytes, [Height, Width, 3].</summary>
    public byte[] Pixels { get; }

    /// <summary>Bytes a row: 3 * Width.</summary>
    public int Stride => Width * 3;

    /// <summary>The 3 * Width bytes of a row.</summary>
    /// <param name="y">Row, from the top.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="y"/> is not a row.</exception>
    public Span<byte> Row(int y)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(y, Height);
        return Pixels.AsSpan(y * Stride, Stride);
    }

    /// <summary>A copy of the rectangle whose top left pixel is (x, y).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rectangle is empty or leaves the image.</exception>
    public RgbImage Crop(int x, int y, int width, int height)
    {
        if (x < 0 || y < 0 || width < 1 || height < 1 || x > Width - width || y > Height - height)
            throw new ArgumentOutOfRangeException(nameof(x), $"The rectangle {width} x {height} at ({x}, {y}) is not inside the image of {Width} x {Height}.");
        var part = new RgbImage(width, height);
        for (int row = 0; row < height; row++) Row(y + row).Slice(x * 3, width * 3).CopyTo(part.Row(row));
        return part;
    }

    /// <summary>A copy of a rectangle of the image that this one stands for, in its pixels; reduced where this one is.</summary>
    internal RgbImage CropFull(int x, int y, int width, int height)
    {
        if (!IsReduced) return Crop(x, y, width, height);
        var (left, columns) = Reduced(x, width, FullWidth, Width);
        var (top, rows) = Reduced(y, height, FullHeight, Height);
        return new(columns, rows, Crop(left, top, columns, rows).Pixels, width, height);

        static (int Start, int Count) Reduced(int start, int count, int full, int side)
        {
            double scale = (double)side / full;
            int first = Math.Clamp((int)Math.Round(start * scale), 0, side - 1), end = Math.Clamp((int)Math.Round((start + count) * scale), first + 1, side);
            return (first, end - first);
        }
    }

    private static int ByteCount(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var bytes = (Int128)3 * width * height;
        if (bytes > Array.MaxLength)
            throw new ArgumentOutOfRangeException(nameof(width),
                $"An image of {width} x {height} needs {bytes} bytes; at most {Array.MaxLength} are possible.");
        return (int)bytes;
    }
}
