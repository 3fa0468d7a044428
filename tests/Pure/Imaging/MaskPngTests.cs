using CsCheck;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Pure.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Imaging;

public sealed class MaskPngTests
{
    [Fact]
    public void Write_ThenRead_IsTheSameMask() =>
        RleTests.GenMask.Sample(m =>
        {
            Rle mask = Rle.FromBytes(m.Pixels, m.H, m.W);
            Assert.Equal(mask, MaskPng.Read(MaskPng.Write(mask), m.W, m.H));
        }, iter: 100);

    [Fact]
    public void Write_Mask_Is255InsideAnd0Outside()
    {
        RgbImage picture = ImageDecoder.Decode(MaskPng.Write(Rle.FromBytes([0, 1, 1, 0, 0, 1], 2, 3)));
        Assert.Equal([0, 255, 255, 0, 0, 255], picture.Pixels.Where((_, i) => i % 3 == 0));
    }

    [Fact]
    public void Read_SmallValuesOfSixteenBits_AreInside()
    {
        // Grey, 16 bits: 0, 1, 256, 65535.
        byte[] rows = [0, 0, 0, 0, 1, 1, 0, 255, 255];
        byte[] png = [.. PngBytes.Header(4, 1, 16, 0), .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated(rows)), .. PngBytes.Chunk("IEND"u8, [])];
        Assert.Equal([0, 1, 1, 1], MaskPng.Read(png, 4, 1).ToBytes());
    }

    [Fact]
    public void Read_TransparentPixels_AreOutside()
    {
        byte[] rgba = [255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 1, 1, 0, 0, 0, 255];
        Assert.Equal([1, 0, 1, 0], MaskPng.Read(ImageEncoder.RgbaPng(rgba, 4, 1), 4, 1).ToBytes());
    }

    [Fact]
    public void Read_AnotherSize_NamesBoth()
    {
        string message = Assert.Throws<MaskSizeException>(() => MaskPng.Read(MaskPng.Write(Rle.Full(4, 5)), 6, 7, "seed.png")).Message;
        Assert.Contains("5 x 4", message);
        Assert.Contains("6 x 7", message);
        Assert.Contains("seed.png", message);
    }

    [Fact]
    public void Read_WhatIsNoPng_IsRefused()
    {
        Assert.Throws<ImageFormatException>(() => MaskPng.Read(Path.Combine(Fixtures.Own, "imaging", "rgb.jpg"), 56, 40));
        Assert.Throws<ImageFormatException>(() => MaskPng.Read("no mask"u8, 3, 3));
        Assert.Throws<ImageUnreadableException>(() => MaskPng.Read(Path.Combine(Fixtures.Own, "imaging", "none.png"), 3, 3));
        Assert.Throws<MaskSizeException>(() => MaskPng.Read(PngBytes.Header(20_000, 20_000), 640, 480));
    }

    [Fact]
    public void Read_CutAnywhere_IsAnImageException()
    {
        byte[] png = MaskPng.Write(Rle.FromBytes([0, 1, 1, 0, 0, 1], 2, 3));
        for (int length = 0; length < png.Length - 12; length++)
            Assert.ThrowsAny<ImageException>(() => MaskPng.Read(png.AsSpan(0, length), 3, 2));
    }
}
