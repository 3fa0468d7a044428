using System.Buffers.Binary;
using BitMiracle.LibTiff.Classic;

namespace SemanticSam.Tests.Support;

/// <summary>Planes of numbers as BMP, GIF and TIFF, as painting programs and scripts write masks.</summary>
internal static class PlaneFiles
{
    /// <summary>Eight bits a pixel with a palette of grays (null) or of the given R, G, B; rows from the bottom up.</summary>
    public static byte[] Bmp(byte[] values, int width, int height, byte[]? palette = null)
    {
        const int header = 54, colors = 1024;
        int row = (width + 3) / 4 * 4;
        var file = new byte[header + colors + row * height];
        "BM"u8.CopyTo(file);
        foreach (var (at, number) in new[] { (2, file.Length), (10, header + colors), (14, 40), (18, width), (22, height), (46, 256) })
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), number);
        (file[26], file[28]) = (1, 8);
        for (int i = 0; i < 256; i++)
            for (int channel = 0; channel < 3; channel++)
                file[header + 4 * i + channel] = palette is null ? (byte)i : 3 * i < palette.Length ? palette[3 * i + 2 - channel] : (byte)0;
        for (int y = 0; y < height; y++) values.AsSpan(y * width, width).CopyTo(file.AsSpan(header + colors + row * (height - 1 - y)));
        return file;
    }

    /// <summary>A GIF of up to four grays: 0, 85, 170 and 255 for the values 0 to 3. A clear code before each pair keeps codes at three bits.</summary>
    public static byte[] Gif(byte[] values, int width, int height)
    {
        var codes = new List<int>();
        for (int i = 0; i < values.Length; i++)
        {
            if (i % 2 == 0) codes.Add(4);
            codes.Add(values[i]);
        }
        codes.Add(5);
        var bits = new byte[(3 * codes.Count + 7) / 8];
        for (int i = 0; i < 3 * codes.Count; i++)
            if ((codes[i / 3] >> i % 3 & 1) != 0) bits[i / 8] |= (byte)(1 << i % 8);
        byte[] size = [(byte)width, 0, (byte)height, 0];
        return [.. "GIF89a"u8, .. size, 0x81, 0, 0, 0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255, 0x2C, 0, 0, 0, 0, .. size, 0, 2,
            .. bits.Chunk(255).SelectMany(b => b.Prepend((byte)b.Length)), 0, 0x3B];
    }

    /// <summary>One sample a pixel of 8 bits, or of 16, gray or with a palette, in strips or tiles.</summary>
    public static byte[] Tiff(ushort[] values, int width, int height, int bits = 8, bool hasPalette = false, int tile = 0)
    {
        using var memory = new MemoryStream();
        using var tiff = BitMiracle.LibTiff.Classic.Tiff.ClientOpen("t", "w", memory, new TiffStream());
        foreach (var (tag, value) in new (TiffTag, object)[]
        {
            (TiffTag.IMAGEWIDTH, width), (TiffTag.IMAGELENGTH, height), (TiffTag.BITSPERSAMPLE, bits), (TiffTag.SAMPLESPERPIXEL, 1),
            (TiffTag.PHOTOMETRIC, hasPalette ? Photometric.PALETTE : Photometric.MINISBLACK), (TiffTag.PLANARCONFIG, PlanarConfig.CONTIG),
            (TiffTag.COMPRESSION, Compression.DEFLATE),
        }) tiff.SetField(tag, value);
        if (hasPalette)
        {
            ushort[] ramp = [.. Enumerable.Range(0, 256).Select(i => (ushort)(257 * ((7 * i + 3) % 256)))];
            tiff.SetField(TiffTag.COLORMAP, ramp, ramp.Reverse().ToArray(), ramp);
        }
        if (tile == 0)
        {
            tiff.SetField(TiffTag.ROWSPERSTRIP, 3);
            for (int y = 0; y < height; y++) tiff.WriteScanline(Bytes(i => values[y * width + i], width), y);
        }
        else
        {
            tiff.SetField(TiffTag.TILEWIDTH, tile);
            tiff.SetField(TiffTag.TILELENGTH, tile);
            for (int top = 0; top < height; top += tile)
                for (int left = 0; left < width; left += tile)
                    tiff.WriteTile(Bytes(i => (X: left + i % tile, Y: top + i / tile) is var at && at.X < width && at.Y < height
                        ? values[at.Y * width + at.X] : (ushort)0, tile * tile), 0, left, top, 0, 0);
        }
        tiff.WriteDirectory();
        tiff.Flush();
        return memory.ToArray();

        byte[] Bytes(Func<int, ushort> of, int count) => bits == 8 ? [.. Enumerable.Range(0, count).Select(i => (byte)of(i))]
            : [.. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes(of(i)))];
    }
}
