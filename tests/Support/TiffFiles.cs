using BitMiracle.LibTiff.Classic;
using SemanticSam.Imaging;

namespace SemanticSam.Tests.Support;

/// <summary>TIFF files of RGB pages, in strips or tiles, and what is made of them.</summary>
internal static class TiffFiles
{
    /// <summary>Decodes a file, and collects what is said of it.</summary>
    public static (RgbImage Image, List<string> Notices) Decode(byte[] file, long reduceAbove = 100_000_000)
    {
        var notices = new List<string>();
        return (ImageDecoder.Decode(file, new() { Notice = notices.Add, ReduceAbove = reduceAbove }), notices);
    }

    /// <param name="pages">The pages.</param>
    /// <param name="tile">Sides of tiles; 0 for strips.</param>
    /// <param name="rows">Rows of a strip.</param>
    /// <param name="contiguous">Whether R, G and B of a pixel lie together; else each is a plane of its own (strips alone).</param>
    /// <param name="compression">How the data are packed.</param>
    public static byte[] Write(IReadOnlyList<RgbImage> pages, int tile = 0, int rows = 16, bool contiguous = true,
        Compression compression = Compression.LZW)
    {
        using var memory = new MemoryStream();
        using var tiff = Tiff.ClientOpen("t", "w", memory, new TiffStream());
        foreach (var image in pages)
        {
            foreach (var (tag, value) in new (TiffTag, object)[]
            {
                (TiffTag.IMAGEWIDTH, image.Width), (TiffTag.IMAGELENGTH, image.Height), (TiffTag.BITSPERSAMPLE, 8), (TiffTag.SAMPLESPERPIXEL, 3),
                (TiffTag.PHOTOMETRIC, Photometric.RGB), (TiffTag.PLANARCONFIG, contiguous ? PlanarConfig.CONTIG : PlanarConfig.SEPARATE),
                (TiffTag.COMPRESSION, compression),
            }) tiff.SetField(tag, value);
            if (tile == 0)
            {
                tiff.SetField(TiffTag.ROWSPERSTRIP, rows);
                for (int plane = 0; plane < (contiguous ? 1 : 3); plane++)
                    for (int y = 0; y < image.Height; y++)
                        tiff.WriteScanline(contiguous ? image.Row(y).ToArray() : [.. image.Row(y).ToArray().Where((_, i) => i % 3 == plane)], y, (short)plane);
            }
            else
            {
                tiff.SetField(TiffTag.TILEWIDTH, tile);
                tiff.SetField(TiffTag.TILELENGTH, tile);
                for (int y = 0; y < image.Height; y += tile)
                    for (int x = 0; x < image.Width; x += tile)
                    {
                        var pixels = new byte[tile * tile * 3];
                        for (int row = y; row < Math.Min(image.Height, y + tile); row++)
                            image.Row(row)[(3 * x)..Math.Min(image.Stride, 3 * (x + tile))].CopyTo(pixels.AsSpan((row - y) * 3 * tile));
                        tiff.WriteTile(pixels, 0, x, y, 0, 0);
                    }
            }
            tiff.WriteDirectory();
        }
        tiff.Flush();
        return memory.ToArray();
    }
}
