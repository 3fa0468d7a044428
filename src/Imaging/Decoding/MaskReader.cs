using System.Buffers.Binary;
using SemanticSam.Imaging.Png;
using SemanticSam.Masks;

namespace SemanticSam.Imaging.Decoding;

/// <summary>Masks from PNG files: what is not black is inside.</summary>
internal static class MaskReader
{
    /// <summary>As <see cref="ImageDecoder.DecodeMask(ReadOnlySpan{byte}, int, int, string)"/>.</summary>
    public static Rle Read(ReadOnlySpan<byte> png, int width, int height, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ImageReader reader = ImageReader.For(png, name);
        if (reader.Format != ImageFormat.Png)
            throw new ImageException(ImageError.Format,
                $"{name} is a {reader.FormatName} image; a mask has to be a PNG, which keeps every pixel as it is. Save it as PNG.");
        PngHeader header = PngCodec.ReadHeader(png, name);
        if (header.Width != width || header.Height != height)
            throw new ImageException(ImageError.MaskSize,
                $"{name} is {header.Width} x {header.Height}; a mask has to have the size of its image, {width} x {height}.");
        PngImage image = PngCodec.Decode(png, name);
        return Rle.FromBytes(image.Header.Color == PngColor.Palette ? InsideByPalette(image, name) : Inside(image), height, width);
    }

    private static byte[] InsideByPalette(PngImage image, string name)
    {
        int entries = image.Palette.Length / 3;
        var isInside = new byte[entries];
        for (int i = 0; i < entries; i++)
        {
            bool isBlack = image.Palette.AsSpan(3 * i, 3).IndexOfAnyExcept((byte)0) < 0;
            bool isTransparent = i < image.Transparency.Length && image.Transparency[i] == 0;
            isInside[i] = isBlack || isTransparent ? (byte)0 : (byte)1;
        }
        var inside = new byte[image.Samples.Length];
        for (int i = 0; i < inside.Length; i++)
        {
            int entry = image.Samples[i];
            inside[i] = entry < entries ? isInside[entry]
                : throw new ImageException(ImageError.Format, $"{name} is a damaged PNG: a pixel has color {entry} of a palette of {entries}.");
        }
        return inside;
    }

    private static byte[] Inside(PngImage image)
    {
        int channels = image.Header.Channels;
        bool hasAlpha = image.Header.Color is PngColor.GrayAlpha or PngColor.Rgba;
        ReadOnlySpan<ushort> key = TransparentColor(image);
        var inside = new byte[image.Width * image.Height];
        for (int i = 0; i < inside.Length; i++)
        {
            ReadOnlySpan<ushort> pixel = image.Samples.AsSpan(i * channels, channels);
            bool isTransparent = hasAlpha ? pixel[^1] == 0 : pixel.SequenceEqual(key);
            ReadOnlySpan<ushort> color = hasAlpha ? pixel[..^1] : pixel;
            inside[i] = !isTransparent && color.IndexOfAnyExcept((ushort)0) >= 0 ? (byte)1 : (byte)0;
        }
        return inside;
    }

    /// <summary>The color that a tRNS chunk declares transparent; empty, which no pixel equals, when there is none.</summary>
    private static ushort[] TransparentColor(PngImage image)
    {
        if (image.Transparency.Length != 2 * image.Header.Channels) return [];
        var key = new ushort[image.Header.Channels];
        for (int c = 0; c < key.Length; c++) key[c] = BinaryPrimitives.ReadUInt16BigEndian(image.Transparency.AsSpan(2 * c));
        return key;
    }
}
