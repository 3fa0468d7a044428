namespace SemanticSam.Server.Mcp;

/// <summary>Calls of tools that are at work: whoever ends the conversation waits for them.</summary>
internal sealed class McpCalls
{
    /// <summary>A message that was read just now becomes a call a little later.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    private int _running;

    /// <summary>Does a call, and counts it meanwhile.</summary>
    public async ValueTask<T> Count<T>(Func<ValueTask<T>> call)
    {
        Interlocked.Increment(ref _running);
        try
        {
            return await call().ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Waits until none has been at work for a while.</summary>
    /// <param name="most">So long at most.</param>
    public async Task WhenIdle(TimeSpan most)
    {
        long start = Environment.TickCount64, idle = start;
        for (long now = start; now - start < most.TotalMilliseconds && now - idle < Settling.TotalMilliseconds; now = Environment.TickCount64)
        {
            await Task.Delay(20).ConfigureAwait(false);
            if (Volatile.Read(ref _running) > 0) idle = Environment.TickCount64;
        }
    }
}
