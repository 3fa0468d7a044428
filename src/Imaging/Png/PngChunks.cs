using System.Buffers.Binary;

namespace SemanticSam.Imaging.Png;

/// <summary>One chunk of a PNG.</summary>
internal readonly ref struct PngChunk(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> body, ReadOnlySpan<byte> kindAndBody, uint checksum)
{
    public ReadOnlySpan<byte> Kind { get; } = kind;
    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>What the checksum is of.</summary>
    public ReadOnlySpan<byte> KindAndBody { get; } = kindAndBody;

    /// <summary>The CRC-32 that the file states.</summary>
    public uint Checksum { get; } = checksum;

    public bool Is(ReadOnlySpan<byte> kind) => Kind.SequenceEqual(kind);
}

/// <summary>The chunks of a PNG in order, up to the first that is not there whole.</summary>
internal ref struct PngChunks(ReadOnlySpan<byte> png)
{
    /// <summary>Length, kind and checksum, four bytes each.</summary>
    public const int Overhead = 12;

    private ReadOnlySpan<byte> _rest = png[Math.Min(Signature.Length, png.Length)..];

    public static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public PngChunk Current { get; private set; }

    public readonly PngChunks GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.Length < Overhead) return false;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(_rest);
        if (length > _rest.Length - Overhead) return false;
        int end = 8 + (int)length;
        Current = new(_rest[4..8], _rest[8..end], _rest[4..end], BinaryPrimitives.ReadUInt32BigEndian(_rest[end..]));
        _rest = _rest[(end + 4)..];
        return true;
    }
}
