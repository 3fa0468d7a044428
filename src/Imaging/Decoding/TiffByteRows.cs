using BitMiracle.LibTiff.Classic;
using static SemanticSam.Imaging.Decoding.TiffFields;

namespace SemanticSam.Imaging.Decoding;

/// <summary>The stored bytes of a page of a TIFF with one sample of 8 bits a pixel, gray or a place in a palette, in strips or tiles.</summary>
internal static class TiffByteRows
{
    private const long LargestTile = 512L << 20;

    /// <summary>Whether it is such a page.</summary>
    public static bool Are(Tiff tiff) => Field(tiff, TiffTag.BITSPERSAMPLE, 1) == 8 && Field(tiff, TiffTag.SAMPLESPERPIXEL, 1) == 1
        && Field(tiff, TiffTag.PHOTOMETRIC, -1) is (long)Photometric.MINISBLACK or (long)Photometric.PALETTE
        && Field(tiff, TiffTag.COMPRESSION, 1) is not ((long)Compression.JPEG or (long)Compression.OJPEG);

    /// <summary>The bytes, [height, width]; null where the file ends early or is broken.</summary>
    public static ushort[]? ReadAll(Tiff tiff, int width, int height)
    {
        var values = new ushort[width * height];
        if (!tiff.IsTiled())
        {
            var row = new byte[tiff.ScanlineSize()];
            if (row.Length < width) return null;
            for (int y = 0; y < height; y++)
            {
                if (!tiff.ReadScanline(row, y)) return null;
                for (int x = 0; x < width; x++) values[y * width + x] = row[x];
            }
            return values;
        }
        int across = (int)Field(tiff, TiffTag.TILEWIDTH), down = (int)Field(tiff, TiffTag.TILELENGTH);
        if (across < 1 || down < 1 || (long)across * down > LargestTile) return null;
        var tile = new byte[Math.Max(across * down, tiff.TileSize())];
        for (int top = 0; top < height; top += down)
            for (int left = 0; left < width; left += across)
            {
                if (tiff.ReadTile(tile, 0, left, top, 0, 0) < 0) return null;
                for (int y = top; y < Math.Min(top + down, height); y++)
                    for (int x = left; x < Math.Min(left + across, width); x++) values[y * width + x] = tile[(y - top) * across + x - left];
            }
        return values;
    }
}
