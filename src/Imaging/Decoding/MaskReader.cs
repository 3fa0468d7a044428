using System.Buffers.Binary;
using SemanticSam.Imaging.Png;
using SemanticSam.Masks;

namespace SemanticSam.Imaging.Decoding;

/// <summary>Masks from files that keep every pixel as it is: what is not black is inside.</summary>
internal static class MaskReader
{
    /// <summary>As <see cref="ImageDecoder.DecodeMask(ReadOnlySpan{byte}, int, int, string)"/>.</summary>
    public static Rle Read(ReadOnlySpan<byte> file, int width, int height, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ImageReader reader = ImageReader.For(file, name);
        if (reader.Format is ImageFormat.Bmp or ImageFormat.Tiff or ImageFormat.Gif) return ReadColors(file.ToArray(), width, height, name);
        if (reader.Format != ImageFormat.Png)
            throw new ImageException(ImageError.Format,
                $"{name} is {reader.OneOfFormat} image; a mask has to be a PNG, TIFF, BMP or GIF, which keep every pixel as it is. Save it as PNG.");
        PngHeader header = PngCodec.ReadHeader(file, name);
        RequireSize(header.Width, header.Height, width, height, name);
        PngImage image = PngCodec.Decode(file, name);
        return Rle.FromBytes(image.Header.Color == PngColor.Palette ? InsideByPalette(image, name) : Inside(image), height, width);
    }

    private static Rle ReadColors(byte[] file, int width, int height, string name)
    {
        var image = ImageFile.FromBytes(file, new() { MaxPixels = ImageDecoderOptions.Whole.MaxPixels, Background = (0, 0, 0) }, name);
        RequireSize(image.Width, image.Height, width, height, name);
        // A TIFF's samples may have 16 bits, of which colors are the upper ones.
        if (image.Format == ImageFormat.Tiff && image.StoredValues() is { } stored)
            return Rle.FromBytes(Array.ConvertAll(stored, v => v != 0 ? (byte)1 : (byte)0), height, width);
        byte[] pixels = image.Decode().Pixels, inside = new byte[width * height];
        for (int i = 0; i < inside.Length; i++) inside[i] = (pixels[3 * i] | pixels[3 * i + 1] | pixels[3 * i + 2]) != 0 ? (byte)1 : (byte)0;
        return Rle.FromBytes(inside, height, width);
    }

    private static void RequireSize(long width, long height, int wantedWidth, int wantedHeight, string name)
    {
        if (width != wantedWidth || height != wantedHeight)
            throw new ImageException(ImageError.MaskSize,
                $"{name} is {width} x {height}; a mask has to have the size of its image, {wantedWidth} x {wantedHeight}.");
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
