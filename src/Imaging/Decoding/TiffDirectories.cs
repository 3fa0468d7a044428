using System.Buffers.Binary;

namespace SemanticSam.Imaging.Decoding;

/// <summary>
/// Looks over the directories of a TIFF before the library does: it allocates for each entry what the entry says that it has, without a look at the file's
/// length, so that some hundred bytes could ask for gigabytes. Format: TIFF 6.0, BigTIFF.
/// </summary>
internal readonly ref struct TiffDirectories
{
    /// <summary>Directories that are looked over; none after them is ever read.</summary>
    public const int Most = 10_000;

    private const int MostEntries = 4096;
    private const int ImageWidth = 256, ImageLength = 257, BitsPerSample = 258, SamplesPerPixel = 277, RowsPerStrip = 278, StripBytes = 279,
        TileWidth = 322, TileLength = 323, TileBytes = 325;

    private readonly ReadOnlySpan<byte> _file;
    private readonly bool _little, _big;

    private TiffDirectories(ReadOnlySpan<byte> file)
    {
        _file = file;
        _little = file[0] == (byte)'I';
        _big = file[_little ? 2 : 3] == (byte)'+';
    }

    /// <summary>
    /// Whether no entry has more than a file of this length can hold, nor all together, no strip or tile has far more bytes than it, and none is far larger
    /// than its image.
    /// </summary>
    public static bool AreSound(ReadOnlySpan<byte> file)
    {
        if (file.Length < 16) return false;
        var all = new TiffDirectories(file);
        var seen = new HashSet<long>();
        // What does not overlap takes no more than the file; some writers point from several places to one value.
        long left = 4L * file.Length + (1 << 16);
        for (long at = all.Start(); at > 0 && at < file.Length && seen.Count < Most && seen.Add(at);)
            if (!all.IsSound(at, ref left, out at)) return false;
        return true;
    }

    private long Start() => _big ? Number(8, 8) : Number(4, 4);

    private bool IsSound(long at, ref long left, out long next)
    {
        next = 0;
        int countSize = _big ? 8 : 2, entrySize = _big ? 20 : 12;
        if (at + countSize > _file.Length) return true; // the library says what is wrong with it
        long entries = Number(at, countSize);
        if (entries < 0 || entries > MostEntries) return false;
        Span<long> sizes = stackalloc long[TileLength + 1];
        for (long i = 0, entry = at + countSize; i < entries; i++, entry += entrySize)
        {
            if (entry + entrySize > _file.Length) return true;
            long count = Number(entry + 4, _big ? 8 : 4), most = _file.Length / SizeOf((int)Number(entry + 2, 2));
            if (count < 0 || count > most) return false;
            left -= entrySize + count * SizeOf((int)Number(entry + 2, 2));
            if (left < 0) return false;
            int tag = (int)Number(entry, 2);
            // Of what has one value the library takes one, from the entry itself, whatever count that gives.
            if (tag < sizes.Length && count >= 1) sizes[tag] = Value(entry, tag == BitsPerSample ? count : 1);
            if (tag is StripBytes or TileBytes && !AreWithinFile(entry, count)) return false;
        }
        long end = at + countSize + entries * entrySize;
        next = end + (_big ? 8 : 4) > _file.Length ? 0 : Number(end, _big ? 8 : 4);
        return AreSizesSound(sizes);
    }

    private bool AreSizesSound(ReadOnlySpan<long> of)
    {
        const int side = 1 << 20, mostSamples = 32, mostBits = 64;
        long width = of[ImageWidth], height = of[ImageLength], samples = Math.Max(1, of[SamplesPerPixel]), bits = Math.Max(1, of[BitsPerSample]);
        if (width is < 0 or > side || height is < 0 or > side || samples > mostSamples || bits > mostBits) return false;
        long across = of[TileWidth], down = of[TileLength];
        if (across == 0 && down == 0) return of[RowsPerStrip] == 0 || height / Math.Max(1, of[RowsPerStrip]) * samples <= _file.Length;
        if (across is < 1 or > side || down is < 1 or > side) return false;
        // A tile may be larger than a small image; one is held at a time, and each has an entry of its own.
        long most = Math.Max(width * height, 1 << 22);
        return across * down <= 4 * most && (width / across + 1) * (height / down + 1) <= _file.Length;
    }

    /// <summary>Whether strips or tiles take hardly more bytes than the file has, each: it may have been cut off.</summary>
    private bool AreWithinFile(long entry, long count)
    {
        int size = SizeOf((int)Number(entry + 2, 2)), inline = _big ? 8 : 4;
        long at = entry + (_big ? 12 : 8);
        if (count > inline / size) at = Number(at, inline);
        if (at < 0 || at > _file.Length - count * size) return false;
        long most = Math.Max(2L * _file.Length, 1 << 20);
        for (long i = 0; i < count; i++)
            if (Number(at + i * size, size) is var bytes && (bytes < 0 || bytes > most)) return false;
        return true;
    }

    /// <summary>The first value of an entry of whole numbers; 0 where it lies outside of the file.</summary>
    private long Value(long entry, long count)
    {
        int size = SizeOf((int)Number(entry + 2, 2)), inline = _big ? 8 : 4;
        if (size > 8) return 0;
        long at = entry + (_big ? 12 : 8);
        if (count > inline / size) at = Number(at, inline);
        return at < 0 || at + size > _file.Length ? 0 : Number(at, size);
    }

    private long Number(long at, int size)
    {
        var bytes = _file.Slice((int)at, size);
        return size switch
        {
            1 => bytes[0],
            2 => _little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes),
            4 => _little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes),
            _ => _little ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : BinaryPrimitives.ReadInt64BigEndian(bytes),
        };
    }

    /// <summary>Bytes of a value; unknown types as those of the least.</summary>
    private static int SizeOf(int type) => type switch
    {
        3 or 8 => 2,
        4 or 9 or 11 or 13 => 4,
        5 or 10 or 12 or 16 or 17 or 18 => 8,
        _ => 1,
    };
}
