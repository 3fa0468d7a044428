using System.Runtime.InteropServices;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>A run of bytes that is reached only when asked for: a part of a mapped file, or memory.</summary>
internal abstract class ByteSource
{
    public abstract long Length { get; }

    /// <summary>The bytes [offset, offset + length); valid until the lease is disposed.</summary>
    public abstract ByteLease Lease(long offset, int length);

    /// <summary>Fills the destination with the bytes from the offset on.</summary>
    public virtual void CopyTo(long offset, Span<byte> destination)
    {
        using var lease = Lease(offset, destination.Length);
        lease.Span.CopyTo(destination);
    }

    /// <summary>A copy of the bytes [offset, offset + length).</summary>
    public byte[] Copy(long offset, int length)
    {
        using var lease = Lease(offset, length);
        return lease.Span.ToArray();
    }
}

/// <summary>Borrowed bytes; while a lease is out, the mapping below it stays.</summary>
internal readonly ref struct ByteLease(ReadOnlySpan<byte> span, SafeBuffer? owner)
{
    public ReadOnlySpan<byte> Span { get; } = span;

    public void Dispose() => owner?.ReleasePointer();
}

/// <summary>Bytes in memory.</summary>
internal sealed class MemorySource(ReadOnlyMemory<byte> memory) : ByteSource
{
    public override long Length => memory.Length;

    public override ByteLease Lease(long offset, int length) => new(memory.Span.Slice(checked((int)offset), length), null);
}

/// <summary>A part of another source.</summary>
internal sealed class SourceRange(ByteSource whole, long start, long length) : ByteSource
{
    public override long Length => length;

    public override ByteLease Lease(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, length - offset);
        return whole.Lease(start + offset, count);
    }

    public override void CopyTo(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, length - offset);
        whole.CopyTo(start + offset, destination);
    }
}
