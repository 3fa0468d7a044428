using SemanticSam.Imaging;

namespace SemanticSam.Tests.Pure.Imaging;

public sealed class ImageEncoderTests
{
    /// <summary>A blue image with a red line, one pixel wide: with colors at half resolution it would be purple.</summary>
    private static RgbImage Line()
    {
        var image = new RgbImage(48, 32);
        for (int y = 0; y < 32; y++)
            for (int x = 0; x < 48; x++) (x == 21 ? (ReadOnlySpan<byte>)[230, 20, 20] : [20, 40, 200]).CopyTo(image.Row(y)[(3 * x)..]);
        return image;
    }

    /// <summary>3 times the product of the largest sides is more than 64 bits: it came out below nothing, and an image without pixels was made.</summary>
    [Theory]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(0, 1)]
    [InlineData(1, -1)]
    public void Image_OfImpossibleSides_IsRefused(int width, int height)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RgbImage(width, height));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RgbImage(width, height, []));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    public void LeastShare_ThatIsNoShare_IsRefused(double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageDecoderOptions { LeastShare = share });

    [Fact]
    public void Jpeg_ThinColoredLine_KeepsItsColor()
    {
        byte[] jpeg = ImageEncoder.Jpeg(Line());
        Assert.Equal<byte>([0xFF, 0xD8, 0xFF], jpeg[..3]);
        var back = ImageDecoder.Decode(jpeg);
        Assert.Equal((48, 32), (back.Width, back.Height));
        var red = back.Row(16).Slice(3 * 21, 3);
        Assert.True(red[0] > 190 && red[2] < 80, $"{red[0]}, {red[1]}, {red[2]}");
        var blue = back.Row(16).Slice(3 * 23, 3);
        Assert.True(blue[0] < 70 && blue[2] > 160, $"{blue[0]}, {blue[1]}, {blue[2]}");
    }

    [Fact]
    public void Webp_Image_ComesBackNearlyAsItWas()
    {
        byte[] webp = ImageEncoder.Webp(Line());
        Assert.Equal("RIFFWEBP", System.Text.Encoding.ASCII.GetString([.. webp[..4], .. webp[8..12]]));
        var back = ImageDecoder.Decode(webp);
        Assert.Equal((48, 32), (back.Width, back.Height));
        var blue = back.Row(8).Slice(3 * 40, 3);
        Assert.True(Math.Abs(blue[0] - 20) < 20 && Math.Abs(blue[1] - 40) < 20 && Math.Abs(blue[2] - 200) < 20, $"{blue[0]}, {blue[1]}, {blue[2]}");
        Assert.True(ImageEncoder.Webp(Line(), 5).Length < ImageEncoder.Webp(Line(), 100).Length);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(101)]
    public void Quality_OutOfRange_IsRefused(int quality)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageEncoder.Jpeg(Line(), quality));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageEncoder.Webp(Line(), quality));
    }

    [Fact]
    public void Encode_BeyondWhatTheFormatHolds_SaysTheLimit()
    {
        Assert.Contains("65,500", Assert.Throws<ImageException>(() => ImageEncoder.Jpeg(new RgbImage(65_501, 1))).Message);
        Assert.Contains("16,383", Assert.Throws<ImageException>(() => ImageEncoder.Webp(new RgbImage(16_384, 1))).Message);
        Assert.Equal(65_501, ImageDecoder.Decode(ImageEncoder.Png(new RgbImage(65_501, 1))).Width); // as the message says
    }

    [Fact]
    public void Planes_OfAnotherLength_AreRefused()
    {
        Assert.Contains("8 bytes; 7 were given", Assert.Throws<ArgumentException>(() => ImageEncoder.GrayPng(new byte[7], 4, 2)).Message);
        Assert.Contains("32 bytes; 24 were given", Assert.Throws<ArgumentException>(() => ImageEncoder.RgbaPng(new byte[24], 4, 2)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageEncoder.GrayPng([], 0, 2));
    }

    /// <summary>Half transparent samples of 16 bits are mixed with the background before they become 8.</summary>
    [Fact]
    public void Decode_Transparency_Of16Bits_IsComposedOverTheBackground()
    {
        byte[] half = [0x80, 0, 0, 0, 0xFF, 0xFF, 0x80, 0], none = [0x12, 0x34, 0, 0, 0, 0, 0, 0], all = [0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xFF, 0xFF];
        byte[] row = [0, .. half, .. none, .. all]; // the first byte is the filter
        using var packed = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(row);
        byte[] png = [.. PngBytes.Header(3, 1, bits: 16, color: 6), .. PngBytes.Chunk("IDAT"u8, packed.ToArray()), .. PngBytes.Chunk("IEND"u8, [])];
        Assert.Equal<byte>([191, 127, 255, 255, 255, 255, 0x12, 0x56, 0x9A], ImageDecoder.Decode(png).Pixels);
        Assert.Equal<byte>([64, 0, 128, 0, 0, 0, 0x12, 0x56, 0x9A], ImageDecoder.Decode(png, new() { Background = (0, 0, 0) }).Pixels);
    }
}
