using System.Buffers.Binary;
using System.IO.Compression;

namespace SemanticSam.Imaging.Png;

/// <summary>The rows of a PNG without interlacing as R, G, B, one after the other: of a large one no more is ever in memory.</summary>
internal sealed class PngRows : IDisposable
{
    private readonly PngHeader _header;
    private readonly ZLibStream _inflated;
    private readonly byte[] _palette, _transparency;
    private readonly (byte R, byte G, byte B) _background;
    private byte[] _row, _above;

    /// <param name="png">The whole file, with its chunks in order.</param>
    /// <param name="header">What it declares; not interlaced.</param>
    /// <param name="background">What shows through transparent pixels.</param>
    public PngRows(ReadOnlyMemory<byte> png, in PngHeader header, (byte R, byte G, byte B) background)
    {
        (_header, _background, _palette, _transparency) = (header, background, [], []);
        var bodies = new List<Range>();
        int at = PngChunks.Signature.Length;
        foreach (PngChunk chunk in new PngChunks(png.Span))
        {
            if (chunk.Is("PLTE"u8)) _palette = chunk.Body.ToArray();
            else if (chunk.Is("tRNS"u8)) _transparency = chunk.Body.ToArray();
            else if (chunk.Is("IDAT"u8)) bodies.Add(new(at + 8, at + 8 + chunk.Body.Length));
            at += chunk.Body.Length + PngChunks.Overhead;
        }
        // Of a file that is cut off the last chunk is there in part.
        if (at + 8 < png.Length && png.Span.Slice(at + 4, 4).SequenceEqual("IDAT"u8)) bodies.Add(new(at + 8, png.Length));
        _inflated = new(new PngData(png, bodies), CompressionMode.Decompress);
        int bytes = checked((int)(((long)header.Width * header.Channels * header.Depth + 7) / 8));
        (_row, _above) = (new byte[bytes], new byte[bytes]);
    }

    /// <summary>The next row in 8 bits; false where the data end early or are broken.</summary>
    /// <param name="rgb">3 times the width.</param>
    public bool Read(Span<byte> rgb)
    {
        if (!Next()) return false;
        int depth = _header.Depth, channels = _header.Channels, largest = (1 << depth) - 1;
        for (int x = 0, to = 0; to < rgb.Length; x++, to += 3)
        {
            int alpha = 255;
            if (_header.Color == PngColor.Palette)
            {
                int index = PngSamples.Sample(_row, x, depth), entry = 3 * index;
                if (entry + 2 < _palette.Length) (rgb[to], rgb[to + 1], rgb[to + 2]) = (_palette[entry], _palette[entry + 1], _palette[entry + 2]);
                else rgb.Slice(to, 3).Clear();
                if (index < _transparency.Length) alpha = _transparency[index];
            }
            else if (_header.Color is PngColor.Gray or PngColor.GrayAlpha)
            {
                int value = PngSamples.Sample(_row, x * channels, depth);
                rgb.Slice(to, 3).Fill((byte)(value * 255 / largest));
                alpha = channels == 2 ? _row[2 * x + 1] : IsTransparent(0, value) ? 0 : 255;
            }
            else
            {
                _row.AsSpan(x * channels, 3).CopyTo(rgb[to..]);
                if (channels == 4) alpha = _row[4 * x + 3];
                else if (_transparency.Length == 6 && IsTransparent(0, rgb[to]) && IsTransparent(1, rgb[to + 1]) && IsTransparent(2, rgb[to + 2])) alpha = 0;
            }
            if (alpha == 255) continue;
            rgb[to] = Blend(rgb[to], _background.R, alpha);
            rgb[to + 1] = Blend(rgb[to + 1], _background.G, alpha);
            rgb[to + 2] = Blend(rgb[to + 2], _background.B, alpha);
        }
        return true;
    }

    /// <summary>The next row of samples of 16 bits; false where the data end early or are broken.</summary>
    /// <param name="rgb">3 times the width.</param>
    /// <param name="largest">Becomes the largest sample, where it is larger than before.</param>
    public bool Read(Span<ushort> rgb, ref ushort largest)
    {
        if (!Next()) return false;
        int channels = _header.Channels, colors = channels < 3 ? 1 : 3;
        for (int x = 0, to = 0; to < rgb.Length; x++, to += 3)
        {
            bool keyed = _transparency.Length == 2 * colors;
            for (int c = 0; c < 3; c++)
            {
                ushort value = Deep(x * channels + Math.Min(c, colors - 1));
                keyed &= IsTransparent(Math.Min(c, colors - 1), value);
                rgb[to + c] = value;
                largest = Math.Max(largest, value);
            }
            long alpha = channels > colors ? Deep(x * channels + colors) : keyed ? 0 : ushort.MaxValue;
            if (alpha == ushort.MaxValue) continue;
            for (int c = 0; c < 3; c++)
            {
                int under = 257 * (c == 0 ? _background.R : c == 1 ? _background.G : _background.B);
                rgb[to + c] = (ushort)((rgb[to + c] * alpha + under * (ushort.MaxValue - alpha) + 32767) / ushort.MaxValue);
                largest = ushort.MaxValue; // the background is of the full range, so all of it is taken as such
            }
        }
        return true;
    }

    public void Dispose() => _inflated.Dispose();

    private bool Next()
    {
        (_row, _above) = (_above, _row);
        try
        {
            int filter = _inflated.ReadByte();
            if (filter < 0) return false;
            _inflated.ReadExactly(_row);
            PngSamples.Unfilter(_row, _above, filter, Math.Max(1, _header.Channels * _header.Depth / 8));
            return true;
        }
        catch (Exception e) when (PngSamples.IsDamage(e))
        {
            return false;
        }
    }

    private ushort Deep(int sample) => BinaryPrimitives.ReadUInt16BigEndian(_row.AsSpan(2 * sample));

    /// <summary>Whether a sample is that of the one color that the file calls transparent.</summary>
    private bool IsTransparent(int color, int value) =>
        2 * color + 2 <= _transparency.Length && value == BinaryPrimitives.ReadUInt16BigEndian(_transparency.AsSpan(2 * color));

    private static byte Blend(int over, int under, int alpha) => (byte)((over * alpha + under * (255 - alpha) + 127) / 255);
}
