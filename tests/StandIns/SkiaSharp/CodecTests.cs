using SemanticSam.Tests.Support;
using SkiaSharp;

namespace SemanticSam.Tests.StandIns.Skia;

/// <summary>What callers of SkiaSharp rely on; holds for the real package as well.</summary>
public sealed class CodecTests
{
    private static byte[] Own(string name) => File.ReadAllBytes(Path.Combine(Fixtures.Own, "imaging", name));

    private static SKCodec? Open(byte[] file)
    {
        using SKData data = SKData.CreateCopy(file);
        return SKCodec.Create(data);
    }

    [Theory]
    [InlineData("rgb.jpg", SKEncodedImageFormat.Jpeg, SKAlphaType.Opaque)]
    [InlineData("rgb8.png", SKEncodedImageFormat.Png, SKAlphaType.Opaque)]
    [InlineData("rgba8.png", SKEncodedImageFormat.Png, SKAlphaType.Unpremul)]
    [InlineData("palette_transparent.png", SKEncodedImageFormat.Png, SKAlphaType.Unpremul)]
    [InlineData("lossy.webp", SKEncodedImageFormat.Webp, SKAlphaType.Opaque)]
    [InlineData("alpha.webp", SKEncodedImageFormat.Webp, SKAlphaType.Unpremul)]
    public void Create_Picture_KnowsFormatSizeAndAlpha(string name, SKEncodedImageFormat format, SKAlphaType alpha)
    {
        using SKCodec codec = Open(Own(name))!;
        Assert.Equal(format, codec.EncodedFormat);
        Assert.Equal((56, 40), (codec.Info.Width, codec.Info.Height));
        Assert.Equal(alpha, codec.Info.AlphaType);
    }

    [Fact]
    public void EncodedOrigin_EightOrientations_AreTheExifNumbers()
    {
        for (int origin = 1; origin <= 8; origin++)
        {
            using SKCodec codec = Open(Own($"origin{origin}.jpg"))!;
            Assert.Equal((SKEncodedOrigin)origin, codec.EncodedOrigin);
            Assert.Equal(origin >= 5, codec.Info.Width == 40);
        }
    }

    [Fact]
    public void EncodedOrigin_DamagedExif_IsTheDefault()
    {
        byte[] file = Own("origin6.jpg");
        int tiff = file.AsSpan().IndexOf("Exif\0\0"u8) + 6;
        for (int i = 0; i < 26; i++)
        {
            byte[] changed = [.. file];
            changed[tiff + i] = 0xFF;
            using SKCodec codec = Open(changed)!;
            Assert.InRange((int)codec.EncodedOrigin, 1, 8);
        }
    }

    [Fact]
    public void GetPixels_WrongRequests_HaveTheirResults()
    {
        using SKCodec codec = Open(Own("rgba8.png"))!;
        using var bitmap = new SKBitmap(new SKImageInfo(200, 200, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        Assert.Equal(SKCodecResult.InvalidScale, codec.GetPixels(bitmap.Info, bitmap.GetPixels()));
        Assert.Equal(SKCodecResult.InvalidConversion,
            codec.GetPixels(new SKImageInfo(56, 40, SKColorType.Rgba8888, SKAlphaType.Opaque), bitmap.GetPixels()));
        Assert.Throws<ArgumentNullException>(() => codec.GetPixels(codec.Info, IntPtr.Zero));
    }

    [Fact]
    public void GetPixels_TruncatedJpeg_IsIncompleteAndKeepsTheRowsThatWereThere()
    {
        byte[] file = Own("rgb.jpg");
        using SKBitmap whole = SKBitmap.Decode(file), part = SKBitmap.Decode(file[..(file.Length * 3 / 4)]);
        Assert.Equal(whole.GetPixel(20, 3), part.GetPixel(20, 3));
        using SKCodec codec = Open(file[..(file.Length * 3 / 4)])!;
        using var bitmap = new SKBitmap(codec.Info);
        Assert.Equal(SKCodecResult.IncompleteInput, codec.GetPixels(bitmap.Info, bitmap.GetPixels()));
    }

    [Fact]
    public void Create_WhatIsNoPicture_IsNull()
    {
        Assert.Null(Open("text"u8.ToArray()));
        Assert.Null(Open([]));
        Assert.Null(SKCodec.Create(Path.Combine(Fixtures.Own, "imaging", "none.png")));
        Assert.Null(SKBitmap.Decode(Path.Combine(Fixtures.Own, "imaging", "none.png")));
        Assert.Throws<ArgumentNullException>(() => SKBitmap.Decode("text"u8.ToArray()));
    }

    [Fact]
    public void Decode_TransparentPng_PremultipliesOnRequest()
    {
        byte[] file = Own("rgba8.png");
        using SKBitmap straight = SKBitmap.Decode(file, new SKImageInfo(56, 40, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        using SKBitmap premultiplied = SKBitmap.Decode(file, new SKImageInfo(56, 40, SKColorType.Bgra8888, SKAlphaType.Premul));
        for (int x = 0; x < 56; x++)
        {
            ReadOnlySpan<byte> a = straight.GetPixelSpan().Slice(x * 4, 4), b = premultiplied.GetPixelSpan().Slice(x * 4, 4);
            Assert.Equal(a[3], b[3]);
            Assert.Equal(Math.Round(a[0] * a[3] / 255.0), b[2], 0);
            Assert.Equal(Math.Round(a[2] * a[3] / 255.0), b[0], 0);
        }
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Png, 100, 0)]
    [InlineData(SKEncodedImageFormat.Webp, 100, 0)]
    [InlineData(SKEncodedImageFormat.Webp, 90, 30)]
    [InlineData(SKEncodedImageFormat.Jpeg, 95, 40)]
    public void Encode_ThenDecode_ComesBackWithinTheFormatsLoss(SKEncodedImageFormat format, int quality, int loss)
    {
        using SKBitmap first = SKBitmap.Decode(Own("rgb8.png"), new SKImageInfo(56, 40, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using SKData data = first.Encode(format, quality);
        using SKBitmap second = SKBitmap.Decode(data.ToArray(), first.Info);
        double worst = 0, total = 0;
        for (int i = 0; i < first.ByteCount; i++)
        {
            int difference = Math.Abs(first.GetPixelSpan()[i] - second.GetPixelSpan()[i]);
            worst = Math.Max(worst, difference);
            total += difference;
        }
        Assert.True(total / first.ByteCount <= loss / 8.0, $"mean {total / first.ByteCount}");
        Assert.Equal(loss == 0, worst == 0);
    }

    [Fact]
    public void Encode_TransparentPng_KeepsColourAndAlpha()
    {
        using SKBitmap first = SKBitmap.Decode(Own("rgba8.png"), new SKImageInfo(56, 40, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        using SKData data = first.Encode(SKEncodedImageFormat.Png, 100);
        using SKBitmap second = SKBitmap.Decode(data.ToArray(), first.Info);
        Assert.Equal(first.Bytes, second.Bytes);
    }

    [Fact]
    public void Encode_FormatsThatAreOnlyRead_GiveNull()
    {
        using var bitmap = new SKBitmap(4, 4);
        Assert.Null(bitmap.Encode(SKEncodedImageFormat.Gif, 90));
    }

    [Fact]
    public void Constructor_ImpossibleSizes_Throw()
    {
        Assert.ThrowsAny<Exception>(() => new SKBitmap(-1, 4));
        Assert.ThrowsAny<Exception>(() => new SKBitmap(100_000, 100_000));
    }
}
