using System.Security.Cryptography;
using SemanticSam.Foundation;
using SemanticSam.Imaging.Decoding;

namespace SemanticSam.Imaging;

/// <summary>
/// An image file in memory, read once: format and size are known at once, pixels are decoded when asked for. Nothing is decoded, and
/// nothing of the image's size allocated, before the limits of <see cref="ImageDecoderOptions"/> are checked.
/// </summary>
internal sealed class ImageFile
{
    private readonly ReadOnlyMemory<byte> _encoded;
    private readonly ImageReader _reader;
    private readonly ImageDecoderOptions _options;

    private ImageFile(ReadOnlyMemory<byte> encoded, ImageReader reader, (int Width, int Height) size, ImageDecoderOptions options, string name)
    {
        _encoded = encoded;
        _reader = reader;
        (Width, Height) = size;
        _options = options;
        Name = name;
    }

    /// <summary>What error messages call the image: its path, or the name given.</summary>
    public string Name { get; }

    /// <summary>The format, told from the content and never from the name.</summary>
    public ImageFormat Format => _reader.Format;

    /// <summary>Columns of the upright image, as <see cref="Decode"/> gives it.</summary>
    public int Width { get; }

    /// <summary>Rows of the upright image, as <see cref="Decode"/> gives it.</summary>
    public int Height { get; }

    /// <summary>Pixels that <see cref="Decode"/> gives, or a few more: fewer than the image has where it is reduced.</summary>
    public long DecodedPixels => Reduction.FactorFor(Width, Height, _options) > 1 ? Reduction.MostPixels(_options) : (long)Width * Height;

    /// <summary>Bytes of the file.</summary>
    public int EncodedLength => _encoded.Length;

    /// <summary>SHA-256 of the file, lower-case hex.</summary>
    internal string Sha256() => Convert.ToHexStringLower(SHA256.HashData(_encoded.Span));

    /// <summary>Reads a file and the image's header.</summary>
    /// <param name="path">The file, and perhaps its page (<see cref="ImagePage"/>).</param>
    /// <param name="options">Limits and background; null for <see cref="ImageDecoderOptions.Default"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty.</exception>
    /// <exception cref="ImageException">
    /// The file is missing, a folder, too large, or may not be read.
    /// The content is not an image, or a damaged one; code "image_truncated" when it is cut off.
    /// The image exceeds the limits of <paramref name="options"/>.
    /// </exception>
    internal static ImageFile Open(string path, ImageDecoderOptions? options = null)
    {
        options ??= ImageDecoderOptions.Default;
        var (file, page) = ImagePage.Split(path);
        return FromBytes(ReadBytes(file, options), page is { } number ? options.AtPage(number) : options, path);
    }

    /// <summary>Reads the header of an image in memory.</summary>
    /// <param name="encoded">The whole file; it is not copied and must not be changed before <see cref="Decode"/>.</param>
    /// <param name="options">Limits and background; null for <see cref="ImageDecoderOptions.Default"/>.</param>
    /// <param name="name">What error messages call the image.</param>
    /// <exception cref="ImageException">
    /// The content is not an image, or a damaged one; code "image_truncated" when it is cut off.
    /// The image exceeds the limits of <paramref name="options"/>.
    /// </exception>
    internal static ImageFile FromBytes(ReadOnlyMemory<byte> encoded, ImageDecoderOptions? options = null, string name = "The image")
    {
        options ??= ImageDecoderOptions.Default;
        ImageReader reader = ImageReader.For(encoded.Span, name);
        return new(encoded, reader, reader.ReadSize(encoded, options, name), options, name);
    }

    /// <summary>
    /// Columns and rows of the upright image, from the beginning of the file where that tells: for sets of very many images. Whether the rest of the
    /// file is sound is not looked at.
    /// </summary>
    /// <exception cref="ImageException">As for <see cref="Open"/>.</exception>
    internal static (int Width, int Height) PeekSize(string path)
    {
        byte[] head = Beginning(path);
        if (ImageReader.For(head, path).PeekSize(head) is { } size) return size;
        var whole = Open(path);
        return (whole.Width, whole.Height);
    }

    /// <summary>How the stored pixels lie, as EXIF counts it: 1 is upright, 5 to 8 exchange the sides. From the beginning of the file.</summary>
    /// <exception cref="ImageException">As for <see cref="Open"/>.</exception>
    internal static int PeekOrientation(string path)
    {
        byte[] head = Beginning(path);
        return ImageReader.For(head, path).PeekOrientation(head);
    }

    private static byte[] Beginning(string path)
    {
        const int beginning = 1 << 18;
        try
        {
            using var file = RegularFile.OpenRead(path, bufferSize: 1);
            var head = new byte[Math.Min(beginning, file.Length)];
            file.ReadExactly(head);
            return head;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ImageException(ImageError.Unreadable, $"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Whether a file is an image that can be read, by its content; damage that shows only beyond its beginning does not matter.</summary>
    internal static bool IsImage(string path)
    {
        const int beginning = 64;
        try
        {
            Span<byte> head = stackalloc byte[beginning];
            using (var file = RegularFile.OpenRead(path, bufferSize: 1)) head = head[..file.ReadAtLeast(head, beginning, throwOnEndOfStream: false)];
            if (ImageReader.Recognized(head) is not { } reader) return false;
            // Two letters, or four bytes of which three are zero, are not much of a mark.
            if (reader.Format is ImageFormat.Bmp or ImageFormat.Ico) PeekSize(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ImageException)
        {
            return false;
        }
    }

    /// <summary>As the other, from memory.</summary>
    internal static (int Width, int Height) PeekSize(ReadOnlyMemory<byte> encoded, string name)
    {
        if (ImageReader.For(encoded.Span, name).PeekSize(encoded) is { } size) return size;
        var whole = FromBytes(encoded, name: name);
        return (whole.Width, whole.Height);
    }

    /// <summary>
    /// The number that is stored for each pixel, [height, width]: places in a palette, or gray values, as masks have them; null for an image of colors.
    /// </summary>
    /// <exception cref="ImageException">The pixel data are damaged.</exception>
    internal ushort[]? StoredValues()
    {
        if (_reader.StoredValues(_encoded, Width, Height, Name) is { } stored) return stored;
        byte[] pixels = Decode().Pixels;
        var gray = new ushort[pixels.Length / 3];
        for (int i = 0; i < gray.Length; i++)
        {
            gray[i] = pixels[3 * i];
            if (pixels[3 * i + 1] != gray[i] || pixels[3 * i + 2] != gray[i]) return null;
        }
        return gray;
    }

    /// <summary>Decodes the pixels, upright and over the background of the options. Each call decodes anew.</summary>
    /// <exception cref="ImageException">The pixel data are damaged.</exception>
    public RgbImage Decode() => _reader.Decode(_encoded, _options, Name);

    internal static byte[] ReadBytes(string path, ImageDecoderOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) throw new ImageException(ImageError.Unreadable, $"{path} is a folder, not an image.");
        try
        {
            using var file = RegularFile.OpenRead(path, bufferSize: 1);
            if (file.Length > options.MaxFileBytes)
                throw new ImageException(ImageError.Unreadable,
                    $"{path} has {file.Length} bytes; at most {options.MaxFileBytes} are allowed for an image file.");
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImageException(ImageError.Unreadable, $"{path} does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ImageException(ImageError.Unreadable, $"{path} cannot be read: {e.Message}", e);
        }
    }
}
