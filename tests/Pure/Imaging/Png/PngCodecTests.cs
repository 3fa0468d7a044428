using CsCheck;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;
using SemanticSam.Tests.Pure.Support;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Imaging.Png;

public sealed class PngCodecTests
{
    private static readonly (byte, byte, byte)[] Grays = [.. Enumerable.Range(0, 256).Select(i => ((byte)i, (byte)i, (byte)i))];

    private static byte[] Own(string name) => File.ReadAllBytes(Path.Combine(Fixtures.Own, "imaging", name));

    [Fact]
    public void Encode_ThenDecode_GivesTheSameValues() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[0, 3], Gen.Int).Sample((w, h, kind, seed) =>
        {
            int largest = new[] { 1, 255, 256, 65_535 }[kind];
            var random = new Random(seed);
            ushort[] values = [.. Enumerable.Range(0, w * h).Select(_ => (ushort)random.Next(largest + 1))];
            PngImage image = PngCodec.Decode(PngCodec.Encode(values, w, h, Grays), "it");
            Assert.Equal((w, h), (image.Width, image.Height));
            Assert.Equal(values, image.Samples);
        }, iter: 200);

    /// <summary>Skia reads the checksums that are written.</summary>
    [Fact]
    public void Encode_Palette_IsReadByTheImageDecoder()
    {
        ushort[] values = [0, 3, 200, 255, 17, 1];
        Assert.Equal(values, ImageDecoder.Decode(PngCodec.Encode(values, 3, 2, Grays)).Pixels.Where((_, i) => i % 3 == 0).Select(v => (ushort)v));
    }

    /// <summary>Pillow wrote them with every filter; the interlaced one holds the same pixels.</summary>
    [Theory]
    [InlineData("rgb8.png")]
    [InlineData("interlaced.png")]
    public void Decode_ColorsOfEightBits_AreTheDecodersPixels(string name) =>
        Assert.Equal(ImageDecoder.Decode(Own("rgb8.png")).Pixels.Select(v => (ushort)v), PngCodec.Decode(Own(name), "it").Samples);

    [Theory]
    [InlineData("gray1.png", 255)]
    [InlineData("gray4.png", 17)]
    [InlineData("gray8.png", 1)]
    public void Decode_GraysOfAnyDepth_AreTheStoredSamples(string name, int factor) =>
        Assert.Equal(ImageDecoder.Decode(Own(name)).Pixels.Where((_, i) => i % 3 == 0).Select(v => (int)v),
            PngCodec.Decode(Own(name), "it").Samples.Select(v => v * factor));

    [Fact]
    public void Decode_InterlacedOfAnySize_GivesEveryPixel()
    {
        // Adam7 by its definition: the pass of a pixel is that of its place in a tile of 8 x 8.
        string[] tile = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"];
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20]).Sample((w, h) =>
        {
            var rows = new List<byte>();
            for (char pass = '1'; pass <= '7'; pass++)
                for (int y = 0; y < h; y++)
                {
                    byte[] row = [.. Enumerable.Range(0, w).Where(x => tile[y % 8][x % 8] == pass).Select(x => (byte)(y * w + x))];
                    if (row.Length > 0) rows.AddRange([0, .. row]);
                }
            byte[] png = [.. PngBytes.Header((uint)w, (uint)h, 8, 0, interlace: 1), .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated([.. rows])),
                .. PngBytes.Chunk("IEND"u8, [])];
            Assert.Equal(Enumerable.Range(0, w * h).Select(i => (ushort)(byte)i), PngCodec.Decode(png, "it").Samples);
        }, iter: 100);
    }

    [Fact]
    public void Decode_DamagedAnywhere_IsAnImageException()
    {
        byte[] png = PngCodec.Encode([.. Enumerable.Range(0, 400).Select(i => (ushort)(i % 7))], 20, 20, Grays);
        Assert.Equal(400, PngCodec.Decode(png, "x").Samples.Length);
        for (int length = 0; length < png.Length; length += 13)
            Assert.Throws<ImageException>(() => PngCodec.Decode(png.AsSpan(0, length), "x"));
        for (int at = 8; at < png.Length; at += 5)
        {
            byte[] bad = [.. png];
            bad[at] ^= 0x55;
            Assert.Throws<ImageException>(() => PngCodec.Decode(bad, "x"));
        }
    }

    /// <summary>zlib's stream may ask for a dictionary; the standard of PNG knows none.</summary>
    [Fact]
    public void Decode_RowsThatWantADictionary_AreDamage()
    {
        byte[] rows = PngBytes.Deflated(new byte[9]);
        rows[0] = 0x78;
        rows[1] = 0xf9; // with the bit of a dictionary, and a sum that is right
        byte[] png = [.. PngBytes.Header(2, 3, 8, 0), .. PngBytes.Chunk("IDAT"u8, rows), .. PngBytes.Chunk("IEND"u8, [])];
        Assert.Contains("its pixel data", Bad.Image(ImageError.Format, () => PngCodec.Decode(png, "x")).Message);
        using var large = new PngRows(png, PngCodec.ReadHeader(png, "x"), (0, 0, 0));
        Assert.False(large.Read(new byte[6]));
    }

    [Theory]
    [InlineData(16, 3, 0)]
    [InlineData(3, 0, 0)]
    [InlineData(4, 2, 0)]
    [InlineData(8, 5, 0)]
    [InlineData(8, 0, 2)]
    public void ReadHeader_WhatTheStandardDoesNotHave_IsDamage(byte bits, byte color, byte interlace) =>
        Assert.Contains("standard", Bad.Image(ImageError.Format, () => PngCodec.ReadHeader(PngBytes.Header(2, 2, bits, color, interlace), "x")).Message);

    [Fact]
    public void Decode_SidesBeyondTheLargestArray_AreTooLarge() =>
        Bad.Image(ImageError.TooLarge, () => PngCodec.Decode(PngBytes.Header(uint.MaxValue, uint.MaxValue, 16, 6), "x"));
}
