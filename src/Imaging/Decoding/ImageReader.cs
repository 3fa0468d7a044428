namespace SemanticSam.Imaging.Decoding;

/// <summary>Recognizes and decodes one format.</summary>
/// <param name="format">The format.</param>
/// <param name="formatName">What messages call it.</param>
internal abstract class ImageReader(ImageFormat format, string formatName)
{
    /// <summary>All formats that are read. A new one is a class and a line here.</summary>
    private static readonly ImageReader[] All = [new JpegReader(), new PngReader(), new WebpReader(), new TiffReader(), new BmpReader(),
        new GifReader(), new IcoReader()];

    private static readonly string Readable =
        $"{string.Join(", ", All.SkipLast(1).Select(r => r.FormatName))} and {All[^1].FormatName} can be read; convert it to one of them.";

    public ImageFormat Format { get; } = format;

    public string FormatName { get; } = formatName;

    /// <summary>"a JPEG", "an ICO": names of formats are read as words, or letter by letter.</summary>
    public string OneOfFormat => $"{("AEIO".Contains(FormatName[0]) ? "an" : "a")} {FormatName}";

    /// <summary>The reader of what the bytes are.</summary>
    /// <exception cref="ImageException">They are nothing that can be read; the message says what they are.</exception>
    public static ImageReader For(ReadOnlySpan<byte> file, string name)
    {
        if (file.IsEmpty) throw new ImageException(ImageError.Format, $"{name} is empty (0 bytes).");
        if (Recognized(file) is { } reader) return reader;
        throw new ImageException(ImageError.Format, $"{name} is not an image that can be read: it is {ContentSniffer.Describe(file)}. {Readable}");
    }

    /// <summary>The reader of what the bytes begin as; null where they are nothing that can be read.</summary>
    public static ImageReader? Recognized(ReadOnlySpan<byte> file)
    {
        foreach (ImageReader reader in All)
            if (reader.Recognizes(file)) return reader;
        return null;
    }

    /// <summary>Whether the bytes begin as this format does.</summary>
    public abstract bool Recognizes(ReadOnlySpan<byte> file);

    /// <summary>Columns and rows of the upright image, from its header. Allocates nothing of the image's size.</summary>
    /// <exception cref="ImageException">The file is cut off, or its header is damaged. The image exceeds the limits.</exception>
    public abstract (int Width, int Height) ReadSize(ReadOnlyMemory<byte> file, ImageDecoderOptions options, string name);

    /// <summary>
    /// Columns and rows of the upright image from the beginning of its file, however it goes on; null when the beginning does not tell.
    /// </summary>
    public virtual (int Width, int Height)? PeekSize(ReadOnlyMemory<byte> head) => null;

    /// <summary>How the stored pixels lie, as EXIF counts it: 1 is upright, 5 to 8 exchange the sides. 1 where the beginning does not tell.</summary>
    public virtual int PeekOrientation(ReadOnlyMemory<byte> head) => 1;

    /// <summary>The upright image. Called after <see cref="ReadSize"/> accepted the same bytes.</summary>
    /// <exception cref="ImageException">The pixel data are damaged.</exception>
    public abstract RgbImage Decode(ReadOnlyMemory<byte> file, ImageDecoderOptions options, string name);

    /// <summary>
    /// The number that is stored for each pixel, [height, width], of a palette image or a gray one; null where only colors are to be had.
    /// Called after <see cref="ReadSize"/> accepted the same bytes.
    /// </summary>
    /// <exception cref="ImageException">The pixel data are damaged.</exception>
    public virtual ushort[]? StoredValues(ReadOnlyMemory<byte> file, int width, int height, string name) => null;

    protected static void CheckLimits(long width, long height, ImageDecoderOptions options, string name)
    {
        if (width > options.MaxSide || height > options.MaxSide)
            throw new ImageException(ImageError.TooLarge,
                $"{name} is {width} x {height} pixels; no side may exceed {options.MaxSide}. Reduce it, or raise {nameof(ImageDecoderOptions.MaxSide)}.");
        if (width * height > options.MaxPixels)
        {
            string program = options.MaxPixels < ImageDecoderOptions.Default.MaxPixels ? " (of the program: --max-pixels)" : "";
            throw new ImageException(ImageError.TooLarge,
                $"{name} is {width} x {height}, {width * height} pixels; at most {options.MaxPixels} are allowed. Reduce it, or raise " +
                $"{nameof(ImageDecoderOptions.MaxPixels)}{program}.");
        }
    }

    /// <summary>Ends the reduction of a file whose rows may have ended early: enough of them have to be there, the rest is white.</summary>
    protected void Complete<T>(RowReducer<T> rows, T white, ImageDecoderOptions options, string name) where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        int there = rows.Rows;
        if (there == rows.Height) return;
        if (there < rows.Height * options.LeastShare) throw Truncated(name);
        rows.Fill(white);
        options.Notice?.Invoke(CutOff(name, there, rows.Height));
    }

    protected static string CutOff(string name, int rows, int height) =>
        rows == height ? $"{name} is cut off: its rows are there, but the file ends before it says so. Copy or download it again."
            : $"{name} is cut off: {rows} of its {height} rows are there, the rest is white. Copy or download it again.";

    protected static ImageException CannotReduce(string what, long width, long height, ImageDecoderOptions options, string name) => new(ImageError.TooLarge,
        $"{name} is {width} x {height}, {width * height} pixels; {what} of more than {options.ReduceAbove} cannot be reduced while it is decoded. Save it as " +
            $"JPEG, or as PNG without interlacing.");

    /// <summary>Says that an image was reduced.</summary>
    protected static RgbImage Told(RgbImage reduced, ImageDecoderOptions options, string name)
    {
        options.Notice?.Invoke($"{name} has {reduced.FullWidth} x {reduced.FullHeight} pixels; it was reduced to {reduced.Width} x {reduced.Height} while it " +
            $"was decoded. Masks are of the full size.");
        return reduced;
    }

    protected ImageException Damaged(string name) => new(ImageError.Format, $"{name} is a damaged {FormatName}: its content cannot be decoded.");

    protected ImageException Truncated(string name) =>
        new(ImageError.Truncated, $"{name} is {OneOfFormat} that is cut off: the file ends before the image is complete. Copy or download it again.");
}
