using CsCheck;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Pure.Masks;
using SemanticSam.Tests.Pure.Support;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Imaging.Decoding;

public sealed class MaskReaderTests
{
    [Fact]
    public void Write_ThenRead_IsTheSameMask() =>
        RleTests.GenMask.Sample(m =>
        {
            Rle mask = Rle.FromBytes(m.Pixels, m.H, m.W);
            Assert.Equal(mask, ImageDecoder.DecodeMask(ImageEncoder.Png(mask), m.W, m.H));
        }, iter: 100);

    [Fact]
    public void Write_Mask_Is255InsideAnd0Outside()
    {
        RgbImage image = ImageDecoder.Decode(ImageEncoder.Png(Rle.FromBytes([0, 1, 1, 0, 0, 1], 2, 3)));
        Assert.Equal([0, 255, 255, 0, 0, 255], image.Pixels.Where((_, i) => i % 3 == 0));
    }

    [Fact]
    public void Read_SmallValuesOfSixteenBits_AreInside()
    {
        // Gray, 16 bits: 0, 1, 256, 65535.
        byte[] rows = [0, 0, 0, 0, 1, 1, 0, 255, 255];
        byte[] png = [.. PngBytes.Header(4, 1, 16, 0), .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated(rows)), .. PngBytes.Chunk("IEND"u8, [])];
        Assert.Equal([0, 1, 1, 1], ImageDecoder.DecodeMask(png, 4, 1).ToBytes());
    }

    /// <summary>Colors of 16 bits, with and without alpha: one of three channels is 1, the alpha is 0, 1 or full.</summary>
    [Theory]
    [InlineData(2, "000000000000 000000000001 000100000000", "011")]
    [InlineData(4, "00010000 00010001 0000FFFF", "010")]
    [InlineData(6, "0000000100000000 0000000100000001 000000000000FFFF", "010")]
    public void Read_ColorsOfSixteenBits_AreReadExactly(byte color, string pixels, string inside)
    {
        byte[] rows = [0, .. Convert.FromHexString(pixels.Replace(" ", ""))];
        byte[] png = [.. PngBytes.Header(3, 1, 16, color), .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated(rows)), .. PngBytes.Chunk("IEND"u8, [])];
        Assert.Equal(inside.Select(c => (byte)(c - '0')), ImageDecoder.DecodeMask(png, 3, 1).ToBytes());
    }

    /// <summary>Two bits a pixel: black, red, blue, transparent white.</summary>
    [Fact]
    public void Read_Palette_BlackAndTransparentEntriesAreOutside()
    {
        byte[] Png(byte pixels, params byte[] palette) =>
            [.. PngBytes.Header(4, 1, 2, 3), .. PngBytes.Chunk("PLTE"u8, palette), .. PngBytes.Chunk("tRNS"u8, [255, 255, 1, 0]),
             .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated([0, pixels])), .. PngBytes.Chunk("IEND"u8, [])];
        Assert.Equal([0, 1, 1, 0], ImageDecoder.DecodeMask(Png(0b00_01_10_11, 0, 0, 0, 255, 0, 0, 0, 0, 9, 255, 255, 255), 4, 1).ToBytes());
        Assert.Contains("a palette of 1", Bad.Image(ImageError.Format, () => ImageDecoder.DecodeMask(Png(0b01_00_00_00, 5, 5, 5), 4, 1)).Message);
    }

    [Fact]
    public void Read_TransparentColor_IsOutside()
    {
        byte[] png = [.. PngBytes.Header(4, 1, 4, 0), .. PngBytes.Chunk("tRNS"u8, [0, 7]), .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated([0, 0x07, 0x6F])),
            .. PngBytes.Chunk("IEND"u8, [])];
        Assert.Equal([0, 0, 1, 1], ImageDecoder.DecodeMask(png, 4, 1).ToBytes());
    }

    [Fact]
    public void Read_TransparentPixels_AreOutside()
    {
        byte[] rgba = [255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 1, 1, 0, 0, 0, 255];
        Assert.Equal([1, 0, 1, 0], ImageDecoder.DecodeMask(ImageEncoder.RgbaPng(rgba, 4, 1), 4, 1).ToBytes());
    }

    [Fact]
    public void Read_AnotherSize_NamesBoth()
    {
        string message = Bad.Image(ImageError.MaskSize, () => ImageDecoder.DecodeMask(ImageEncoder.Png(Rle.Full(4, 5)), 6, 7, "seed.png")).Message;
        Assert.Contains("5 x 4", message);
        Assert.Contains("6 x 7", message);
        Assert.Contains("seed.png", message);
    }

    /// <summary>What keeps its pixels is as good as a PNG; black is outside.</summary>
    [Fact]
    public void Read_BmpGifAndTiff_AreWhatIsNotBlack()
    {
        byte[] values = [0, 1, 3, 0, 2, 0, 1, 0], inside = [0, 1, 1, 0, 1, 0, 1, 0];
        foreach (byte[] file in new[] { PlaneFiles.Bmp(values, 4, 2), PlaneFiles.Gif(values, 4, 2), PlaneFiles.Tiff([.. values], 4, 2),
            PlaneFiles.Tiff([.. values.Select(v => (ushort)(v * 20_000))], 4, 2, bits: 16), PlaneFiles.Tiff([0, 1, 40_000, 0, 2, 0, 1, 0], 4, 2, bits: 16) })
        {
            Assert.Equal(inside, ImageDecoder.DecodeMask(file, 4, 2).ToBytes());
            Bad.Image(ImageError.MaskSize, () => ImageDecoder.DecodeMask(file, 2, 4));
            for (int length = 0; length < file.Length - 8; length++)
                try
                {
                    ImageDecoder.DecodeMask(file.AsSpan(0, length), 4, 2);
                }
                catch (ImageException)
                {
                    // nothing else
                }
        }
    }

    [Fact]
    public void Read_WhatDoesNotKeepPixels_IsRefused()
    {
        Bad.Image(ImageError.Format, () => ImageDecoder.DecodeMask(Path.Combine(Fixtures.Own, "imaging", "rgb.jpg"), 56, 40));
        Bad.Image(ImageError.Format, () => ImageDecoder.DecodeMask("no mask"u8, 3, 3));
        Bad.Image(ImageError.Unreadable, () => ImageDecoder.DecodeMask(Path.Combine(Fixtures.Own, "imaging", "none.png"), 3, 3));
        Bad.Image(ImageError.MaskSize, () => ImageDecoder.DecodeMask(PngBytes.Header(20_000, 20_000), 640, 480));
    }

    [Fact]
    public void Read_CutAnywhere_IsAnImageException()
    {
        byte[] png = ImageEncoder.Png(Rle.FromBytes([0, 1, 1, 0, 0, 1], 2, 3));
        for (int length = 0; length < png.Length; length++)
            Assert.ThrowsAny<ImageException>(() => ImageDecoder.DecodeMask(png.AsSpan(0, length), 3, 2));
    }
}
