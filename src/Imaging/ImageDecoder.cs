using System.Diagnostics.CodeAnalysis;
using SkiaSharp;

namespace SemanticSam.Imaging;

/// <summary>
/// JPEG, PNG and WebP to <see cref="RgbImage"/>: EXIF orientation applied, transparency composed over a colour, grey, palette, CMYK and
/// 16-bit pictures converted to 8-bit RGB. Embedded colour profiles are ignored, as the models' own preprocessing ignores them.
/// </summary>
public static class ImageDecoder
{
    private const string Readable = "JPEG, PNG and WebP are read";

    /// <summary>Reads a picture file.</summary>
    /// <param name="path">The file; its name plays no part in telling the format.</param>
    /// <param name="options">Limits and background; null takes <see cref="ImageDecoderOptions.Default"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty.</exception>
    /// <exception cref="ImageUnreadableException">The file is missing, a folder, or may not be read.</exception>
    /// <exception cref="ImageFormatException">The content is no picture, or a damaged one; <see cref="ImageTruncatedException"/> when it is cut off.</exception>
    /// <exception cref="ImageTooLargeException">The picture exceeds the limits of <paramref name="options"/>.</exception>
    public static RgbImage Decode(string path, ImageDecoderOptions? options = null)
    {
        options ??= ImageDecoderOptions.Default;
        return Decode(ReadFile(path, options), options, path);
    }

    /// <summary>Decodes a picture in memory.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="options">Limits and background; null takes <see cref="ImageDecoderOptions.Default"/>.</param>
    /// <param name="name">What error messages call the picture.</param>
    /// <exception cref="ImageFormatException">The content is no picture, or a damaged one; <see cref="ImageTruncatedException"/> when it is cut off.</exception>
    /// <exception cref="ImageTooLargeException">The picture exceeds the limits of <paramref name="options"/>.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> encoded, ImageDecoderOptions? options = null, string name = "The picture")
    {
        options ??= ImageDecoderOptions.Default;
        ImageHeader header = Inspect(encoded, options, name);
        using DecodedPixels pixels = DecodePixels(encoded, header, name);
        return Orientation.ToRgb(pixels.Bitmap, pixels.Origin, options.Background);
    }

    /// <summary>Width and height as <see cref="Decode(string, ImageDecoderOptions?)"/> would give them, from the header alone.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits; null takes <see cref="ImageDecoderOptions.Default"/>.</param>
    /// <exception cref="ImageException">As for Decode, as far as the header tells.</exception>
    public static (ImageFormat Format, int Width, int Height) Identify(string path, ImageDecoderOptions? options = null)
    {
        options ??= ImageDecoderOptions.Default;
        byte[] encoded = ReadFile(path, options);
        ImageHeader header = Inspect(encoded, options, path);
        using SKData data = SKData.CreateCopy(encoded);
        using SKCodec codec = SKCodec.Create(data) ?? throw Broken(header, path);
        return Orientation.SwapsSides(codec.EncodedOrigin)
            ? (header.Format, codec.Info.Height, codec.Info.Width)
            : (header.Format, codec.Info.Width, codec.Info.Height);
    }

    internal static byte[] ReadFile(string path, ImageDecoderOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) throw new ImageUnreadableException($"{path} is a folder, not a picture.");
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            if (file.Length > options.MaxFileBytes)
                throw new ImageUnreadableException($"{path} has {file.Length} bytes; at most {options.MaxFileBytes} are allowed for a picture file.");
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImageUnreadableException($"There is no file {path}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ImageUnreadableException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Tells the format and refuses, before anything is allocated, what is no picture or exceeds the limits.</summary>
    internal static ImageHeader Inspect(ReadOnlySpan<byte> encoded, ImageDecoderOptions options, string name)
    {
        if (encoded.IsEmpty) throw new ImageFormatException($"{name} is empty (0 bytes).");
        if (ImageHeader.Read(encoded) is not { } header)
            throw new ImageFormatException($"{name} is not a picture that can be read: it is {ContentSniffer.Describe(encoded)}. {Readable}.");
        if (header.Width > options.MaxSide || header.Height > options.MaxSide)
            throw new ImageTooLargeException($"{name} is {header.Width} x {header.Height} pixels; no side may exceed {options.MaxSide}.", header.Width, header.Height);
        if (header.Width * header.Height > options.MaxPixels)
            throw new ImageTooLargeException(
                $"{name} is {header.Width} x {header.Height}, {header.Width * header.Height} pixels; at most {options.MaxPixels} are allowed.", header.Width, header.Height);
        if (header.Width == 0 || header.Height == 0) throw Broken(header, name);
        return header;
    }

    /// <summary>Unpremultiplied R, G, B, A as stored, not yet turned upright.</summary>
    internal static unsafe DecodedPixels DecodePixels(ReadOnlySpan<byte> encoded, ImageHeader header, string name, SKColorType colorType = SKColorType.Rgba8888)
    {
        fixed (byte* bytes = encoded)
        {
            using SKData data = SKData.Create((IntPtr)bytes, encoded.Length);
            using SKCodec codec = SKCodec.Create(data) ?? throw Broken(header, name);
            if (codec.Info.Width != header.Width || codec.Info.Height != header.Height) throw Damaged(header, name);
            var alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
            var bitmap = new SKBitmap(new SKImageInfo(codec.Info.Width, codec.Info.Height, colorType, alpha));
            SKCodecResult result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
            if (result == SKCodecResult.Success) return new(bitmap, codec.EncodedOrigin);
            bitmap.Dispose();
            throw result == SKCodecResult.IncompleteInput ? Truncated(header, name) : Damaged(header, name);
        }
    }

    private static ImageFormatException Broken(ImageHeader header, string name) => header.ReachesPixels ? Damaged(header, name) : Truncated(header, name);

    private static ImageFormatException Damaged(ImageHeader header, string name) =>
        new($"{name} is a damaged {NameOf(header.Format)}: its content cannot be decoded.");

    private static ImageTruncatedException Truncated(ImageHeader header, string name) =>
        new($"{name} is a {NameOf(header.Format)} that is cut off: the file ends before the picture is complete.");

    private static string NameOf(ImageFormat format) => format switch { ImageFormat.Jpeg => "JPEG", ImageFormat.Png => "PNG", _ => "WebP" };

    [SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
    internal readonly struct DecodedPixels(SKBitmap bitmap, SKEncodedOrigin origin) : IDisposable
    {
        public SKBitmap Bitmap { get; } = bitmap;
        public SKEncodedOrigin Origin { get; } = origin;

        public void Dispose() => Bitmap.Dispose();
    }
}
