using System.Security.Cryptography;
using System.Text.Json;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Imaging;

public sealed class ImageDecoderTests
{
    private static string Own(string name) => Path.Combine(Fixtures.Own, "imaging", name);

    public static TheoryData<string> Images()
    {
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(Own("expected.json")));
        return [.. expected.RootElement.EnumerateObject().Select(e => e.Name)];
    }

    /// <summary>Every pixel format, the eight orientations, alpha over white: what Pillow and numpy made of the same files.</summary>
    [Theory]
    [MemberData(nameof(Images))]
    public void Decode_EveryKindOfImage_GivesTheExpectedPixels(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Own("expected.json")));
        JsonElement expected = document.RootElement.GetProperty(name);
        RgbImage image = ImageDecoder.Decode(Own(name));
        (int, int) size = (expected.GetProperty("width").GetInt32(), expected.GetProperty("height").GetInt32());
        Assert.Equal(size, (image.Width, image.Height));
        Assert.Equal(expected.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(image.Pixels)));
        var (width, height) = ImageDecoder.SizeOf(Own(name));
        Assert.Equal(size, (width, height));
    }

    [Theory]
    [InlineData("sam/truck_300x200.png", "84ecb01baf4181da")]
    [InlineData("sam/bear_147x220.png", "af48320a16bd0a72")]
    public void Decode_GoldenImages_HaveTheirHashes(string relative, string start) =>
        Assert.StartsWith(start, Convert.ToHexStringLower(SHA256.HashData(ImageDecoder.Decode(Path.Combine(Fixtures.Own, relative)).Pixels)));

    [Theory]
    [InlineData("gray12of16.png", "samples of 12 bits")]
    [InlineData("gray12of16.tif", "samples of 12 bits")]
    [InlineData("gray16.png", null)]
    [InlineData("rgb16.png", null)]
    [InlineData("gray16.tif", null)]
    [InlineData("rgb8.png", null)]
    public void Decode_SamplesThatDoNotUseAllBits_AreSaidToBe(string name, string? notice)
    {
        var notices = new List<string>();
        ImageDecoder.Decode(Own(name), new() { Notice = notices.Add });
        if (notice is null) Assert.Empty(notices);
        else Assert.Contains(notice, Assert.Single(notices));
    }

    /// <summary>Tiles, and the compression of JPEG, which Pillow does not write.</summary>
    [Theory]
    [InlineData(BitMiracle.LibTiff.Classic.Compression.LZW, 0)]
    [InlineData(BitMiracle.LibTiff.Classic.Compression.JPEG, 60)]
    public void Decode_TiffInTiles_IsRead(BitMiracle.LibTiff.Classic.Compression compression, int tolerance)
    {
        var image = new RgbImage(40, 24, [.. Enumerable.Range(0, 40 * 24 * 3).Select(i => (byte)(i / 3 % 40 * 5 + i / 120))]);
        using var memory = new MemoryStream();
        using (var tiff = BitMiracle.LibTiff.Classic.Tiff.ClientOpen("t", "w", memory, new BitMiracle.LibTiff.Classic.TiffStream()))
        {
            foreach (var (tag, value) in new (BitMiracle.LibTiff.Classic.TiffTag, object)[]
            {
                (BitMiracle.LibTiff.Classic.TiffTag.IMAGEWIDTH, 40), (BitMiracle.LibTiff.Classic.TiffTag.IMAGELENGTH, 24),
                (BitMiracle.LibTiff.Classic.TiffTag.BITSPERSAMPLE, 8),
                (BitMiracle.LibTiff.Classic.TiffTag.SAMPLESPERPIXEL, 3),
                (BitMiracle.LibTiff.Classic.TiffTag.PHOTOMETRIC, BitMiracle.LibTiff.Classic.Photometric.RGB),
                (BitMiracle.LibTiff.Classic.TiffTag.PLANARCONFIG, BitMiracle.LibTiff.Classic.PlanarConfig.CONTIG),
                (BitMiracle.LibTiff.Classic.TiffTag.COMPRESSION, compression),
                (BitMiracle.LibTiff.Classic.TiffTag.TILEWIDTH, 16), (BitMiracle.LibTiff.Classic.TiffTag.TILELENGTH, 16),
            }) tiff.SetField(tag, value);
            for (int y = 0; y < 24; y += 16)
                for (int x = 0; x < 40; x += 16)
                {
                    var tile = new byte[16 * 16 * 3];
                    for (int row = y; row < Math.Min(24, y + 16); row++)
                        image.Row(row)[(3 * x)..Math.Min(120, 3 * (x + 16))].CopyTo(tile.AsSpan((row - y) * 48));
                    tiff.WriteTile(tile, 0, x, y, 0, 0);
                }
            tiff.WriteDirectory();
            tiff.Flush();
            byte[] written = memory.ToArray();
            RgbImage read = ImageDecoder.Decode(written);
            Assert.Equal((40, 24), (read.Width, read.Height));
            for (int i = 0; i < read.Pixels.Length; i++) Assert.InRange(Math.Abs(read.Pixels[i] - image.Pixels[i]), 0, tolerance);
        }
    }

    [Fact]
    public void Decode_TransparentImage_IsComposedOverTheGivenColor()
    {
        RgbImage image = ImageDecoder.Decode(Own("rgba8.png"), new() { Background = (10, 20, 30) });
        Assert.Equal([10, 20, 30], image.Row(0)[..3].ToArray());
    }

    /// <summary>The eight fixtures in JPEG fix what each orientation means; PNG's has to mean the same.</summary>
    [Fact]
    public void Decode_PngWithOrientation_IsTurnedUpright()
    {
        var stored = new RgbImage(7, 5);
        new Random(3).NextBytes(stored.Pixels);
        byte[] png = ImageEncoder.Png(stored);
        for (byte orientation = 1; orientation <= 8; orientation++)
            foreach (bool little in (bool[])[false, true])
                foreach (bool atTheEnd in (bool[])[false, true])
                {
                    var file = ImageFile.FromBytes(PngBytes.WithExif(png, PngBytes.ExifOrientation(orientation, little), atTheEnd));
                    RgbImage upright = file.Decode();
                    Assert.Equal(orientation >= 5 ? (5, 7) : (7, 5), (upright.Width, upright.Height));
                    Assert.Equal((upright.Width, upright.Height), (file.Width, file.Height));
                    for (int y = 0; y < stored.Height; y++)
                        for (int x = 0; x < stored.Width; x++)
                        {
                            var (column, row) = Upright(orientation, x, y, stored.Width, stored.Height);
                            Assert.Equal(stored.Row(y).Slice(3 * x, 3).ToArray(), upright.Row(row).Slice(3 * column, 3).ToArray());
                        }
                }
    }

    /// <summary>EXIF 2.32, Orientation: where the stored row 0 and column 0 are in the upright image.</summary>
    private static (int Column, int Row) Upright(int orientation, int x, int y, int width, int height) => orientation switch
    {
        1 => (x, y), 2 => (width - 1 - x, y), 3 => (width - 1 - x, height - 1 - y), 4 => (x, height - 1 - y),
        5 => (y, x), 6 => (height - 1 - y, x), 7 => (height - 1 - y, width - 1 - x), _ => (y, width - 1 - x),
    };

    [Fact]
    public void Decode_PngWithDamagedExif_IsTakenAsStored()
    {
        var stored = new RgbImage(4, 3);
        new Random(5).NextBytes(stored.Pixels);
        byte[] png = ImageEncoder.Png(stored), exif = PngBytes.ExifOrientation(6, little: false);
        byte[][] damaged = [[], PngBytes.ExifOrientation(0, false), PngBytes.ExifOrientation(9, true), [.. "MM\0*"u8, 0xFF, 0xFF, 0xFF, 0xFF],
            .. Enumerable.Range(1, 17).Select(n => exif[..n])];
        foreach (byte[] body in damaged) Assert.Equal(stored.Pixels, ImageDecoder.Decode(PngBytes.WithExif(png, body, atTheEnd: false)).Pixels);
    }

    [Fact]
    public void Decode_SamplesOfSixteenBits_GivesTheUpperByte()
    {
        byte[] rows = [0, 0, 0, 0, 255, 1, 0, 127, 255, 254, 255, 255, 255];
        byte[] png = [.. PngBytes.Header(6, 1, 16, 0), .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated(rows)), .. PngBytes.Chunk("IEND"u8, [])];
        Assert.Equal([0, 0, 1, 127, 254, 255], ImageDecoder.Decode(png).Pixels.Where((_, i) => i % 3 == 0));
    }

    [Fact]
    public void Open_ThenDecode_ReadsTheFileOnce()
    {
        string copy = Path.GetTempFileName();
        File.Copy(Own("origin6.jpg"), copy, overwrite: true);
        var file = ImageFile.Open(copy);
        File.Delete(copy);
        Assert.Equal((ImageFormat.Jpeg, 56, 40, copy), (file.Format, file.Width, file.Height, file.Name));
        Assert.Equal(ImageDecoder.Decode(Own("origin6.jpg")).Pixels, file.Decode().Pixels);
    }
}
