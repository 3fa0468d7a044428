using System.Runtime.ConstrainedExecution;

namespace SemanticSam.Torch;

/// <summary>
/// While it is held, finalizers run a moment after the garbage collection that found their objects, and not at once. TorchSharp (0.107) makes an object with
/// a finalizer of every number that it passes to libtorch (<c>x * 2</c>, and even <c>x + y</c>, whose second operand is multiplied by 1), takes its
/// address, and lets go of it before libtorch has read it. A collection that another thread needs just then has the number freed under the call: libtorch
/// says "Expected false to be true" or "Unknown scalar type", or computes with whatever lies there. Calls read their numbers at once, so it is enough to
/// wait until they have. For trainings, whose threads for samples collect while another one computes. Not for servers: under load the process grew to 5 GB
/// in four minutes, where it stays at 2.5 without this.
/// </summary>
/// <remarks>
/// Finalizers run one after the other, so nothing comes before them but what is running already: there is nearly always an object whose finalizer waits for
/// the next collection and a little longer. That collection finds the next such object, which is a critical one: its turn comes when all others had theirs,
/// so that none of them is held back for good. A collection in the moment of these others, and a call whose thread has no core for all the time, stay
/// exposed. On two cores with six busy programs beside them, where four threads computed for 70 s, 5 calls failed without this and none with it. The runtime
/// waits for the finalizer that is running when a process ends, so this is not held for longer than the work.
/// </remarks>
internal sealed class FinalizerDelay : CriticalFinalizerObject
{
    /// <summary>How long there has to be no collection, and the longest wait for that, milliseconds: what waits to be finalized takes memory.</summary>
    internal const int Quiet = 60, Longest = 400;

    /// <summary>The longest wait for a collection, milliseconds: somebody may be waiting for pending finalizers.</summary>
    internal const int LongestPark = 2000;

    private const int Look = 20;
    private static readonly Lock Gate = new();
    private static readonly ManualResetEventSlim Released = new(true);
    private static int _holders, _current;

    private readonly int _hold;

    private FinalizerDelay(int hold) => _hold = hold;

    /// <summary>Begins with it, until what it returns is disposed of. Several may hold it.</summary>
    public static IDisposable Hold()
    {
        lock (Gate)
        {
            if (_holders++ == 0)
            {
                Released.Reset();
                MakeGarbage(++_current);
                GC.Collect(0); // so that the first one waits from here on
            }
        }
        return new Holder();
    }

    private static void MakeGarbage(int hold) => _ = new FinalizerDelay(hold);

    ~FinalizerDelay()
    {
        if (Over()) return;
        MakeGarbage(_hold); // found by the next collection
        int seen = GC.CollectionCount(0);
        for (int waited = 0; GC.CollectionCount(0) == seen && waited < LongestPark; waited += Look)
        {
            Released.Wait(Look);
            if (Over()) return;
        }
        int quiet = 0;
        seen = GC.CollectionCount(0);
        for (int waited = 0; quiet < Quiet && waited < Longest; waited += Look)
        {
            Released.Wait(Look);
            if (Over()) return;
            int now = GC.CollectionCount(0);
            quiet = now == seen ? quiet + Look : 0;
            seen = now;
        }
    }

    /// <summary>One of an earlier hold leaves the waiting to those of the present one.</summary>
    private bool Over() => Released.IsSet || Volatile.Read(ref _current) != _hold;

    private sealed class Holder : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
            lock (Gate)
                if (--_holders == 0) Released.Set();
        }
    }
}
