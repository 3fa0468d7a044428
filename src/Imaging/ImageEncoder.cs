using SemanticSam.Masks;
using SkiaSharp;

namespace SemanticSam.Imaging;

/// <summary>Images and masks to JPEG, PNG and WebP bytes.</summary>
public static class ImageEncoder
{
    private const int LargestJpeg = 65_500;

    /// <summary>Fast and nearly as small as the slowest setting on photographs.</summary>
    private static readonly SKPngEncoderOptions PngOptions = new(SKPngEncoderFilterFlags.Sub | SKPngEncoderFilterFlags.Up, 3);

    /// <summary>An 8-bit RGB PNG.</summary>
    /// <param name="image">The image.</param>
    public static byte[] Png(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return WithPixels(image, pixels => pixels.Encode(PngOptions));
    }

    /// <summary>An 8-bit gray PNG of the mask's size: 255 inside, 0 outside.</summary>
    /// <param name="mask">The mask.</param>
    public static byte[] Png(Rle mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        byte[] pixels = mask.ToBytes();
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)-pixels[i];
        return GrayPng(pixels, mask.Width, mask.Height);
    }

    /// <summary>An 8-bit gray PNG.</summary>
    /// <param name="gray">width * height bytes, rows from the top.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">The number of bytes is not width * height.</exception>
    public static unsafe byte[] GrayPng(ReadOnlySpan<byte> gray, int width, int height)
    {
        CheckLength(gray, width, height, 1);
        fixed (byte* bytes = gray)
        {
            using var pixels = new SKPixmap(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque), (IntPtr)bytes);
            return Bytes(pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Up, 6)));
        }
    }

    /// <summary>An 8-bit RGBA PNG, such as a cut-out.</summary>
    /// <param name="rgba">4 * width * height bytes, colors not multiplied by alpha.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">The number of bytes is not 4 * width * height.</exception>
    public static unsafe byte[] RgbaPng(ReadOnlySpan<byte> rgba, int width, int height)
    {
        CheckLength(rgba, width, height, 4);
        fixed (byte* bytes = rgba)
        {
            using var pixels = new SKPixmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), (IntPtr)bytes);
            return Bytes(pixels.Encode(PngOptions));
        }
    }

    /// <summary>A JPEG with full color resolution, so that drawn edges stay clean.</summary>
    /// <param name="image">The image; no side above 65,500.</param>
    /// <param name="quality">0 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="quality"/> is out of range.</exception>
    /// <exception cref="ImageException">The image is too large for the format.</exception>
    public static byte[] Jpeg(RgbImage image, int quality = 92)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckQuality(quality);
        if (Math.Max(image.Width, image.Height) > LargestJpeg) return Bytes(null); // libjpeg would say so on standard error, too
        var options = new SKJpegEncoderOptions(quality, SKJpegEncoderDownsample.Downsample444, SKJpegEncoderAlphaOption.Ignore);
        return WithPixels(image, pixels => pixels.Encode(options));
    }

    /// <summary>A lossy WebP.</summary>
    /// <param name="image">The image; no side above 16,383.</param>
    /// <param name="quality">0 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="quality"/> is out of range.</exception>
    /// <exception cref="ImageException">The image is too large for the format.</exception>
    public static byte[] Webp(RgbImage image, int quality = 85)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckQuality(quality);
        return WithPixels(image, pixels => pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, quality)));
    }

    private static byte[] WithPixels(RgbImage image, Func<SKPixmap, SKData?> encode)
    {
        using SKBitmap bitmap = RgbBitmap.Create(image);
        using SKPixmap pixels = bitmap.PeekPixels();
        return Bytes(encode(pixels));
    }

    private static byte[] Bytes(SKData? data)
    {
        if (data is null)
            throw new ImageException(ImageError.TooLarge,
                "The image could not be encoded. It may be too large for the format (JPEG: 65,500 pixels a side, WebP: 16,383); reduce it, or write a PNG.");
        using (data) return data.ToArray();
    }

    private static void CheckLength(ReadOnlySpan<byte> pixels, int width, int height, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.Length != (long)width * height * channels)
            throw new ArgumentException(
                $"{width} x {height} pixels of {channels} bytes are {(long)width * height * channels} bytes; {pixels.Length} were given.", nameof(pixels));
    }

    private static void CheckQuality(int quality)
    {
        if (quality is < 0 or > 100) throw new ArgumentOutOfRangeException(nameof(quality), quality, "The quality has to be 0 to 100.");
    }
}
