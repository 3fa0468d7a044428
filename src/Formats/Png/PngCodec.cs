using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace SemanticSam.Formats.Png;

/// <summary>
/// PNG files whose values are numbers and not colors: palette and gray, which an image library would turn into colors. Format: W3C
/// PNG, third edition.
/// </summary>
internal static class PngCodec
{
    private static readonly byte[] Signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];
    private static readonly uint[] Crc = CrcTable();

    /// <summary>An 8-bit palette PNG when every value is below 256, else a 16-bit gray one.</summary>
    public static byte[] Encode(ReadOnlySpan<ushort> values, int width, int height, ReadOnlySpan<(byte R, byte G, byte B)> palette)
    {
        bool deep = values.IndexOfAnyExceptInRange((ushort)0, (ushort)255) >= 0;
        using var file = new MemoryStream();
        file.Write(Signature);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = deep ? ((byte)16, (byte)0) : ((byte)8, (byte)3);
        Chunk(file, "IHDR", header);
        if (!deep)
        {
            var colors = new byte[3 * palette.Length];
            for (int i = 0; i < palette.Length; i++) (colors[3 * i], colors[3 * i + 1], colors[3 * i + 2]) = palette[i];
            Chunk(file, "PLTE", colors);
        }
        using var packed = new MemoryStream();
        using (var zip = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var row = new byte[1 + (deep ? 2 : 1) * width];
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                    if (deep) BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(1 + 2 * x), values[y * width + x]);
                    else row[1 + x] = (byte)values[y * width + x];
                zip.Write(row);
            }
        }
        Chunk(file, "IDAT", packed.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>The values of a palette or gray PNG of any depth, rows from the top.</summary>
    /// <exception cref="AnnotationFileException">No such PNG, damaged, interlaced, or larger than allowed.</exception>
    public static (int Width, int Height, ushort[] Values) Decode(ReadOnlySpan<byte> png, string file)
    {
        AnnotationFileException Bad(string what) => new(file, "", what);
        if (!png.StartsWith(Signature)) throw Bad("it is no PNG");
        int width = 0, height = 0, depth = 0, kind = 0;
        using var packed = new MemoryStream();
        bool ended = false;
        for (int at = 8; at < png.Length && !ended;)
        {
            if (png.Length - at < 12) throw Bad("it is a PNG that is cut off");
            uint length = BinaryPrimitives.ReadUInt32BigEndian(png[at..]);
            if (length > png.Length - at - 12) throw Bad("it is a PNG that is cut off");
            var name = png.Slice(at + 4, 4);
            var body = png.Slice(at + 8, (int)length);
            if (Checksum(png.Slice(at + 4, 4 + (int)length)) != BinaryPrimitives.ReadUInt32BigEndian(png[(at + 8 + (int)length)..])) throw Bad("it is a damaged PNG: a checksum is wrong");
            if (name.SequenceEqual("IHDR"u8))
            {
                if (body.Length != 13) throw Bad("it is a damaged PNG");
                width = FormatLimits.Side(BinaryPrimitives.ReadUInt32BigEndian(body), "width", Bad);
                height = FormatLimits.Side(BinaryPrimitives.ReadUInt32BigEndian(body[4..]), "height", Bad);
                FormatLimits.Area(width, height, Bad);
                (depth, kind) = (body[8], body[9]);
                if (kind is not (0 or 3) || depth is not (1 or 2 or 4 or 8 or 16) || (kind == 3 && depth == 16)) throw Bad("it is a PNG of colors; index images have a palette or are gray");
                if (body[12] != 0) throw Bad("it is an interlaced PNG, which is not read here");
            }
            else if (name.SequenceEqual("IDAT"u8)) packed.Write(body);
            else if (name.SequenceEqual("IEND"u8)) ended = true;
            at += 12 + (int)length;
        }
        if (width == 0 || !ended) throw Bad("it is a PNG that is cut off");
        packed.Position = 0;
        return (width, height, Unpack(packed, width, height, depth, Bad));
    }

    private static ushort[] Unpack(Stream packed, int width, int height, int depth, Func<string, Exception> bad)
    {
        int rowBytes = (width * depth + 7) / 8, pixelBytes = Math.Max(1, depth / 8);
        byte[] row = new byte[rowBytes], above = new byte[rowBytes];
        var values = new ushort[width * height];
        try
        {
            using var zip = new ZLibStream(packed, CompressionMode.Decompress);
            for (int y = 0; y < height; y++)
            {
                int filter = zip.ReadByte();
                if (filter is < 0 or > 4) throw bad(filter < 0 ? "it is a PNG that is cut off" : "it is a damaged PNG");
                zip.ReadExactly(row);
                Unfilter(row, above, filter, pixelBytes);
                for (int x = 0; x < width; x++)
                    values[y * width + x] = depth switch
                    {
                        16 => BinaryPrimitives.ReadUInt16BigEndian(row.AsSpan(2 * x)),
                        8 => row[x],
                        _ => (ushort)(row[x * depth / 8] >> (8 - depth - x * depth % 8) & (1 << depth) - 1),
                    };
                (row, above) = (above, row);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw bad("it is a PNG that is cut off or damaged");
        }
        return values;
    }

    private static void Unfilter(byte[] row, byte[] above, int filter, int pixelBytes)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= pixelBytes ? row[i - pixelBytes] : 0, up = above[i], corner = i >= pixelBytes ? above[i - pixelBytes] : 0;
            row[i] += (byte)(filter switch { 1 => left, 2 => up, 3 => (left + up) / 2, 4 => Paeth(left, up, corner), _ => 0 });
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int guess = left + up - corner, a = Math.Abs(guess - left), b = Math.Abs(guess - up), c = Math.Abs(guess - corner);
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }

    private static void Chunk(Stream file, string name, ReadOnlySpan<byte> body)
    {
        var whole = new byte[8 + body.Length + 4];
        BinaryPrimitives.WriteInt32BigEndian(whole, body.Length);
        Encoding.ASCII.GetBytes(name, whole.AsSpan(4));
        body.CopyTo(whole.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(whole.AsSpan(8 + body.Length), Checksum(whole.AsSpan(4, 4 + body.Length)));
        file.Write(whole);
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes) crc = Crc[(byte)(crc ^ b)] ^ crc >> 8;
        return ~crc;
    }

    private static uint[] CrcTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint c = i;
            for (int bit = 0; bit < 8; bit++) c = (c & 1) != 0 ? 0xEDB88320 ^ c >> 1 : c >> 1;
            table[i] = c;
        }
        return table;
    }
}
