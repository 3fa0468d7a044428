using System.Buffers.Binary;
using System.Text;

namespace SemanticSam.Engine.Checkpoints.PyTorch;

/// <summary>An entry of a zip archive.</summary>
/// <param name="Name">Its path in the archive.</param>
/// <param name="Method">0 stored, 8 deflated.</param>
/// <param name="CompressedSize">Bytes in the file.</param>
/// <param name="Size">Bytes of the content.</param>
/// <param name="DataOffset">Where its bytes begin in the file.</param>
internal sealed record ZipEntry(string Name, int Method, long CompressedSize, long Size, long DataOffset);

/// <summary>
/// The central directory of a zip archive (APPNOTE 6.3, with zip64). Written here because the mapped bytes of a stored entry are
/// wanted, and System.IO.Compression does not tell where they are.
/// </summary>
internal sealed class ZipDirectory
{
    private const uint EndSignature = 0x06054B50, End64Signature = 0x06064B50, Locator64Signature = 0x07064B50;
    private const uint CentralSignature = 0x02014B50, LocalSignature = 0x04034B50;
    private const int EndSize = 22, Locator64Size = 20, End64Size = 56, CentralSize = 46, LocalSize = 30;
    private const int MaxEntries = 1_000_000;
    private const int MaxDirectoryBytes = 256 << 20;

    private readonly MappedFile _file;
    private readonly Dictionary<string, ZipEntry> _entries = [];

    private ZipDirectory(MappedFile file) => _file = file;

    public IReadOnlyDictionary<string, ZipEntry> Entries => _entries;

    public static ZipDirectory Read(MappedFile file)
    {
        var zip = new ZipDirectory(file);
        var (start, size, count) = zip.FindDirectory();
        zip.ReadEntries(start, size, count);
        zip.CheckOverlaps(start);
        return zip;
    }

    /// <summary>The content of an entry: mapped when stored, unpacked on first use when deflated.</summary>
    public ByteSource Open(ZipEntry entry) => entry.Method == 0
        ? new SourceRange(_file, entry.DataOffset, entry.Size)
        : new InflatedSource(_file, entry);

    private (long Start, long Size, long Count) FindDirectory()
    {
        int window = (int)Math.Min(_file.Length, EndSize + ushort.MaxValue);
        long windowStart = _file.Length - window;
        byte[] tail = _file.Copy(windowStart, window);
        for (int at = window - EndSize; at >= 0; at--)
        {
            var end = tail.AsSpan(at);
            if (U32(end) != EndSignature || at + EndSize + U16(end[20..]) != window) continue;
            if (U16(end[4..]) is not (0 or 0xFFFF) || U16(end[6..]) is not (0 or 0xFFFF)) throw Bad("a zip archive over several disks.", windowStart + at);
            (long start, long size, long count) = (U32(end[16..]), U32(end[12..]), U16(end[10..]));
            if (start == uint.MaxValue || size == uint.MaxValue || count == ushort.MaxValue)
                (start, size, count) = FindDirectory64(windowStart + at) ?? (start, size, count);
            if (start < 0 || size < 0 || start > windowStart + at || size > windowStart + at - start)
                throw Bad($"the zip directory is said to lie at {start} with {size} bytes, beyond the file.", windowStart + at);
            if (size > MaxDirectoryBytes || count is < 0 or > MaxEntries)
                throw Bad($"a zip directory of {size} bytes and {count} entries; at most {MaxDirectoryBytes} bytes and {MaxEntries} entries are allowed.",
                    windowStart + at);
            return (start, size, count);
        }
        throw Bad("a zip archive without its directory: the file is cut off.", _file.Length);
    }

    private (long Start, long Size, long Count)? FindDirectory64(long end)
    {
        if (end < Locator64Size) return null;
        byte[] locator = _file.Copy(end - Locator64Size, Locator64Size);
        if (U32(locator) != Locator64Signature) return null;
        long at = I64(locator.AsSpan(8));
        if (at < 0 || at > end - Locator64Size - End64Size) throw Bad("the zip64 record lies beyond the file.", end - Locator64Size);
        byte[] record = _file.Copy(at, End64Size);
        if (U32(record) != End64Signature) throw Bad("the zip64 record is missing.", at);
        return (I64(record.AsSpan(48)), I64(record.AsSpan(40)), I64(record.AsSpan(32)));
    }

