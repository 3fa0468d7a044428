using System.Diagnostics;

namespace SemanticSam.Training.Nano;

/// <summary>Batches put together ahead of the step, by worker threads. Batch i is the same whoever makes it, and whenever.</summary>
internal sealed class NanoBatches : IDisposable
{
    private readonly Queue<Task<NanoBatch>> _ahead = new();
    private readonly SemaphoreSlim _workers;
    private readonly Func<long, NanoBatch> _make;
    private readonly int _depth;
    private readonly CancellationTokenSource _stop = new();
    private long _next;

    public NanoBatches(Func<long, NanoBatch> make, long first, int workers, int depth)
    {
        (_make, _next, _depth, _workers) = (make, first, depth, new SemaphoreSlim(workers));
        Fill();
    }

    /// <summary>Seconds that <see cref="Take"/> waited, in all.</summary>
    public double Waited { get; private set; }

    /// <summary>The next batch.</summary>
    public NanoBatch Take()
    {
        var task = _ahead.Dequeue();
        Fill();
        long start = Stopwatch.GetTimestamp();
        var batch = task.GetAwaiter().GetResult();
        Waited += Stopwatch.GetElapsedTime(start).TotalSeconds;
        return batch;
    }

    /// <summary>Random numbers of a sample.</summary>
    public static Random RandomOf(long seed, long sample)
    {
        ulong state = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL + (ulong)sample + 0x632BE59BD9B4E019UL); // splitmix64
        state = unchecked((state ^ state >> 30) * 0xBF58476D1CE4E5B9UL);
        state = unchecked((state ^ state >> 27) * 0x94D049BB133111EBUL);
        return new Random((int)((state ^ state >> 31) & int.MaxValue));
    }

    /// <summary>Gives up what nobody took; what was brought to a device for it goes.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        foreach (var task in _ahead)
        {
            try
            {
                task.Wait();
                task.Result.Release();
            }
            catch (AggregateException)
            {
                // Nobody will ask for this batch any more.
            }
        }
        _stop.Dispose();
        _workers.Dispose();
    }

    private void Fill()
    {
        while (_ahead.Count < _depth)
        {
            long index = _next++;
            _ahead.Enqueue(Task.Run(async () =>
            {
                await _workers.WaitAsync(_stop.Token);
                try
                {
                    return _make(index);
                }
                finally
                {
                    _workers.Release();
                }
            }));
        }
    }
}
