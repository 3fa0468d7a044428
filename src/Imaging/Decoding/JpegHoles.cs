using System.Buffers.Binary;

namespace SemanticSam.Imaging.Decoding;

/// <summary>
/// Holes in the coded data of a JPEG. Zeros are legal codes there; what they mean the tables say: where the code of nothing but zero bits is that of "no
/// change", a smooth image is full of them, and else they would be the same small coefficient in every place of every block, which no image has.
/// </summary>
internal ref struct JpegHoles(ReadOnlySpan<byte> file)
{
    private const byte Mark = 0xFF, EndOfBlock = 0;

    private readonly ReadOnlySpan<byte> _file = file;
    private readonly int[] _first = new int[8]; // of each table, of direct and of alternating coefficients, the symbol whose code is zero bits; -1 for no table
    private readonly int[] _bits = new int[8]; // how many of them
    private long _blocks; // of a component without subsampling

    /// <summary>The first hole; null for none.</summary>
    public static ZeroHole? Find(ReadOnlySpan<byte> file) => new JpegHoles(file).Find();

    private ZeroHole? Find()
    {
        _first.AsSpan().Fill(-1);
        for (int at = 2; at + 4 <= _file.Length && _file[at] == Mark;)
        {
            byte marker = _file[at + 1];
            if (marker == Mark)
            {
                at++;
                continue;
            }
            if (marker is 0x01 or >= 0xD0 and <= 0xD9) return null; // nothing that stands alone comes before the image
            int length = BinaryPrimitives.ReadUInt16BigEndian(_file[(at + 2)..]), end = at + 2 + length;
            if (length < 2 || end > _file.Length) return null;
            var body = _file[(at + 4)..end];
            if (marker == 0xC4) ReadTables(body);
            else if (marker is 0xC0 or 0xC1 or 0xC2 && body.Length >= 6)
            {
                long rows = BinaryPrimitives.ReadUInt16BigEndian(body[1..]), columns = BinaryPrimitives.ReadUInt16BigEndian(body[3..]);
                _blocks = rows == 0 ? 0 : (rows / 8 + 1) * (columns / 8 + 1); // 0 rows: their number stands behind them
            }
            else if (marker is > 0xC2 and <= 0xCF and not (0xC8 or 0xCC)) return null; // coded in another way
            at = end;
            if (marker != 0xDA) continue;
            int next = EndOfScan(end);
            if (ZeroHole.In(_file[end..next]) is { } zeros && zeros.Length > MostZeros(body)) return zeros.Behind(end);
            at = next;
        }
        return null;
    }

    /// <summary>How many zero bytes in a row the data of a scan may have.</summary>
    private readonly long MostZeros(ReadOnlySpan<byte> head)
    {
        if (head.Length < 1 || head[0] is < 1 or > 4 || head.Length < 4 + 2 * head[0]) return long.MaxValue;
        int count = head[0], from = head[1 + 2 * count], high = head[3 + 2 * count] >> 4;
        int to = head[2 + 2 * count];
        if (high > 0) return long.MaxValue; // bits of refinement are as they are
        long bits = 0; // of a block of each component without any change
        for (int i = 0; i < count; i++)
        {
            int direct = head[2 + 2 * i] >> 4 & 3, alternating = 4 + (head[2 + 2 * i] & 3);
            if (from == 0)
            {
                if (_first[direct] != 0) return _first[direct] < 0 ? long.MaxValue : 0;
                bits += _bits[direct];
            }
            if (to == 0) continue;
            if (_first[alternating] < 0) return long.MaxValue;
            if (from > 0) return _first[alternating] is 0xF0 || (_first[alternating] & 15) != 0 ? 0 : long.MaxValue; // runs of blocks are counted in bits
            if (_first[alternating] != EndOfBlock) return 0;
            bits += _bits[alternating];
        }
        return _blocks == 0 ? long.MaxValue : _blocks * bits / 8 + 1;
    }

    private readonly void ReadTables(ReadOnlySpan<byte> body)
    {
        while (body.Length >= 17)
        {
            int count = 0, shortest = 0;
            for (int i = 1; i <= 16; i++)
            {
                if (shortest == 0 && body[i] > 0) shortest = i;
                count += body[i];
            }
            if (body.Length < 17 + count) return;
            int table = (body[0] >> 4 & 1) * 4 + (body[0] & 3);
            (_first[table], _bits[table]) = (count > 0 ? body[17] : -1, shortest);
            body = body[(17 + count)..];
        }
    }

    /// <summary>Where the next segment begins.</summary>
    private readonly int EndOfScan(int at)
    {
        while (true)
        {
            int next = _file[at..].IndexOf(Mark);
            if (next < 0 || at + next + 1 >= _file.Length) return _file.Length;
            at += next;
            if (_file[at + 1] is not (0x00 or Mark or >= 0xD0 and <= 0xD7)) return at;
            at += _file[at + 1] == Mark ? 1 : 2;
        }
    }
}
