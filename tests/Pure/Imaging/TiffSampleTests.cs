using BitMiracle.LibTiff.Classic;
using SemanticSam.Imaging;
using static SemanticSam.Tests.Support.TiffFiles;

namespace SemanticSam.Tests.Pure.Imaging;

/// <summary>Samples that the TIFF library takes for something else, or not at all: fourth bands that are no alpha, signs, 9 to 15 bits, short data.</summary>
public sealed class TiffSampleTests
{
    private const int Width = 37, Height = 21;

    private static int Sample(int x, int y, int band, int bits) => (x * 5 + y * 3 + band * 20 + 1) * ((1 << bits) - 1) / 512;

    private static byte[] Write(int samples, int bits, Photometric kind, bool tiled = false, short[]? extra = null, bool signed = false, bool together = true,
        Compression compression = Compression.NONE, Func<int, int, int, int>? value = null)
    {
        using var memory = new MemoryStream();
        using var tiff = Tiff.ClientOpen("t", "w", memory, new TiffStream());
        foreach (var (tag, field) in new (TiffTag, object)[]
        {
            (TiffTag.IMAGEWIDTH, Width), (TiffTag.IMAGELENGTH, Height), (TiffTag.BITSPERSAMPLE, bits), (TiffTag.SAMPLESPERPIXEL, samples),
            (TiffTag.PHOTOMETRIC, kind), (TiffTag.PLANARCONFIG, together ? PlanarConfig.CONTIG : PlanarConfig.SEPARATE), (TiffTag.COMPRESSION, compression),
            (TiffTag.SAMPLEFORMAT, signed ? SampleFormat.INT : SampleFormat.UINT),
        }) tiff.SetField(tag, field);
        if (extra is not null) tiff.SetField(TiffTag.EXTRASAMPLES, extra.Length, extra);
        if (tiled)
        {
            tiff.SetField(TiffTag.TILEWIDTH, 16);
            tiff.SetField(TiffTag.TILELENGTH, 16);
        }
        else tiff.SetField(TiffTag.ROWSPERSTRIP, Height);
        int across = tiled ? 16 : Width, down = tiled ? 16 : 1, planes = together ? 1 : samples;
        for (int plane = 0; plane < planes; plane++)
            for (int top = 0; top < Height; top += down)
                for (int left = 0; left < Width; left += across)
                {
                    var block = new List<byte>();
                    for (int y = top; y < top + down; y++)
                    {
                        var row = new List<bool>();
                        for (int x = left; x < left + across; x++)
                            for (int band = plane; band < (together ? samples : plane + 1); band++)
                                for (int bit = bits - 1; bit >= 0; bit--) row.Add(((value?.Invoke(x, y, band) ?? Sample(x, y, band, bits)) >> bit & 1) != 0);
                        block.AddRange(row.Chunk(8).Select(c => (byte)c.Select((b, i) => b ? 128 >> i : 0).Sum()));
                    }
                    byte[] bytes = [.. block];
                    if (tiled) tiff.WriteTile(bytes, 0, left, top, 0, (short)plane);
                    else tiff.WriteScanline(bytes, top, (short)plane);
                }
        tiff.WriteDirectory();
        tiff.Flush();
        return memory.ToArray();
    }

    private static byte[] Expected(int colors, int bits) => [.. Enumerable.Range(0, Width * Height * 3)
        .Select(i => (byte)(Sample(i / 3 % Width, i / 3 / Width, colors == 3 ? i % 3 : 0, bits) >> bits - 8))];

