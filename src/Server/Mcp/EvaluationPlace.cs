using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Mcp;

/// <summary>Where evaluations run: one at a time, on a thread of its own, and none any more when the model is let go of.</summary>
internal sealed class EvaluationPlace
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Runs it, to its end or until it is stopped.</summary>
    /// <exception cref="BusyException">Another one runs.</exception>
    public async Task<T> Run<T>(Func<CancellationToken, T> evaluate, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stopping.Token);
        Task<T> mine;
        lock (_lock)
        {
            if (!_running.IsCompleted) throw new BusyException(30);
            mine = Task.Run(() => evaluate(either.Token), either.Token);
            _running = mine;
        }
        return await mine.ConfigureAwait(false);
    }

    /// <summary>Stops what runs at its next image and lets nothing new begin: after it the model may be disposed of.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task running;
        lock (_lock) running = _running;
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
