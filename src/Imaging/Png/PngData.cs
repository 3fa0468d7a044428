namespace SemanticSam.Imaging.Png;

/// <summary>The pixel data of a PNG: the bodies of its IDAT chunks one after the other, without a copy.</summary>
/// <param name="png">The whole file.</param>
/// <param name="bodies">Where they lie in it.</param>
internal sealed class PngData(ReadOnlyMemory<byte> png, IReadOnlyList<Range> bodies) : Stream
{
    private ReadOnlyMemory<byte> _rest;
    private int _next;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        while (_rest.IsEmpty && _next < bodies.Count) _rest = png[bodies[_next++]];
        int count = Math.Min(buffer.Length, _rest.Length);
        _rest.Span[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
