namespace SemanticSam.Server.Inference;

/// <summary>What waits for the worker, first come, first served; bounded.</summary>
internal sealed class JobQueue(int capacity)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Job> _jobs = [];
    private readonly SemaphoreSlim _signal = new(0);
    private int _reserved;
    private bool _closed;

    /// <summary>Jobs that wait.</summary>
    public int Count
    {
        get { lock (_lock) return _jobs.Count; }
    }

    /// <summary>Whether a new job would be refused.</summary>
    public bool IsFull
    {
        get { lock (_lock) return _jobs.Count + _reserved >= capacity; }
    }

    /// <summary>Takes a place for a job that is still being prepared, until it is disposed of: whoever is taken on is not refused later.</summary>
    /// <returns>Null where the queue is full or closed.</returns>
    public IDisposable? TryReserve()
    {
        lock (_lock)
        {
            if (_closed || _jobs.Count + _reserved >= capacity) return null;
            _reserved++;
        }
        return new Reservation(this);
    }

    /// <summary>Takes a job on.</summary>
    /// <param name="job">The job.</param>
    /// <param name="continues">Whether it goes on with something that was taken on before: it is not refused for want of room.</param>
    /// <returns>False where the queue is full or closed.</returns>
    public bool TryAdd(Job job, bool continues = false)
    {
        lock (_lock)
        {
            if (_closed || !continues && _jobs.Count + _reserved >= capacity) return false;
            _jobs.AddLast(job);
        }
        _signal.Release();
        return true;
    }

    /// <summary>Whether nothing is taken on any more.</summary>
    public bool IsClosed
    {
        get { lock (_lock) return _closed; }
    }

    /// <summary>The next job, waited for; null when the queue is closed and empty.</summary>
    public Job? Take()
    {
        while (true)
        {
            if (TryTake() is { } job) return job;
            if (IsClosed) return TryTake();
            _signal.Wait();
        }
    }

    /// <summary>The next job; null where none waits.</summary>
    public Job? TryTake()
    {
        lock (_lock)
        {
            if (_jobs.First is not { } first) return null;
            _jobs.RemoveFirst();
            return first.Value;
        }
    }

    /// <summary>Takes out, from wherever they wait, jobs that can be answered in one call with another.</summary>
    /// <param name="first">The other.</param>
    /// <param name="room">Prompts that may be added to its own.</param>
    public List<PromptJob> TakeWith(PromptJob first, int room)
    {
        var taken = new List<PromptJob>();
        lock (_lock)
        {
            for (var node = _jobs.First; node is not null && room > 0;)
            {
                var next = node.Next;
                if (node.Value is PromptJob other && other.Count <= room && other.GoesWith(first))
                {
                    _jobs.Remove(node);
                    taken.Add(other);
                    room -= other.Count;
                }
                node = next;
            }
        }
        return taken;
    }

    /// <summary>Takes nothing on any more; what waits is still done.</summary>
    public void Close()
    {
        lock (_lock) _closed = true;
        _signal.Release();
    }

    private sealed class Reservation(JobQueue queue) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) != 0) return;
            lock (queue._lock) queue._reserved--;
        }
    }
}
