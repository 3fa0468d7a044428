using SemanticSam.Server.Guards;

namespace SemanticSam.Server.Mcp;

/// <summary>A stream of lines that ends where one becomes too long: its reader would keep all of it in memory.</summary>
internal sealed class LineLimitStream(Stream inner, long longest) : ReadingStream
{
    private long _length;

    /// <summary>Whether a line was too long.</summary>
    public bool Exceeded { get; private set; }

    public long Longest => longest;

    public override int Read(byte[] buffer, int offset, int count) => Exceeded ? 0 : Count(buffer.AsSpan(offset, inner.Read(buffer, offset, count)));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await Next(buffer, cancellationToken).ConfigureAwait(false) is var read && Exceeded ? 0 : Count(buffer[..read].Span);

    private ValueTask<int> Next(Memory<byte> buffer, CancellationToken cancellation) => Exceeded ? new(0) : inner.ReadAsync(buffer, cancellation);


    private int Count(ReadOnlySpan<byte> read)
    {
        int end = read.LastIndexOf((byte)'\n');
        // A buffer is far shorter than the bound, so only the line that goes on from earlier ones can pass it.
        int first = read.IndexOf((byte)'\n');
        Exceeded = _length + (first < 0 ? read.Length : first) > longest;
        _length = end < 0 ? _length + read.Length : read.Length - end - 1;
        return Exceeded ? 0 : read.Length;
    }
}
