using SemanticSam.Imaging;
using SemanticSam.Imaging.Decoding;
using SemanticSam.Tests.Pure.Support;
using SemanticSam.Tests.Support;
using SkiaSharp;

namespace SemanticSam.Tests.Pure.Imaging;

/// <summary>Files with bytes in their middle that are zero or changed, which decoders do not all notice.</summary>
public sealed class HoleTests
{
    private static byte[] Own(string name) => File.ReadAllBytes(Path.Combine(Fixtures.Own, "imaging", name));

    /// <summary>Smooth shapes under noise, or one color with a line through its middle.</summary>
    private static byte[] Picture(SKEncodedImageFormat format, int quality, bool isFlat = false, int width = 800, int height = 600)
    {
        using var bitmap = new SKBitmap(width, height);
        var random = new Random(1);
        var pixels = new SKColor[width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            var (x, y) = (i % width, i / width);
            int smooth = (int)(100 + 80 * Math.Sin(x / 37.0) * Math.Cos(y / 23.0)), noise = random.Next(40);
            pixels[i] = isFlat ? y == height / 2 ? SKColors.Black : new(250, 250, 250)
                : new((byte)(smooth + noise), (byte)(smooth / 2 + noise), (byte)(230 - smooth + noise));
        }
        bitmap.Pixels = pixels;
        using var encoded = bitmap.Encode(format, quality);
        return encoded.ToArray();
    }

    private static byte[] WithHole(byte[] file, double from, double share)
    {
        byte[] damaged = [.. file];
        damaged.AsSpan((int)(from * file.Length), (int)(share * file.Length)).Clear();
        return damaged;
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg, 90)]
    [InlineData(SKEncodedImageFormat.Jpeg, 40)]
    [InlineData(SKEncodedImageFormat.Webp, 80)]
    public void Hole_InTheMiddle_IsRefusedOrShownToThere(SKEncodedImageFormat format, int quality)
    {
        byte[] file = Picture(format, quality);
        Assert.Equal((800, 600), (ImageDecoder.Decode(file).Width, ImageDecoder.Decode(file).Height));
        var refused = Bad.Image(ImageError.Truncated, () => ImageDecoder.Decode(WithHole(file, 0.5, 0.2)));
        Assert.Contains("are zero", refused.Message);
        Bad.Image(ImageError.Truncated, () => ImageDecoder.Decode(WithHole(file, 0.5, 0.2), new() { LeastShare = 0.9 }));
        if (format == SKEncodedImageFormat.Webp) return; // its decoder gives no rows of a file that is cut off
        // What lies before it is there.
        var notices = new List<string>();
        var shown = ImageDecoder.Decode(WithHole(file, 0.85, 0.12), new() { LeastShare = 0.5, Notice = notices.Add });
        Assert.Contains(notices, n => n.Contains("are zero", StringComparison.Ordinal));
        Assert.Equal(ImageDecoder.Decode(file).Row(300).ToArray(), shown.Row(300).ToArray());
        Assert.All(shown.Row(599).ToArray(), v => Assert.Equal(255, v));
    }

    /// <summary>In smooth images long runs of zero bytes are what they say.</summary>
    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg, 90)]
    [InlineData(SKEncodedImageFormat.Webp, 80)]
    [InlineData(SKEncodedImageFormat.Webp, 100)]
    [InlineData(SKEncodedImageFormat.Png, 100)]
    public void Smooth_Images_HaveNoHole(SKEncodedImageFormat format, int quality)
    {
        var image = ImageDecoder.Decode(Picture(format, quality, isFlat: true, 4000, 3000));
        Assert.InRange(image.Row(100)[0], 248, 252);
    }

    public static TheoryData<string> Fixture() =>
        [.. Directory.EnumerateFiles(Path.Combine(Fixtures.Own, "imaging")).Select(f => Path.GetFileName(f)!)
            .Where(f => Path.GetExtension(f) is ".jpg" or ".webp" or ".png" or ".tif")];

    [Theory]
    [MemberData(nameof(Fixture))]
    public void Fixtures_HaveNoHole(string name) => ImageDecoder.Decode(Own(name), new() { MaxPixels = 1_000_000 });

    /// <summary>A table whose code of zero bits is "no change" and "end of block": every zero bit of an optimized JPEG of one color.</summary>
    [Theory]
    [InlineData(0, 0x00, 4000, false)] // 4,000 bytes of two bits a block are 16,000 of 40,000 blocks
    [InlineData(0, 0x00, 20_000, true)] // more than there are blocks
    [InlineData(0, 0x01, 4000, true)]
    [InlineData(3, 0x00, 4000, true)]
    [InlineData(0, 0x01, 500, false)]
    public void Zeros_AreJudgedByTheTables(byte direct, byte alternating, int zeros, bool isHole)
    {
        byte[] file = [0xFF, 0xD8,
            0xFF, 0xC4, 0, 19 + 1, 0x00, 1, .. new byte[15], direct, 0xFF, 0xC4, 0, 19 + 1, 0x10, 1, .. new byte[15], alternating,
            0xFF, 0xC0, 0, 11, 8, 1600 >> 8, 1600 & 255, 1600 >> 8, 1600 & 255, 1, 1, 0x11, 0,
            0xFF, 0xDA, 0, 8, 1, 1, 0x00, 0, 63, 0, 1, 2, 3, .. new byte[zeros], 4, 5, 0xFF, 0xD9];
        Assert.Equal(isHole ? new ZeroHole(file.Length - 4 - zeros, zeros) : null, JpegHoles.Find(file));
    }

    /// <summary>A changed byte that still is a code is told by the check sum behind it.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    public void DeflatedTiff_AnyChangedByte_IsNoticed(int tile)
    {
        var image = new RgbImage(64, 48);
        new Random(2).NextBytes(image.Pixels);
        byte[] file = TiffFiles.Write([image], tile, compression: BitMiracle.LibTiff.Classic.Compression.ADOBE_DEFLATE);
        Assert.Equal(image.Pixels, ImageDecoder.Decode(file).Pixels);
        for (int at = file.Length / 4; at < file.Length * 3 / 4; at += 97)
        {
            byte[] changed = [.. file];
            changed[at] ^= 0x10;
            try
            {
                Assert.Equal(image.Pixels, ImageDecoder.Decode(changed).Pixels);
            }
            catch (ImageException)
            {
            }
        }
    }

    [Theory]
    [InlineData("rgb8.png")]
    [InlineData("interlaced.png")]
    [InlineData("palette8.png")]
    [InlineData("rgb16.png")]
    public void Png_ChangedData_AreNoticed(string name)
    {
        byte[] file = Own(name);
        int data = file.AsSpan().IndexOf("IDAT"u8) + 4;
        for (int at = data; at < file.Length - 20; at += 97)
        {
            byte[] changed = [.. file];
            changed[at] ^= 0x10;
            Assert.Throws<ImageException>(() => ImageDecoder.Decode(changed));
            if (name != "interlaced.png") Assert.Throws<ImageException>(() => ImageDecoder.Decode(changed, new() { ReduceAbove = 1000, LeastShare = 0.1 }));
        }
    }
}
