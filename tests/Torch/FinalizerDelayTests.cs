using System.Diagnostics;
using System.Runtime.CompilerServices;
using SemanticSam.Torch;

namespace SemanticSam.Tests.Torch;

/// <summary>
/// Numbers that libtorch is about to read are not freed the moment that a collection finds them unused. Alone, since others' collections count.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Collection(Name)]
public sealed class FinalizerDelayTests
{
    private const string Name = "finalizers of the whole process";

    private static long _finalized;

    [Fact]
    public void Finalizers_OfATunedProcess_WaitAWhileAfterACollection()
    {
        FinalizerDelay.Begin();
        try
        {
            for (int i = 0; i < 3; i++)
            {
                GC.Collect(); // one that has waited for five seconds in vain waits no more; after this, one does
                Thread.Sleep(500);
                Volatile.Write(ref _finalized, 0);
                MakeGarbage();
                long collected = Stopwatch.GetTimestamp();
                GC.Collect();
                Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _finalized) > 0, TimeSpan.FromSeconds(20)), "it was not finalized");
                Assert.InRange(Stopwatch.GetElapsedTime(collected, _finalized).TotalMilliseconds, FinalizerDelay.Quiet * 0.6, double.MaxValue);
            }
        }
        finally
        {
            FinalizerDelay.End();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeGarbage() => _ = new Late();

    private sealed class Late
    {
        ~Late() => Volatile.Write(ref _finalized, Stopwatch.GetTimestamp());
    }
}
