using CsCheck;
using SemanticSam.Imaging;
using SemanticSam.Tests.Pure.Support;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Imaging;

/// <summary>Files that are not valid: each gives the exception that fits, none crashes, none allocates much.</summary>
public sealed class BadImageTests
{
    private static byte[] Own(string name) => File.ReadAllBytes(Path.Combine(Fixtures.Own, "imaging", name));

    private static ImageException Refused(ImageError error, byte[] file, ImageDecoderOptions? options = null)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Bad.Image(error, () => ImageDecoder.Decode(file, options, "holiday.jpg"));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20, "more than 1 MiB was allocated");
        Assert.Contains("holiday.jpg", refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
        return refusal;
    }

    [Fact]
    public void Decode_TextNamedJpg_SaysText() => Assert.Contains("text", Refused(ImageError.Format, "Dear diary,\nno image here."u8.ToArray()).Message);

    [Fact]
    public void Decode_EmptyFile_SaysEmpty() => Assert.Contains("empty", Refused(ImageError.Format, []).Message);

    [Theory]
    [InlineData("474946383961", "GIF")]
    [InlineData("424D36000000", "BMP")]
    [InlineData("255044462D312E37", "PDF")]
    [InlineData("504B030414000000", "zip")]
    [InlineData("000000186674797068656963", "HEIC")]
    [InlineData("0001020304", "unknown data (beginning with 0001020304)")]
    public void Decode_OtherFormats_AreNamed(string start, string named) =>
        Assert.Contains(named, Refused(ImageError.Format, Convert.FromHexString(start)).Message);

    /// <summary>Messages go to terminals.</summary>
    [Theory]
    [InlineData("0000001866747970\u001b[2J")]
    [InlineData("hello \u0085 \u202e there")]
    public void Decode_ControlCharacters_DoNotReachTheMessage(string content)
    {
        byte[] file = content.StartsWith('0') ? [.. Convert.FromHexString(content[..16]), .. content[16..].Select(c => (byte)c)]
            : System.Text.Encoding.UTF8.GetBytes(content);
        Assert.DoesNotContain(Refused(ImageError.Format, file).Message, c => char.IsControl(c) || c == '\u202e');
    }

    [Fact]
    public void Decode_PngHeaderOf20001x20000_NamesSizeAndLimit()
    {
        var refusal = Refused(ImageError.TooLarge, [.. PngBytes.Header(20_001, 20_000), .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated(new byte[60_001]))]);
        Assert.Contains("20001 x 20000", refusal.Message);
        Assert.Contains("400000000", refusal.Message);
    }

    [Fact]
    public void Decode_PngHeaderAlone_IsTruncated() => Refused(ImageError.Truncated, PngBytes.Header(20_000, 20_000));

    /// <summary>More than PNG's 31 bits.</summary>
    [Fact]
    public void Decode_PngHeaderOfFourBillionSquared_IsDamage() => Refused(ImageError.Format, 
        [.. PngBytes.Header(uint.MaxValue, uint.MaxValue), .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated([0])), .. PngBytes.Chunk("IEND"u8, [])]);

    [Fact]
    public void Decode_JpegHeaderOfHugeSides_IsTooLarge()
    {
        byte[] file = Own("rgb.jpg");
        int frame = IndexOf(file, [0xFF, 0xC0]);
        file.AsSpan(frame + 5, 4).Fill(0xEA);
        var refusal = Refused(ImageError.TooLarge, file);
        Assert.Contains("60138 x 60138", refusal.Message);
    }

    [Fact]
    public void Decode_SideOverTheLimit_IsTooLarge()
    {
        Refused(ImageError.TooLarge, Own("rgb8.png"), new() { MaxSide = 55 });
        Refused(ImageError.TooLarge, Own("rgb8.png"), new() { MaxPixels = 56 * 40 - 1 });
        Assert.Equal(56, ImageDecoder.Decode(Own("rgb8.png"), new() { MaxSide = 56, MaxPixels = 56 * 40 }).Width);
    }

    [Fact]
    public void Decode_SidesOfZero_AreDamage() =>
        Refused(ImageError.Format, [.. PngBytes.Header(0, 7), .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated([0])), .. PngBytes.Chunk("IEND"u8, [])]);

    /// <summary>10 MB of zeros squeezed into a text chunk, and an image whose data unpack to far more than its size needs.</summary>
    [Fact]
    public void Decode_PngBombs_AreHarmless()
    {
        byte[] bomb = PngBytes.Deflated(new byte[10_000_000]);
        byte[] text = [.. PngBytes.Header(1, 1), .. PngBytes.Chunk("zTXt"u8, [.. "a\0\0"u8, .. bomb]),
            .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated([0, 1, 2, 3])), .. PngBytes.Chunk("IEND"u8, [])];
        Assert.Equal([1, 2, 3], ImageDecoder.Decode(text).Pixels);
        byte[] data = [.. PngBytes.Header(1, 1), .. PngBytes.Chunk("IDAT"u8, bomb), .. PngBytes.Chunk("IEND"u8, [])];
        Assert.Equal([0, 0, 0], ImageDecoder.Decode(data).Pixels);
    }

    public static TheoryData<string> Whole() =>
        ["rgb8.png", "interlaced.png", "palette8.png", "rgb16.png", "rgb.jpg", "subsampled.jpg", "progressive.jpg", "cmyk.jpg", "gray.jpg", "origin6.jpg",
         "lossless.webp", "alpha.webp", "lossy.webp", "animated.webp", "origin6.webp"];

    /// <summary>At every cut (about 1,000 of a larger file), even if all pixels are there and only the end of the file is missing.</summary>
    [Theory]
    [MemberData(nameof(Whole))]
    public void Decode_CutAnywhere_IsTruncated(string name)
    {
        byte[] file = Own(name);
        int step = Math.Max(1, file.Length / 1000);
        for (int length = file.Length - 1; length >= 12; length -= step)
            Bad.Image(ImageError.Truncated, () => ImageFile.FromBytes(file.AsMemory(0, length)));
    }

    /// <summary>The thumbnail inside a segment ends with an EOI marker of its own.</summary>
    [Fact]
    public void Decode_CutJpegWithThumbnail_IsTruncated()
    {
        byte[] image = Own("progressive.jpg"), thumbnail = Own("gray.jpg");
        int length = thumbnail.Length + 2;
        byte[] file = [.. image[..2], 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. thumbnail, .. image[2..]];
        Assert.Equal(ImageDecoder.Decode(image).Pixels, ImageDecoder.Decode(file).Pixels);
        Bad.Image(ImageError.Truncated, () => ImageDecoder.Decode(file.AsMemory(0, file.Length * 3 / 4)));
    }

    [Theory]
    [InlineData("rgb.jpg")]
    [InlineData("rgb8.png")]
    [InlineData("lossless.webp")]
    public void Decode_BytesAfterTheEnd_AreIgnored(string name)
    {
        byte[] file = Own(name);
        Assert.Equal(ImageDecoder.Decode(file).Pixels, ImageDecoder.Decode((byte[])[.. file, 1, 2, 3, 4, 5]).Pixels);
    }

    /// <summary>Most of a file that is cut off is shown where that is allowed: what is there is as in the whole file, the rest white.</summary>
    [Theory]
    [InlineData("rgb.jpg", 97)]
    [InlineData("gray.jpg", 97)]
    [InlineData("rgb8.png", 97)]
    public void Decode_CutNearTheEnd_IsShownWhereThatIsAllowed(string name, int percent)
    {
        byte[] file = Own(name);
        var whole = ImageDecoder.Decode(file);
        var notices = new List<string>();
        var shown = ImageDecoder.Decode(file.AsMemory(0, file.Length * percent / 100), new() { LeastShare = 0.8, Notice = notices.Add });
        Assert.Contains("is cut off: ", Assert.Single(notices));
        int rows = int.Parse(notices[0].Split("cut off: ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(rows, whole.Height * 8 / 10, whole.Height);
        for (int y = 0; y < whole.Height; y++)
            if (y < rows - 8) Assert.Equal(whole.Row(y).ToArray(), shown.Row(y).ToArray());
            else if (y >= rows) Assert.All(shown.Row(y).ToArray(), v => Assert.Equal(255, v));
        Bad.Image(ImageError.Truncated, () => ImageDecoder.Decode(file.AsMemory(0, file.Length / 2), new() { LeastShare = 0.8 }));
    }

    /// <summary>What is missing of an interlaced image is missing everywhere; the codec calls all rows there.</summary>
    [Fact]
    public void Decode_CutInterlacedPng_IsTruncated()
    {
        byte[] file = Own("interlaced.png");
        Bad.Image(ImageError.Truncated, () => ImageDecoder.Decode(file.AsMemory(0, file.Length * 9 / 10), new() { LeastShare = 0.8 }));
    }

    /// <summary>A GIF that is cut off has the rows that its codes stand for; the codec calls all rows there as soon as it has one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decode_CutGif_HasTheRowsOfItsCodes(bool interlaced)
    {
        byte[] file = Own("palette.gif");
        int table = 13 + 3 * (2 << (file[10] & 7)), frame = table + file.AsSpan(table).IndexOf((byte)',');
        if (interlaced) file[frame + 9] |= 0x40; // the same codes, in the order of passes
        var whole = ImageDecoder.Decode(file);
        int shown = 0, last = whole.Height;
        for (int length = file.Length - 1; length > frame; length--)
        {
            var notices = new List<string>();
            RgbImage image;
            try
            {
                image = ImageDecoder.Decode(file.AsMemory(0, length), new() { LeastShare = 0.5, Notice = notices.Add });
            }
            catch (ImageException e) when (e.Error == ImageError.Truncated)
            {
                continue;
            }
            if (notices.Count == 0) continue; // the frame is whole, what follows it is missing
            bool all = !notices[0].Contains("white", StringComparison.Ordinal);
            int rows = all ? whole.Height : int.Parse(notices[0].Split("cut off: ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
            Assert.InRange(rows, whole.Height / 2, last);
            for (int y = 0; y < whole.Height; y++)
                if (y < rows) Assert.Equal(whole.Row(y).ToArray(), image.Row(y).ToArray());
                else Assert.All(image.Row(y).ToArray(), v => Assert.Equal(255, v));
            (last, shown) = (rows, shown + 1);
        }
        Assert.True(shown >= (interlaced ? 0 : 20), $"{shown}");
        if (!interlaced) Assert.InRange(last, whole.Height / 2, whole.Height / 2 + 2);
    }

    /// <summary>The end of these is not always told by their own headers.</summary>
    [Theory]
    [InlineData("rgb.bmp")]
    [InlineData("largest.ico")]
    [InlineData("raw.tif")]
    [InlineData("tiff_lzw.tif")]
    [InlineData("palette.gif")]
    public void Decode_CutInTheMiddle_IsRefused(string name)
    {
        byte[] file = Own(name);
        for (int length = 12; length < file.Length / 2; length += 37)
            Assert.Throws<ImageException>(() => ImageDecoder.Decode(file.AsMemory(0, length)));
    }

    [Theory]
    [MemberData(nameof(Whole))]
    [InlineData("rgb.bmp")]
    [InlineData("palette.bmp")]
    [InlineData("palette.gif")]
    [InlineData("largest.ico")]
    [InlineData("tiff_lzw.tif")]
    [InlineData("tiff_adobe_deflate.tif")]
    [InlineData("packbits.tif")]
    [InlineData("bits.tif")]
    [InlineData("gray12of16.tif")]
    [InlineData("gray12of16.png")]
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
        Gen.Byte.Array[0, 300].Sample(bytes => Bad.Image(ImageError.Format, () => ImageDecoder.Decode(bytes)), iter: 300);

    [Fact]
    public void Decode_PathsThatCannotBeRead_SayWhy()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        Assert.Contains("folder", Bad.Image(ImageError.Unreadable, () => ImageDecoder.Decode(folder)).Message);
        Assert.Contains("does not exist", Bad.Image(ImageError.Unreadable, () => ImageDecoder.Decode(Path.Combine(folder, "a.jpg"))).Message);
        Assert.Contains("does not exist", Bad.Image(ImageError.Unreadable, () => ImageDecoder.Decode(Path.Combine(folder, "b", "a.jpg"))).Message);
        Assert.Throws<ArgumentException>(() => ImageDecoder.Decode(""));
        string large = Path.Combine(folder, "large");
        File.WriteAllBytes(large, new byte[100]);
        Assert.Contains("100 bytes", Bad.Image(ImageError.Unreadable, () => ImageDecoder.Decode(large, new() { MaxFileBytes = 99 })).Message);
        Directory.Delete(folder, recursive: true);
    }

    private static int IndexOf(byte[] file, ReadOnlySpan<byte> what) => file.AsSpan().IndexOf(what);

    [Theory]
    [InlineData("largest.ico", "is an ICO that is cut off")]
    [InlineData("rgb.bmp", "is a BMP that is cut off")]
    public void Messages_HaveTheArticleOfTheFormat(string name, string said)
    {
        byte[] file = Own(name);
        Assert.Contains(said, Assert.Throws<ImageException>(() => ImageDecoder.Decode(file.AsMemory(0, file.Length * 3 / 4))).Message);
    }
}
