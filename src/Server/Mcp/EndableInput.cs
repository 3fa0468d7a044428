using SemanticSam.Server.Guards;

namespace SemanticSam.Server.Mcp;

/// <summary>
/// Standard input that ends when the program is told to stop: the system's own cannot be woken from a read. Either end is told only when the calls that
/// were read before are answered, since whoever reads the messages ends with them.
/// </summary>
/// <param name="inner">The input.</param>
/// <param name="calls">What is waited for.</param>
/// <param name="patience">How long it is waited for at most.</param>
/// <param name="stop">Ends the input.</param>
internal sealed class EndableInput(Stream inner, McpCalls calls, TimeSpan patience, CancellationToken stop) : ReadingStream
{
    // A read that is given up goes on and must find its own room.
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _from, _to;
    private bool _ended, _written; // whether the line that is being read has something in it

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_from == _to && !_ended && !await Fill(cancellationToken).ConfigureAwait(false) && !EndLine())
        {
            _ended = true;
            await calls.WhenIdle(patience).ConfigureAwait(false);
        }
        int count = Math.Min(buffer.Length, _to - _from);
        _buffer.AsSpan(_from, count).CopyTo(buffer.Span);
        _from += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    private async Task<bool> Fill(CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stop);
        try
        {
            // Elsewhere, since a read of standard input blocks, whatever token it is given.
            int read = await Task.Run(() => inner.ReadAsync(_buffer, CancellationToken.None).AsTask(), CancellationToken.None)
                .WaitAsync(either.Token).ConfigureAwait(false);
            (_from, _to) = (0, read);
            Count(_buffer.AsSpan(0, read));
            return read > 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Ends a last line that has no end, so that whoever reads lines sees it before the end of all.</summary>
    private bool EndLine()
    {
        if (!_written) return false;
        _buffer[0] = (byte)'\n';
        (_from, _to) = (0, 1);
        Count("\n"u8);
        return true;
    }

    private void Count(ReadOnlySpan<byte> read)
    {
        int lines = 0;
        for (int end; (end = read.IndexOf((byte)'\n')) >= 0; read = read[(end + 1)..], _written = false)
            if (_written || HasText(read[..end])) lines++;
        _written |= HasText(read);
        calls.Read(lines);

        static bool HasText(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept(" \t\r"u8) >= 0;
    }
}
