using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using static SemanticSam.Imaging.Decoding.TiffFields;

namespace SemanticSam.Imaging.Decoding;

/// <summary>
/// The rows of a page of a TIFF whose samples are gray or colors of 9 to 16 bits, or of 8 with further bands or signs: in strips or tiles, together or a plane
/// each. The library would take the upper half of 16 bits, which is nearly black where a camera or a satellite uses fewer, knows no 12, takes any fourth band
/// for alpha, and multiplies colors with it. Bands beyond colors and alpha are passed over.
/// </summary>
internal sealed class TiffDeepRows
{
    /// <summary>Bytes of a tile, or of a row of tiles, that are held at a time.</summary>
    private const long LargestBand = 512L << 20;

    private readonly Tiff _tiff;
    private readonly int _width, _height, _samples, _bits, _tileWidth, _tileHeight;
    private readonly bool _tiled, _separate, _signed;
    private readonly byte[] _buffer;
    private readonly ushort[] _band = [];
    private readonly ushort[] _unpacked; // of a row that is not stored as numbers of 16 bits
    private int _y;

    /// <param name="tiff">Open at a page of which <see cref="Are"/> holds.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="name">What messages call the image.</param>
    /// <exception cref="ImageException">Its tiles are larger than is held at a time.</exception>
    public TiffDeepRows(Tiff tiff, int width, int height, string name)
    {
        (_tiff, _width, _height, _samples) = (tiff, width, height, (int)Field(tiff, TiffTag.SAMPLESPERPIXEL, 1));
        _bits = (int)Field(tiff, TiffTag.BITSPERSAMPLE, 1);
        Colors = Field(tiff, TiffTag.PHOTOMETRIC) == (long)Photometric.RGB ? 3 : 1;
        // Who does not say what a further band is may mean infrared as well as alpha.
        bool alpha = _samples > Colors && FirstExtra(tiff) is 1 or 2;
        Kept = alpha ? Colors + 1 : Colors;
        _separate = Field(tiff, TiffTag.PLANARCONFIG, 1) == 2;
        _signed = Field(tiff, TiffTag.SAMPLEFORMAT, 1) == 2;
        _tiled = tiff.IsTiled();
        _unpacked = _bits == 16 ? [] : new ushort[checked((_tiled ? (int)Field(tiff, TiffTag.TILEWIDTH) : width) * (_separate ? 1 : _samples))];
        if (!_tiled)
        {
            _buffer = new byte[tiff.ScanlineSize()];
            return;
        }
        (_tileWidth, _tileHeight) = ((int)Field(tiff, TiffTag.TILEWIDTH), (int)Field(tiff, TiffTag.TILELENGTH));
        long tile = 2L * _tileWidth * _tileHeight * (_separate ? 1 : _samples), band = 2L * _tileHeight * width * Kept;
        if (tile < 1 || Math.Max(tile, band) > LargestBand)
            throw new ImageException(ImageError.TooLarge, $"{name} has tiles of {_tileWidth} x {_tileHeight}, which are too large to be read. Save it as PNG.");
        (_buffer, _band) = (new byte[tile], new ushort[band / 2]);
    }

    /// <summary>Samples of a color: 1 for gray, else 3.</summary>
    public int Colors { get; }

    /// <summary>Samples a pixel that are given: colors, and alpha where there is one.</summary>
    public int Kept { get; }

    /// <summary>Whether some samples were negative; they are 0.</summary>
    public bool HadNegative { get; private set; }

    /// <summary>Whether colors are multiplied with their alpha.</summary>
    public bool IsPremultiplied => Kept > Colors && FirstExtra(_tiff) == 1;

    /// <summary>Bands that are passed over.</summary>
    public int PassedOver => _samples - Kept;

    /// <summary>Whether it is a page of such samples.</summary>
    /// <exception cref="ImageException">Its samples are numbers that are no colors.</exception>
    public static bool Are(Tiff tiff, string name)
    {
        long bits = Field(tiff, TiffTag.BITSPERSAMPLE, 1), samples = Field(tiff, TiffTag.SAMPLESPERPIXEL, 1),
            photometric = Field(tiff, TiffTag.PHOTOMETRIC, -1);
        if (Field(tiff, TiffTag.SAMPLEFORMAT, 1) is 3 or 5 or 6)
            throw new ImageException(ImageError.Format, $"{name} is a TIFF of floating-point numbers, which are no colors; scale them to 8 or 16 bits.");
        if (bits > 16) throw new ImageException(ImageError.Format, $"{name} is a TIFF with samples of {bits} bits; scale them to 8 or 16 bits.");
        bool gray = photometric is (long)Photometric.MINISBLACK or (long)Photometric.MINISWHITE, rgb = photometric == (long)Photometric.RGB;
        if (!(gray || rgb) || samples < (rgb ? 3 : 1)) return false;
        bool plain = samples == (rgb ? 3 : 1);
        return bits is > 8 and <= 16 || (bits == 8 && (!plain || Field(tiff, TiffTag.SAMPLEFORMAT, 1) == 2));
    }

