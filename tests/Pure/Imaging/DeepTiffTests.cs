using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using SemanticSam.Imaging;
using static SemanticSam.Tests.Support.TiffFiles;

namespace SemanticSam.Tests.Pure.Imaging;

/// <summary>Samples of 16 bits as satellites and microscopes store them: in strips or tiles, together or a plane each, with further bands.</summary>
public sealed class DeepTiffTests
{
    private const int Width = 45, Height = 37;

    /// <summary>12 bits: a ramp, another in each band.</summary>
    private static ushort Sample(int x, int y, int band) => (ushort)(x * 80 + y * 14 + band * 3);

    private static byte[] Write(int samples, Photometric kind, bool tiled, bool together, ushort[]? extra = null, bool signed = false, int shift = 0)
    {
        using var memory = new MemoryStream();
        using var tiff = Tiff.ClientOpen("t", "w", memory, new TiffStream());
        foreach (var (tag, value) in new (TiffTag, object)[]
        {
            (TiffTag.IMAGEWIDTH, Width), (TiffTag.IMAGELENGTH, Height), (TiffTag.BITSPERSAMPLE, 16), (TiffTag.SAMPLESPERPIXEL, samples),
            (TiffTag.PHOTOMETRIC, kind), (TiffTag.PLANARCONFIG, together ? PlanarConfig.CONTIG : PlanarConfig.SEPARATE),
            (TiffTag.COMPRESSION, Compression.LZW), (TiffTag.SAMPLEFORMAT, signed ? SampleFormat.INT : SampleFormat.UINT),
        }) tiff.SetField(tag, value);
        if (extra is not null) tiff.SetField(TiffTag.EXTRASAMPLES, extra.Length, extra.Select(e => (short)e).ToArray());
        int across = tiled ? 16 : Width, down = tiled ? 16 : 1, planes = together ? 1 : samples;
        if (tiled)
        {
            tiff.SetField(TiffTag.TILEWIDTH, 16);
            tiff.SetField(TiffTag.TILELENGTH, 16);
        }
        else tiff.SetField(TiffTag.ROWSPERSTRIP, 5);
        for (int plane = 0; plane < planes; plane++)
            for (int y = 0; y < Height; y += down)
                for (int x = 0; x < Width; x += across)
                {
                    var block = new ushort[across * down * (samples / planes)];
                    for (int i = 0; i < block.Length; i++)
                    {
                        int pixel = i / (samples / planes), band = plane + i % (samples / planes);
                        if (x + pixel % across < Width && y + pixel / across < Height)
                            block[i] = (ushort)(Sample(x + pixel % across, y + pixel / across, band) - shift);
                    }
                    byte[] bytes = MemoryMarshal.AsBytes<ushort>(block).ToArray();
                    if (tiled) tiff.WriteTile(bytes, 0, x, y, 0, (short)plane);
                    else tiff.WriteScanline(bytes, y, (short)plane);
                }
        tiff.WriteDirectory();
        tiff.Flush();
        return memory.ToArray();
    }

    private static byte[] Expected(bool rgb) => [.. Enumerable.Range(0, Width * Height * 3)
        .Select(i => (byte)(Sample(i / 3 % Width, i / 3 / Width, rgb ? i % 3 : 0) >> 4))];

    /// <summary>The mean of the samples of each square, then as many bits as the whole image has.</summary>
    private static byte[] Reduced(bool rgb, RgbImage like)
    {
        int factor = (Width + like.Width - 1) / like.Width;
        return [.. Enumerable.Range(0, like.Width * like.Height * 3).Select(i =>
        {
            int x = i / 3 % like.Width * factor, y = i / 3 / like.Width * factor, right = Math.Min(x + factor, Width), bottom = Math.Min(y + factor, Height);
            int count = (right - x) * (bottom - y), sum = 0;
            for (int v = y; v < bottom; v++)
                for (int u = x; u < right; u++) sum += Sample(u, v, rgb ? i % 3 : 0);
            return (byte)((sum + count / 2) / count >> 4);
        })];
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(6, true)]
    public void Planes_OfFurtherBands_AreReducedAndTold(int samples, bool rgb)
    {
        byte[] file = Write(samples, rgb ? Photometric.RGB : Photometric.MINISBLACK, tiled: false, together: false);
        var (reduced, told) = Decode(file, reduceAbove: 600);
        Assert.Equal(Reduced(rgb, reduced), reduced.Pixels);
        Assert.Contains(told, n => n.Contains($"{samples} samples a pixel"));
        Assert.Throws<ImageException>(() => Decode(file[..(file.Length / 2)], reduceAbove: 600));
    }

    [Theory]
    [InlineData(1, false, true)]
    [InlineData(1, true, true)]
    [InlineData(3, false, true)]
    [InlineData(3, true, true)]
    [InlineData(3, false, false)]
    [InlineData(3, true, false)]
    public void Samples_Of12Bits_AreTakenAsSuchHoweverTheyLie(int samples, bool tiled, bool together)
    {
        byte[] file = Write(samples, samples == 3 ? Photometric.RGB : Photometric.MINISBLACK, tiled, together);
        var (image, notices) = Decode(file);
        Assert.Equal(Expected(samples == 3), image.Pixels);
        Assert.Contains("samples of 12 bits", Assert.Single(notices));
        var (reduced, told) = Decode(file, reduceAbove: 600);
        Assert.True(reduced.IsReduced);
        Assert.Equal(Reduced(samples == 3, reduced), reduced.Pixels);
        Assert.Contains(told, n => n.Contains("samples of 12 bits"));
        Assert.True(reduced.Pixels.Max() > 200);
    }

    [Theory]
    [InlineData(13, Photometric.MINISBLACK, true, "the first is taken as gray")]
    [InlineData(13, Photometric.MINISBLACK, false, "the first is taken as gray")]
    [InlineData(4, Photometric.RGB, true, "the first three are taken as red, green and blue")] // infrared, and nobody says so
    [InlineData(6, Photometric.RGB, false, "the first three are taken as red, green and blue")]
    public void Bands_BeyondColors_AreToldAndPassedOver(int samples, Photometric kind, bool together, string told)
    {
        foreach (bool tiled in (bool[])[false, true])
        {
            var (image, notices) = Decode(Write(samples, kind, tiled, together));
            Assert.Equal(Expected(kind == Photometric.RGB), image.Pixels);
            Assert.Contains(notices, n => n.Contains($"{samples} samples a pixel") && n.Contains(told));
        }
    }

    [Fact]
    public void Alpha_ThatIsSaid_IsAlpha()
    {
        var (image, notices) = Decode(Write(4, Photometric.RGB, false, true, extra: [2]));
        Assert.DoesNotContain(notices, n => n.Contains("samples a pixel"));
        Assert.NotEqual(Expected(true), image.Pixels); // seen through
    }

    [Fact]
    public void Samples_ThatAreNegative_AreBlackAndTold()
    {
        var (image, notices) = Decode(Write(1, Photometric.MINISBLACK, false, true, signed: true, shift: 1000));
        Assert.Equal((byte)0, image.Pixels[0]);
        Assert.Equal((byte)(Sample(40, 30, 0) - 1000 >> 4), image.Pixels[3 * (30 * Width + 40)]);
        Assert.Contains(notices, n => n.Contains("negative samples"));
    }
}
