using CsCheck;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Imaging;

/// <summary>The corpus of files that are no good: each gives the exception that fits, none crashes, none allocates much.</summary>
public sealed class BadPictureTests
{
    private static byte[] Own(string name) => File.ReadAllBytes(Path.Combine(Fixtures.Own, "imaging", name));

    private static T Refused<T>(byte[] file, ImageDecoderOptions? options = null) where T : ImageException
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Assert.Throws<T>(() => ImageDecoder.Decode(file, options, "holiday.jpg"));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20, "more than 1 MiB was allocated");
        Assert.Contains("holiday.jpg", refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
        return refusal;
    }

    [Fact]
    public void Decode_TextNamedJpg_SaysText() => Assert.Contains("text", Refused<ImageFormatException>("Dear diary,\nno picture here."u8.ToArray()).Message);

    [Fact]
    public void Decode_EmptyFile_SaysEmpty() => Assert.Contains("empty", Refused<ImageFormatException>([]).Message);

    [Theory]
    [InlineData("474946383961", "GIF")]
    [InlineData("424D36000000", "BMP")]
    [InlineData("255044462D312E37", "PDF")]
    [InlineData("504B030414000000", "zip")]
    [InlineData("000000186674797068656963", "HEIC")]
    [InlineData("0001020304", "unknown data (beginning with 0001020304)")]
    public void Decode_OtherFormats_AreNamed(string start, string named) =>
        Assert.Contains(named, Refused<ImageFormatException>(Convert.FromHexString(start)).Message);

    [Fact]
    public void Decode_PngHeaderOf20000x20000_NamesSizeAndLimit()
    {
        foreach (byte[] file in new[] { PngBytes.Header(20_000, 20_000), [.. PngBytes.Header(20_000, 20_000), .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated(new byte[60_001]))] })
        {
            var refusal = Refused<ImageTooLargeException>(file);
            Assert.Equal((20_000, 20_000), (refusal.Width, refusal.Height));
            Assert.Contains("20000 x 20000", refusal.Message);
            Assert.Contains("100000000", refusal.Message);
        }
    }

    [Fact]
    public void Decode_PngHeaderOfFourBillionSquared_IsTooLarge() => Refused<ImageTooLargeException>(PngBytes.Header(uint.MaxValue, uint.MaxValue));

    [Fact]
    public void Decode_JpegHeaderOfHugeSides_IsTooLarge()
    {
        byte[] file = Own("rgb.jpg");
        int frame = IndexOf(file, [0xFF, 0xC0]);
        file.AsSpan(frame + 5, 4).Fill(0xFF);
        var refusal = Refused<ImageTooLargeException>(file);
        Assert.Equal((65_535, 65_535), (refusal.Width, refusal.Height));
    }

    [Fact]
    public void Decode_SideOverTheLimit_IsTooLarge()
    {
        Refused<ImageTooLargeException>(Own("rgb8.png"), new() { MaxSide = 55 });
        Refused<ImageTooLargeException>(Own("rgb8.png"), new() { MaxPixels = 56 * 40 - 1 });
        Assert.Equal(56, ImageDecoder.Decode(Own("rgb8.png"), new() { MaxSide = 56, MaxPixels = 56 * 40 }).Width);
    }

    [Fact]
    public void Decode_SidesOfZero_AreDamage() => Refused<ImageFormatException>([.. PngBytes.Header(0, 7), .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated([0]))]);

    /// <summary>10 MB of zeros squeezed into a text chunk, and a picture whose data unpack to far more than its size needs.</summary>
    [Fact]
    public void Decode_PngBombs_AreHarmless()
    {
        byte[] bomb = PngBytes.Deflated(new byte[10_000_000]);
        byte[] text = [.. PngBytes.Header(1, 1), .. PngBytes.Chunk("zTXt"u8, [.. "a\0\0"u8, .. bomb]), .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated([0, 1, 2, 3])), .. PngBytes.Chunk("IEND"u8, [])];
        Assert.Equal([1, 2, 3], ImageDecoder.Decode(text).Pixels);
        byte[] data = [.. PngBytes.Header(1, 1), .. PngBytes.Chunk("IDAT"u8, bomb), .. PngBytes.Chunk("IEND"u8, [])];
        Assert.Equal([0, 0, 0], ImageDecoder.Decode(data).Pixels);
    }

    public static TheoryData<string> Whole() =>
        ["rgb8.png", "interlaced.png", "palette8.png", "rgb16.png", "rgb.jpg", "subsampled.jpg", "progressive.jpg", "cmyk.jpg", "gray.jpg", "origin6.jpg",
         "lossless.webp", "alpha.webp", "lossy.webp", "animated.webp", "origin6.webp"];

    /// <summary>
    /// At every cut (about 1,000 of a larger file): truncated. A picture whose pixels are complete and which lacks only what follows them may be taken; nothing else may happen.
    /// </summary>
    [Theory]
    [MemberData(nameof(Whole))]
    public void Decode_CutAnywhere_IsTruncated(string name)
    {
        byte[] file = Own(name);
        RgbImage whole = ImageDecoder.Decode(file);
        int step = Math.Max(1, file.Length / 1000);
        for (int length = 12; length < file.Length; length += step)
        {
            try
            {
                Assert.Equal(whole.Pixels, ImageDecoder.Decode(file.AsSpan(0, length)).Pixels);
                Assert.True(length > file.Length * 9 / 10 || name == "animated.webp", $"{name} cut at {length} of {file.Length} was taken");
            }
            catch (ImageTruncatedException)
            {
            }
        }
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void Decode_ChangedBytes_NeverCrash(string name)
    {
        byte[] file = Own(name);
        Gen.Select(Gen.Int[0, file.Length - 1], Gen.Byte, Gen.Int[0, file.Length - 1], Gen.Byte).Sample((at, value, other, second) =>
        {
            byte[] changed = [.. file];
            changed[at] = value;
            changed[other] = second;
            try
            {
                ImageDecoder.Decode(changed, new() { MaxPixels = 1_000_000 });
            }
            catch (ImageException)
            {
            }
        }, iter: 300);
    }

    [Fact]
    public void Decode_RandomBytes_AreRefused() =>
        Gen.Byte.Array[0, 300].Sample(bytes => Assert.Throws<ImageFormatException>(() => ImageDecoder.Decode(bytes)), iter: 300);

    [Fact]
    public void Decode_PathsThatCannotBeRead_SayWhy()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        Assert.Contains("folder", Assert.Throws<ImageUnreadableException>(() => ImageDecoder.Decode(folder)).Message);
        Assert.Contains("no file", Assert.Throws<ImageUnreadableException>(() => ImageDecoder.Decode(Path.Combine(folder, "a.jpg"))).Message);
        Assert.Contains("no file", Assert.Throws<ImageUnreadableException>(() => ImageDecoder.Decode(Path.Combine(folder, "b", "a.jpg"))).Message);
        Assert.Throws<ArgumentException>(() => ImageDecoder.Decode(""));
        string large = Path.Combine(folder, "large");
        File.WriteAllBytes(large, new byte[100]);
        Assert.Contains("100 bytes", Assert.Throws<ImageUnreadableException>(() => ImageDecoder.Decode(large, new() { MaxFileBytes = 99 })).Message);
        Directory.Delete(folder, recursive: true);
    }

    private static int IndexOf(byte[] file, ReadOnlySpan<byte> what) => file.AsSpan().IndexOf(what);
}
