namespace SemanticSam.Torch;

/// <summary>
/// Lets finalizers run a moment after the garbage collection that found their objects, and not at once. TorchSharp (0.107) makes an object with a finalizer
/// of every number that it passes to libtorch (<c>x * 2</c>, and even <c>x + y</c>, whose second operand is multiplied by 1), takes its address, and lets
/// go of it before libtorch has read it. A collection that another thread needs just then has the number freed under the call: libtorch says "Expected
/// false to be true" or "Unknown scalar type", or computes with whatever lies there. Calls read their numbers at once, so it is enough to wait until they
/// have.
/// </summary>
/// <remarks>
/// Finalizers run one after the other, the newest object's first, so nothing can come before them but what is running already: there is always an object
/// whose finalizer waits for the next collection and a little longer, and that one finds the next such object. A call whose thread has no core for all that
/// time stays exposed. On two cores with six busy programs beside them, four threads that computed and 230 collections in 70 s: 4 calls failed without
/// this and none with it; the training of a model failed once in 2,300 steps.
/// </remarks>
internal sealed class FinalizerDelay
{
    /// <summary>How long there has to be no collection, and the longest wait for that, milliseconds.</summary>
    internal const int Quiet = 60, Longest = 2000;

    /// <summary>The longest wait for a collection, milliseconds: somebody may be waiting for pending finalizers.</summary>
    internal const int LongestPark = 5000;

    private const int Look = 20;
    private static readonly ManualResetEventSlim Ending = new();
    private static int _begun;

    private FinalizerDelay()
    {
    }

    /// <summary>Begins with it, once for the process.</summary>
    public static void Begin()
    {
        if (Interlocked.Exchange(ref _begun, 1) != 0) return;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => End(); // the runtime waits for the finalizer that is running
        MakeGarbage();
    }

    /// <summary>Ends with it for good.</summary>
    public static void End() => Ending.Set();

    private static void MakeGarbage() => _ = new FinalizerDelay();

    ~FinalizerDelay()
    {
        if (Ending.IsSet) return;
        MakeGarbage(); // found by the next collection
        int seen = GC.CollectionCount(0);
        for (int waited = 0; GC.CollectionCount(0) == seen && waited < LongestPark; waited += Look)
            if (Ending.Wait(Look)) return;
        int quiet = 0;
        seen = GC.CollectionCount(0);
        for (int waited = 0; quiet < Quiet && waited < Longest; waited += Look)
        {
            if (Ending.Wait(Look)) return;
            int now = GC.CollectionCount(0);
            quiet = now == seen ? quiet + Look : 0;
            seen = now;
        }
    }
}
