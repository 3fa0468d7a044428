using SemanticSam.Imaging.Decoding;
using SemanticSam.Masks;

namespace SemanticSam.Imaging;

/// <summary>
/// Images of any <see cref="ImageFormat"/> to <see cref="RgbImage"/>, in one call; <see cref="ImageFile"/> gives the size first and the pixels later. What is
/// decided on the way is written at <see cref="ImageDecoderOptions"/>.
/// </summary>
public static class ImageDecoder
{
    /// <summary>Reads and decodes an image file.</summary>
    /// <param name="path">The file; its name plays no part in telling the format.</param>
    /// <param name="options">Limits and background; null for <see cref="ImageDecoderOptions.Default"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty.</exception>
    /// <exception cref="ImageException">
    /// The file is missing, a folder, too large, or may not be read.
    /// The content is not an image, or a damaged one; code "image_truncated" when it is cut off.
    /// The image exceeds the limits of <paramref name="options"/>.
    /// </exception>
    public static RgbImage Decode(string path, ImageDecoderOptions? options = null) => ImageFile.Open(path, options).Decode();

    /// <summary>Decodes an image in memory.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="options">Limits and background; null for <see cref="ImageDecoderOptions.Default"/>.</param>
    /// <param name="name">What error messages call the image.</param>
    /// <exception cref="ImageException">
    /// The content is not an image, or a damaged one; code "image_truncated" when it is cut off.
    /// The image exceeds the limits of <paramref name="options"/>.
    /// </exception>
    public static RgbImage Decode(ReadOnlyMemory<byte> encoded, ImageDecoderOptions? options = null, string name = "The image")
    {
        ArgumentNullException.ThrowIfNull(name);
        return ImageFile.FromBytes(encoded, options, name).Decode();
    }

    /// <summary>Width and height as <see cref="Decode(string, ImageDecoderOptions?)"/> would give them, without decoding.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits; null for <see cref="ImageDecoderOptions.Default"/>.</param>
    /// <exception cref="ImageException">As for <see cref="Decode(string, ImageDecoderOptions?)"/>.</exception>
    public static (int Width, int Height) SizeOf(string path, ImageDecoderOptions? options = null)
    {
        var file = ImageFile.Open(path, options);
        return (file.Width, file.Height);
    }

    /// <summary>
    /// Reads a mask, such as one to ask with: inside is every pixel of which a color channel is not 0 and which is not fully transparent. Samples are
    /// taken as they are stored, so that a 1 of 65,535 is inside, and so is their orientation.
    /// </summary>
    /// <param name="path">A PNG of any color type and bit depth, or a TIFF, BMP or GIF.</param>
    /// <param name="width">Columns of the image that the mask is for.</param>
    /// <param name="height">Rows of the image that the mask is for.</param>
    /// <exception cref="ImageException">
    /// The file is missing, a folder, or may not be read.
    /// The content is none of these, or damaged; code "image_truncated" when it is cut off.
    /// The mask has another size than the image.
    /// </exception>
    public static Rle DecodeMask(string path, int width, int height) =>
        MaskReader.Read(ImageFile.ReadBytes(path, ImageDecoderOptions.Default), width, height, path);

    /// <summary>As <see cref="DecodeMask(string, int, int)"/>, from memory.</summary>
    /// <param name="png">The whole file; a TIFF, BMP or GIF will do, too.</param>
    /// <param name="width">Columns of the image that the mask is for.</param>
    /// <param name="height">Rows of the image that the mask is for.</param>
    /// <param name="name">What error messages call the mask.</param>
    /// <exception cref="ImageException">
    /// The content is none of these, or damaged; code "image_truncated" when it is cut off.
    /// The mask has another size than the image.
    /// </exception>
    public static Rle DecodeMask(ReadOnlySpan<byte> png, int width, int height, string name = "The mask") =>
        MaskReader.Read(png, width, height, name);
}