    /// <summary>Infrared of a satellite or an aerial photo: the library takes it for alpha, and the image is paler where it is dark.</summary>
    [Theory]
    [InlineData(4, Photometric.RGB, null)]
    [InlineData(4, Photometric.RGB, new short[] { 0 })]
    [InlineData(5, Photometric.RGB, new short[] { 0, 2 })]
    [InlineData(2, Photometric.MINISBLACK, null)]
    [InlineData(13, Photometric.MINISBLACK, new short[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public void Bands_Of8BitsThatAreNoAlpha_ArePassedOverAndTold(int samples, Photometric kind, short[]? extra)
    {
        foreach (var (tiled, together) in new[] { (false, true), (true, true), (false, false), (true, false) })
        {
            byte[] file = Write(samples, 8, kind, tiled, extra, together: together);
            var (image, notices) = Decode(file);
            Assert.Equal(Expected(kind == Photometric.RGB ? 3 : 1, 8), image.Pixels);
            Assert.Contains($"{samples} samples a pixel", Assert.Single(notices));
            Assert.Contains(Decode(file, reduceAbove: 200).Notices, n => n.Contains($"{samples} samples a pixel"));
        }
    }

    [Theory]
    [InlineData(new short[] { 1 })]
    [InlineData(new short[] { 2 })]
    public void Alpha_Of8Bits_IsAlpha(short[] extra)
    {
        foreach (var (samples, kind) in new[] { (4, Photometric.RGB), (2, Photometric.MINISBLACK) })
        {
            // Half covered, of a color of 100, which is stored as 50 where it is multiplied.
            int stored = extra[0] == 1 ? 50 : 100;
            byte[] file = Write(samples, 8, kind, extra: extra, value: (_, _, band) => band == samples - 1 ? 128 : stored);
            var (image, notices) = Decode(file);
            Assert.Empty(notices);
            Assert.InRange(image.Pixels.Min(), 174, 180);
            Assert.InRange(image.Pixels.Max(), 174, 180);
            Assert.InRange(Decode(file, reduceAbove: 200).Image.Pixels.Max(), 174, 180);
        }
    }

    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(12)]
    [InlineData(14)]
    public void Samples_StoredIn9To15Bits_AreRead(int bits)
    {
        foreach (int samples in (int[])[1, 3])
            foreach (var (tiled, together) in new[] { (false, true), (true, true), (false, false) })
            {
                byte[] file = Write(samples, bits, samples == 3 ? Photometric.RGB : Photometric.MINISBLACK, tiled, together: together);
                var (image, notices) = Decode(file);
                Assert.Empty(notices); // nothing was assumed: the file says how many bits there are
                Assert.Equal(Expected(samples, bits), image.Pixels);
                Assert.True(Decode(file, reduceAbove: 200).Image.IsReduced);
            }
    }

    [Fact]
    public void Samples_Of8BitsWithSigns_AreBlackWhereTheyAreNegative()
    {
        var (image, notices) = Decode(Write(1, 8, Photometric.MINISBLACK, signed: true, value: (x, _, _) => x % 2 == 0 ? 200 : 90));
        Assert.Equal([0, 0, 0, 90, 90, 90], image.Pixels[..6]);
        Assert.Contains("negative samples", Assert.Single(notices));
    }

    /// <summary>Alpha uses all bits where colors use some: it does not make them dark.</summary>
    [Fact]
    public void Samples_Of12BitsIn16BesideAlpha_AreOf12()
    {
        var (image, notices) = Decode(Write(4, 16, Photometric.RGB, extra: [2],
            value: (x, y, band) => band == 3 ? 0xFFFF : Swapped(Sample(x, y, band, 12))));
        Assert.Equal(Expected(3, 12), image.Pixels);
        Assert.Contains("samples of 12 bits", Assert.Single(notices));

        static int Swapped(int value) => (value & 255) << 8 | value >> 8; // numbers of 16 bits lie as the machine has them
    }

    /// <summary>The library warns, and gives what it has.</summary>
    [Fact]
    public void Lzw_OfWhichAPartWasLost_IsDamaged()
    {
        byte[] file = Write(3, 8, Photometric.RGB, compression: Compression.LZW);
        Assert.Equal(Expected(3, 8), Decode(file).Image.Pixels);
        file.AsSpan(200, 150).Clear();
        var refused = Assert.Throws<ImageException>(() => Decode(file));
        Assert.Equal(ImageError.Format, refused.Error);
        Assert.Contains("damaged", refused.Message);
    }
}
