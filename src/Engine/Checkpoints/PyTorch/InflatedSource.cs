using System.IO.Compression;

namespace SemanticSam.Engine.Checkpoints.PyTorch;

/// <summary>A deflated entry, unpacked when first touched and then kept.</summary>
internal sealed class InflatedSource(MappedFile file, ZipEntry entry) : ByteSource
{
    private readonly Lock _guard = new();
    private byte[]? _content;

    public override long Length => entry.Size;

    public override ByteLease Lease(long offset, int length) => new(Content().AsSpan(checked((int)offset), length), null);

    private byte[] Content()
    {
        lock (_guard) return _content ??= Inflate();
    }

    private byte[] Inflate()
    {
        try
        {
            using var packed = new MemoryStream(file.Copy(entry.DataOffset, checked((int)entry.CompressedSize)));
            using var inflater = new DeflateStream(packed, CompressionMode.Decompress);
            var content = new byte[checked((int)entry.Size)];
            inflater.ReadExactly(content);
            if (inflater.ReadByte() >= 0)
                throw new CheckpointException(file.Path, $"the entry {entry.Name} unpacks to more than the {entry.Size} bytes it claims.", entry.DataOffset);
            return content;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new CheckpointException(file.Path, $"the entry {entry.Name} cannot be unpacked: {e.Message}", entry.DataOffset, e);
        }
    }
}
