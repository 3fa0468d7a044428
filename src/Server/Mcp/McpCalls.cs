using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Protocol;

namespace SemanticSam.Server.Mcp;

/// <summary>
/// The messages of a conversation, from being read to being answered: whoever ends it waits for those that are on their way. Between a line that was read
/// and the work that it asks for there may be seconds, where a machine is busy.
/// </summary>
internal sealed class McpCalls
{
    /// <summary>So long everything has to rest; a message without an answer, which a notification is, is over then.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    /// <summary>So long nothing moves before lines count as none, and requests as given up: those that were canceled have no answer.</summary>
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(5);

    private int _lines, _seen, _running, _requests, _answers;

    /// <summary>Lines that are not blank were read.</summary>
    public void Read(int lines) => Interlocked.Add(ref _lines, lines);

    /// <summary>Does what a message asks, and counts it meanwhile.</summary>
    public async Task Incoming(JsonRpcMessage message, Func<Task> handle)
    {
        Interlocked.Increment(ref _running);
        if (message is JsonRpcRequest) Interlocked.Increment(ref _requests);
        Interlocked.Increment(ref _seen);
        try
        {
            await handle().ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Sends a message.</summary>
    public async Task Outgoing(JsonRpcMessage message, Func<Task> send)
    {
        await send().ConfigureAwait(false);
        if (message is JsonRpcResponse or JsonRpcError) Interlocked.Increment(ref _answers);
    }

    /// <summary>Has every message counted.</summary>
    public void Attach(IMcpMessageFilterBuilder filters)
    {
        filters.AddIncomingFilter(next => (context, cancellation) => Incoming(context.JsonRpcMessage, () => next(context, cancellation)));
        filters.AddOutgoingFilter(next => (context, cancellation) => Outgoing(context.JsonRpcMessage, () => next(context, cancellation)));
    }

    /// <summary>Waits until all that was read is answered.</summary>
    /// <param name="most">So long at most.</param>
    public async Task WhenIdle(TimeSpan most)
    {
        long start = Environment.TickCount64, moved = start;
        var last = Counts();
        for (long now = start; now - start < most.TotalMilliseconds; now = Environment.TickCount64)
        {
            var counts = Counts();
            if (counts != last || counts.Running > 0) moved = now;
            last = counts;
            bool over = counts.Seen >= counts.Lines && counts.Answers >= counts.Requests;
            if (now - moved >= (over ? Settling : Stalled).TotalMilliseconds) return;
            await Task.Delay(20).ConfigureAwait(false);
        }
    }

    private (int Lines, int Seen, int Running, int Requests, int Answers) Counts() => (Volatile.Read(ref _lines), Volatile.Read(ref _seen),
        Volatile.Read(ref _running), Volatile.Read(ref _requests), Volatile.Read(ref _answers));
}
