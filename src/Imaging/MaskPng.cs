using System.Buffers.Binary;
using SemanticSam.Imaging.Decoding;
using SemanticSam.Imaging.Png;
using SemanticSam.Masks;

namespace SemanticSam.Imaging;

/// <summary>Masks as PNG files: what is not black is inside.</summary>
public static class MaskPng
{
    /// <summary>
    /// Reads a mask prompt. Inside is every pixel of which a color channel is not 0 and which is not fully transparent. Samples are
    /// taken as they are stored, so that a 1 of 65,535 is inside, and so is their orientation.
    /// </summary>
    /// <param name="path">A PNG of any color type and bit depth.</param>
    /// <param name="width">Columns of the image that the mask is for.</param>
    /// <param name="height">Rows of the image that the mask is for.</param>
    /// <exception cref="ImageException">
    /// The file is missing, a folder, or may not be read.
    /// The content is not a PNG, or a damaged one; code "image_truncated" when it is cut off.
    /// The mask has another size than the image.
    /// </exception>
    public static Rle Read(string path, int width, int height) =>
        Read(ImageFile.ReadBytes(path, ImageDecoderOptions.Default), width, height, path);

    /// <summary>As <see cref="Read(string, int, int)"/>, from memory.</summary>
    /// <param name="png">The whole file.</param>
    /// <param name="width">Columns of the image that the mask is for.</param>
    /// <param name="height">Rows of the image that the mask is for.</param>
    /// <param name="name">What error messages call the mask.</param>
    /// <exception cref="ImageException">
    /// The content is not a PNG, or a damaged one; code "image_truncated" when it is cut off.
    /// The mask has another size than the image.
    /// </exception>
    public static Rle Read(ReadOnlySpan<byte> png, int width, int height, string name = "The mask")
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

    /// <summary>An 8-bit gray PNG of the mask's size: 255 inside, 0 outside.</summary>
    /// <param name="mask">The mask.</param>
    public static byte[] Write(Rle mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        byte[] pixels = mask.ToBytes();
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)-pixels[i];
        return ImageEncoder.GrayPng(pixels, mask.Width, mask.Height);
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
