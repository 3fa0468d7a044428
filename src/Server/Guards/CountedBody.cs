using System.Diagnostics;

namespace SemanticSam.Server.Guards;

/// <summary>A request's body that counts what comes, and bounds how long it may take to come.</summary>
/// <param name="inner">The body.</param>
/// <param name="take">Told how many bytes came; throws where they are too many.</param>
/// <param name="check">Asked after each piece how long it has taken in all; throws where that is too long.</param>
internal sealed class CountedBody(Stream inner, Action<int> take, Action<TimeSpan> check) : ReadingStream
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (read == 0) return 0;
        take(read);
        check(Stopwatch.GetElapsedTime(_start));
        return read;
    }

    /// <summary>Kestrel refuses to wait.</summary>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
