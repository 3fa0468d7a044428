using System.Collections.Concurrent;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// Runs the steps of a long job on one background thread of its own. Steps that hop between threads of the pool leave memory behind in each of
/// them, since the C library's allocator keeps what a thread freed for that thread: everything mode of the embedded model (1,024 clicks on a photo,
/// 3,681 masks) peaks at 656 to 674 MB so, at 722 to 724 MB on the pool (libtorch 2.10, Debian 12, two cores, 26 November 2026).
/// </summary>
/// <remarks>The thread ends when nothing was asked of it for a while, and starts again when something is: who abandons a job holds no thread.</remarks>
internal sealed class OwnThread(string name, TimeSpan idle)
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Lock _gate = new();
    private bool _running;

    /// <summary>Runs a function after all that were given before.</summary>
    public Task<T> Run<T>(Func<T> function)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _work.Add(() => Complete(done, function));
            if (_running) return done.Task;
            _running = true;
        }
        new Thread(Loop) { IsBackground = true, Name = name }.Start();
        return done.Task;
    }

    private void Loop()
    {
        while (true)
        {
            if (_work.TryTake(out var work, idle))
            {
                work();
                continue;
            }
            lock (_gate)
            {
                if (_work.Count > 0) continue; // it came just now
                _running = false;
                return;
            }
        }
    }

    private static void Complete<T>(TaskCompletionSource<T> done, Func<T> function)
    {
        try
        {
            done.SetResult(function());
        }
        catch (OperationCanceledException e)
        {
            done.SetCanceled(e.CancellationToken);
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }
}
