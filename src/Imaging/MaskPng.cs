using SemanticSam.Masks;
using SkiaSharp;

namespace SemanticSam.Imaging;

/// <summary>A mask picture has another size than the picture it belongs to.</summary>
public sealed class MaskSizeException(string message) : ImageException(message);

/// <summary>Masks as PNG files: what is not black is inside.</summary>
public static class MaskPng
{
    /// <summary>Reads a mask prompt. Inside is every pixel of which a colour channel is not 0 and which is not fully transparent.</summary>
    /// <param name="path">A PNG of any colour type and bit depth.</param>
    /// <param name="width">Columns of the picture that the mask is for.</param>
    /// <param name="height">Rows of the picture that the mask is for.</param>
    /// <exception cref="ImageUnreadableException">The file is missing, a folder, or may not be read.</exception>
    /// <exception cref="ImageFormatException">The content is no PNG, or a damaged one.</exception>
    /// <exception cref="MaskSizeException">The mask has another size than the picture.</exception>
    public static Rle Read(string path, int width, int height) =>
        Read(ImageDecoder.ReadFile(path, ImageDecoderOptions.Default), width, height, path);

    /// <summary>As <see cref="Read(string, int, int)"/>, from memory.</summary>
    /// <param name="png">The whole file.</param>
    /// <param name="width">Columns of the picture that the mask is for.</param>
    /// <param name="height">Rows of the picture that the mask is for.</param>
    /// <param name="name">What error messages call the mask.</param>
    /// <exception cref="ImageFormatException">The content is no PNG, or a damaged one.</exception>
    /// <exception cref="MaskSizeException">The mask has another size than the picture.</exception>
    public static unsafe Rle Read(ReadOnlySpan<byte> png, int width, int height, string name = "The mask")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ImageHeader header = ImageDecoder.Inspect(png, new() { MaxPixels = long.MaxValue, MaxSide = int.MaxValue }, name);
        if (header.Format != ImageFormat.Png) throw new ImageFormatException($"{name} is a {header.Format} picture; a mask has to be a PNG, which keeps every pixel as it is.");
        if (header.Width != width || header.Height != height)
            throw new MaskSizeException($"{name} is {header.Width} x {header.Height}; a mask has to have the size of its picture, {width} x {height}.");
        // Sixteen bits are kept: a 1 among 65,535 would be rounded to 0.
        const int bitDepthAt = 24;
        bool deep = png.Length > bitDepthAt && png[bitDepthAt] == 16;
        using var pixels = ImageDecoder.DecodePixels(png, header, name, deep ? SKColorType.RgbaF16 : SKColorType.Rgba8888);
        var inside = new byte[width * height];
        byte* row = (byte*)pixels.Bitmap.GetPixels();
        bool opaque = pixels.Bitmap.AlphaType == SKAlphaType.Opaque;
        for (int y = 0; y < height; y++, row += pixels.Bitmap.RowBytes)
        {
            Span<byte> to = inside.AsSpan(y * width, width);
            if (deep) Inside(new ReadOnlySpan<ulong>(row, width), 0x0000_7FFF_7FFF_7FFF, opaque ? 0 : 0x7FFFUL << 48, to);
            else Inside(new ReadOnlySpan<uint>(row, width), 0x00FF_FFFF, opaque ? 0 : 0xFF00_0000u, to);
        }
        return Rle.FromBytes(inside, height, width);
    }

    /// <summary>An 8-bit grey PNG of the mask's size: 255 inside, 0 outside.</summary>
    /// <param name="mask">The mask.</param>
    public static byte[] Write(Rle mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        byte[] pixels = mask.ToBytes();
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)-pixels[i];
        return ImageEncoder.GrayPng(pixels, mask.Width, mask.Height);
    }

    private static void Inside(ReadOnlySpan<uint> pixels, uint colour, uint alpha, Span<byte> inside)
    {
        for (int x = 0; x < pixels.Length; x++)
            inside[x] = (pixels[x] & colour) != 0 && (alpha == 0 || (pixels[x] & alpha) != 0) ? (byte)1 : (byte)0;
    }

    private static void Inside(ReadOnlySpan<ulong> pixels, ulong colour, ulong alpha, Span<byte> inside)
    {
        for (int x = 0; x < pixels.Length; x++)
            inside[x] = (pixels[x] & colour) != 0 && (alpha == 0 || (pixels[x] & alpha) != 0) ? (byte)1 : (byte)0;
    }
}