    private void ReadEntries(long start, long size, long count)
    {
        byte[] directory = _file.Copy(start, (int)size);
        int at = 0;
        for (long i = 0; i < count; i++)
        {
            var record = directory.AsSpan(at);
            if (record.Length < CentralSize || U32(record) != CentralSignature) throw Bad($"entry {i} of the zip directory is damaged.", start + at);
            int nameLength = U16(record[28..]), extraLength = U16(record[30..]), commentLength = U16(record[32..]);
            int whole = CentralSize + nameLength + extraLength + commentLength;
            if (record.Length < whole) throw Bad($"entry {i} of the zip directory is cut off.", start + at);
            string name = Name(record.Slice(CentralSize, nameLength), start + at);
            if ((U16(record[8..]) & 1) != 0) throw Bad($"the entry {name} is encrypted.", start + at);
            int method = U16(record[10..]);
            if (method is not (0 or 8)) throw Bad($"the entry {name} is packed by method {method}; 0 (stored) and 8 (deflated) are allowed.", start + at);
            long packed = U32(record[20..]), full = U32(record[24..]), local = U32(record[42..]);
            Widen(record.Slice(CentralSize + nameLength, extraLength), ref full, ref packed, ref local);
            if (method == 0 && packed != full) throw Bad($"the entry {name} is stored, yet has the sizes {packed} and {full}.", start + at);
            var entry = new ZipEntry(name, method, packed, full, DataOffset(name, local, packed, start));
            if (!_entries.TryAdd(name, entry)) throw Bad($"the entry {name} stands twice in the zip archive.", start + at);
            at += whole;
        }
    }

    /// <summary>Zip64: sizes of 32 ones stand in the extra field, in this order.</summary>
    private static void Widen(ReadOnlySpan<byte> extra, ref long full, ref long packed, ref long local)
    {
        while (extra.Length >= 4)
        {
            int id = U16(extra), length = U16(extra[2..]);
            if (length > extra.Length - 4) return;
            if (id == 1)
            {
                var values = extra.Slice(4, length);
                if (full == uint.MaxValue) Take(ref values, ref full);
                if (packed == uint.MaxValue) Take(ref values, ref packed);
                if (local == uint.MaxValue) Take(ref values, ref local);
                return;
            }
            extra = extra[(4 + length)..];
        }
    }

    private static void Take(ref ReadOnlySpan<byte> values, ref long value)
    {
        if (values.Length < 8) return;
        value = I64(values);
        values = values[8..];
    }

    private long DataOffset(string name, long local, long packed, long directory)
    {
        if (local < 0 || local > directory - LocalSize) throw Bad($"the entry {name} is said to lie at {local}, beyond the file's data.", local);
        byte[] header = _file.Copy(local, LocalSize);
        if (U32(header) != LocalSignature) throw Bad($"the header of the entry {name} is damaged.", local);
        long data = local + LocalSize + U16(header.AsSpan(26)) + U16(header.AsSpan(28));
        if (packed < 0 || data > directory || packed > directory - data)
            throw Bad($"the entry {name} of {packed} bytes reaches beyond the file's data.", local);
        return data;
    }

    /// <summary>Entries that share bytes are how a small archive unpacks to a huge one.</summary>
    private void CheckOverlaps(long directory)
    {
        long free = 0;
        foreach (var entry in _entries.Values.OrderBy(e => e.DataOffset))
        {
            if (entry.DataOffset - LocalSize < free) throw Bad($"the entry {entry.Name} overlaps another.", entry.DataOffset);
            free = entry.DataOffset + entry.CompressedSize;
        }
        if (free > directory) throw Bad("an entry overlaps the zip directory.", directory);
    }

    private string Name(ReadOnlySpan<byte> bytes, long at)
    {
        foreach (byte b in bytes)
            if (b is < 0x20 or 0x7F) throw Bad("a zip entry's name holds control characters.", at);
        return Encoding.UTF8.GetString(bytes);
    }

    private CheckpointException Bad(string what, long offset) => new(_file.Path, what, Math.Max(offset, 0));

    private static ushort U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static long I64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);
}