    /// <summary>What the first band beyond colors is: 1 and 2 are alpha, of colors that are multiplied with it or not; 0 where nobody says.</summary>
    private static int FirstExtra(Tiff tiff) =>
        tiff.GetField(TiffTag.EXTRASAMPLES) is [_, var kinds] && kinds.ToShortArray() is [var first, ..] ? first : 0;

    /// <summary>The largest that a sample can be; 0 where that is for their values to tell.</summary>
    public int Largest => _bits == 16 ? 0 : (1 << _bits) - 1;

    /// <summary>How many bits the samples have, whatever of them is in use: where there are 16, that is for their values to tell.</summary>
    public SampleDepth DepthOf(ushort largest) => _bits == 16 ? SampleDepth.Of(largest) : new(_bits, largest, IsStored: true);

    /// <summary>Whether rows of all samples can be had one after the other; else planes lie in strips of their own, and each is read for itself.</summary>
    public bool AreByRow => _tiled || !_separate;

    /// <summary>All samples, [height, width, kept].</summary>
    /// <exception cref="ImageException">The file ends early or is broken.</exception>
    public ushort[] ReadAll(string name)
    {
        var all = new ushort[checked(_width * _height * Kept)];
        if (AreByRow)
        {
            while (_y < _height)
                if (!Read(all.AsSpan(_y * _width * Kept, _width * Kept))) throw Truncated(name);
            return all;
        }
        for (int plane = 0; plane < Kept; plane++)
            for (_y = 0; _y < _height; _y++)
                if (!ReadOfPlane(plane, all.AsSpan(_y * _width * Kept + plane), Kept)) throw Truncated(name);
        return all;
    }

    /// <summary>Begins with the first row.</summary>
    public void Restart() => _y = 0;

    /// <summary>The next row of a plane, where planes are read for themselves; false where the file ends early or is broken.</summary>
    public bool ReadOfPlane(int plane, Span<ushort> row)
    {
        if (!ReadOfPlane(plane, row, 1)) return false;
        _y++;
        return true;
    }

    private bool ReadOfPlane(int plane, Span<ushort> row, int step)
    {
        if (!_tiff.ReadScanline(_buffer, _y, (short)plane)) return false;
        Take(Samples(_buffer, _width), 1, row, step, 1);
        return true;
    }

    /// <summary>The next row; false where the file ends early or is broken.</summary>
    /// <param name="row">The width times <see cref="Kept"/>.</param>
    public bool Read(Span<ushort> row)
    {
        if (_tiled)
        {
            int at = _y % _tileHeight;
            if (at == 0 && !ReadTiles()) return false;
            _band.AsSpan(at * row.Length, row.Length).CopyTo(row);
        }
        else
        {
            if (!_tiff.ReadScanline(_buffer, _y)) return false;
            Take(Samples(_buffer, _width * _samples), _samples, row, Kept, Kept);
        }
        _y++;
        return true;
    }

    private bool ReadTiles()
    {
        for (int plane = 0; plane < (_separate ? Kept : 1); plane++)
            for (int x = 0; x < _width; x += _tileWidth)
            {
                if (_tiff.ReadTile(_buffer, 0, x, _y, 0, (short)plane) < 0) return false;
                int stride = _separate ? 1 : _samples, columns = Math.Min(_tileWidth, _width - x), rows = Math.Min(_tileHeight, _height - _y);
                int bytes = (_tileWidth * stride * _bits + 7) / 8; // each row begins with a byte
                for (int y = 0; y < rows; y++)
                    Take(Samples(_buffer.AsSpan(y * bytes, bytes), columns * stride), stride, _band.AsSpan((y * _width + x) * Kept + plane), Kept,
                        _separate ? 1 : Kept);
            }
        return true;
    }

    /// <summary>The first samples of a row as they are stored: numbers of 16 bits, or fewer bits one after the other, the highest first.</summary>
    private ReadOnlySpan<ushort> Samples(ReadOnlySpan<byte> row, int count)
    {
        if (_bits == 16) return MemoryMarshal.Cast<byte, ushort>(row)[..count];
        uint buffer = 0;
        for (int i = 0, held = 0, at = 0; i < count; i++)
        {
            for (; held < _bits; held += 8) buffer = buffer << 8 | row[at++];
            held -= _bits;
            _unpacked[i] = (ushort)(buffer >> held & (1u << _bits) - 1);
        }
        return _unpacked.AsSpan(0, count);
    }

    /// <summary>Puts samples of neighboring pixels where they belong in a row.</summary>
    private void Take(ReadOnlySpan<ushort> from, int stride, Span<ushort> row, int step, int count)
    {
        for (int i = 0, to = 0; i < from.Length; i += stride, to += step)
            for (int k = 0; k < count; k++)
            {
                ushort value = from[i + k];
                if (_signed && value >> _bits - 1 != 0) (value, HadNegative) = (0, true);
                row[to + k] = value;
            }
    }

    private ImageException Truncated(string name) =>
        new(ImageError.Truncated, $"{name} is a TIFF that is cut off: row {_y + 1} of {_height} cannot be read.");
}
