using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using SemanticSam.Imaging.Png;
using static SemanticSam.Imaging.Decoding.TiffFields;

namespace SemanticSam.Imaging.Decoding;

/// <summary>
/// The rows of a page of a TIFF as R, G, B, as they are stored: line by line where they are in strips and their samples are plain, else a strip or a row of
/// tiles at a time.
/// </summary>
internal sealed class TiffRows
{
    private readonly Tiff _tiff;
    private readonly int _width, _height, _tileWidth, _bandRows;
    private readonly bool _byLine;
    private readonly (byte R, byte G, byte B) _background;
    private readonly int[] _band = [];
    private readonly int[] _tile = [];
    private readonly byte[] _line = [];
    private readonly byte[] _colors = []; // of plain samples: R, G, B a value
    private int _y;

    private TiffRows(Tiff tiff, int width, int height, int tileWidth, int bandRows, bool byLine, (byte R, byte G, byte B) background)
    {
        (_tiff, _width, _height, _tileWidth, _bandRows, _byLine, _background) = (tiff, width, height, tileWidth, bandRows, byLine, background);
        if (byLine) (_line, _colors) = (new byte[tiff.ScanlineSize()], Colors(tiff));
        else _band = new int[checked(width * bandRows)];
        if (tileWidth > 0) _tile = new int[checked(tileWidth * bandRows)];
        // Strips and tiles come turned otherwise; how the rows lie is for the reader to say.
        tiff.SetField(TiffTag.ORIENTATION, BitMiracle.LibTiff.Classic.Orientation.TOPLEFT);
    }

    /// <summary>The rows of the page at hand; null where they cannot be had without holding very many pixels.</summary>
    /// <param name="tiff">Open at the page.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="options">Pixels that may be held at a time, as many as are left; and the background.</param>
    public static TiffRows? Of(Tiff tiff, int width, int height, ImageDecoderOptions options)
    {
        long most = Reduction.MostPixels(options);
        if (tiff.IsTiled())
        {
            long across = Field(tiff, TiffTag.TILEWIDTH), down = Field(tiff, TiffTag.TILELENGTH);
            return across < 1 || down < 1 || Math.Max(across, width) * down > most ? null
                : new(tiff, width, height, (int)across, (int)down, false, options.Background);
        }
        long bits = Field(tiff, TiffTag.BITSPERSAMPLE, 1);
        bool plain = Field(tiff, TiffTag.PLANARCONFIG, 1) == 1 && (Field(tiff, TiffTag.PHOTOMETRIC, -1), Field(tiff, TiffTag.SAMPLESPERPIXEL, 1)) switch
        {
            ((long)Photometric.RGB, 3) => bits == 8,
            ((long)Photometric.MINISBLACK or (long)Photometric.MINISWHITE, 1) => bits is 1 or 2 or 4 or 8,
            ((long)Photometric.PALETTE, 1) => bits is 1 or 2 or 4 or 8 && tiff.GetField(TiffTag.COLORMAP) is [_, _, _],
            _ => false,
        };
        if (plain) return new(tiff, width, height, 0, 1, true, options.Background);
        long rows = Field(tiff, TiffTag.ROWSPERSTRIP, height);
        rows = rows < 1 || rows > height ? height : rows;
        return width * rows <= most ? new(tiff, width, height, 0, (int)rows, false, options.Background) : null;
    }

    /// <summary>The next row; false where the file ends early or is broken.</summary>
    /// <param name="rgb">3 times the width.</param>
    public bool Read(Span<byte> rgb)
    {
        if (_byLine) return ReadLine(rgb);
        int row = _y % _bandRows, rows = Math.Min(_bandRows, _height - (_y - row));
        if (row == 0 && !(_tileWidth > 0 ? ReadTiles(rows) : _tiff.ReadRGBAStrip(_y, _band))) return false;
        // Strips begin with their last row.
        var rgba = MemoryMarshal.AsBytes(_band.AsSpan((_tileWidth > 0 ? row : rows - 1 - row) * _width, _width));
        Orientation.Compose(rgba, _background);
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3) rgba.Slice(from, 3).CopyTo(rgb[to..]);
        _y++;
        return true;
    }

    private bool ReadTiles(int rows)
    {
        for (int x = 0; x < _width; x += _tileWidth)
        {
            if (!_tiff.ReadRGBATile(x, _y, _tile)) return false;
            int columns = Math.Min(_tileWidth, _width - x);
            for (int y = 0; y < rows; y++) _tile.AsSpan((_bandRows - 1 - y) * _tileWidth, columns).CopyTo(_band.AsSpan(y * _width + x));
        }
        return true;
    }

    private bool ReadLine(Span<byte> rgb)
    {
        if (!_tiff.ReadScanline(_line, _y)) return false;
        int bits = (int)Field(_tiff, TiffTag.BITSPERSAMPLE, 1);
        if (_colors.Length == 0) _line.AsSpan(0, rgb.Length).CopyTo(rgb);
        else
            for (int x = 0; x < _width; x++) _colors.AsSpan(3 * PngSamples.Sample(_line, x, bits), 3).CopyTo(rgb[(3 * x)..]);
        _y++;
        return true;
    }

    /// <summary>What gray values and entries of a palette look like; empty where samples are colors themselves.</summary>
    private static byte[] Colors(Tiff tiff)
    {
        long photometric = Field(tiff, TiffTag.PHOTOMETRIC);
        if (photometric == (long)Photometric.RGB) return [];
        int count = 1 << (int)Field(tiff, TiffTag.BITSPERSAMPLE, 1);
        var colors = new byte[3 * count];
        FieldValue[]? map = photometric == (long)Photometric.PALETTE ? tiff.GetField(TiffTag.COLORMAP) : null;
        // Entries have 16 bits; some programs write 8.
        bool deep = map is not null && map.Any(m => m.ToUShortArray().Any(v => v > 255));
        for (int i = 0; i < colors.Length; i++)
            colors[i] = map is not null ? (byte)(map[i % 3].ToUShortArray()[i / 3] >> (deep ? 8 : 0))
                : (byte)((photometric == (long)Photometric.MINISWHITE ? count - 1 - i / 3 : i / 3) * 255 / (count - 1));
        return colors;
    }
}
