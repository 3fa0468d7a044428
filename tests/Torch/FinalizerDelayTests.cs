using System.Diagnostics;
using System.Runtime.CompilerServices;
using SemanticSam.Torch;

namespace SemanticSam.Tests.Torch;

/// <summary>Numbers that libtorch is about to read are not freed the moment that a collection finds them unused. Tests here run one after the other.</summary>
public sealed class FinalizerDelayTests
{
    private static long _finalized;

    [Fact]
    public void Finalizers_WhileHeld_WaitAWhileAfterACollection()
    {
        for (int again = 0; again < 2; again++)
        {
            using var held = FinalizerDelay.Hold();
            Thread.Sleep(50); // the first one waits now
            for (int i = 0; i < 3; i++) Assert.True(Wait() >= 0.6 * FinalizerDelay.Quiet, $"after {again} holds, collection {i}");
        }
    }

    [Fact]
    public void Finalizers_OnceReleased_RunAtOnce()
    {
        var outer = FinalizerDelay.Hold();
        FinalizerDelay.Hold().Dispose();
        Thread.Sleep(50);
        Assert.True(Wait() >= 0.6 * FinalizerDelay.Quiet, "another still held it");
        outer.Dispose();
        outer.Dispose(); // counts once
        Assert.True(Enumerable.Range(0, 5).Min(_ => Wait()) < 0.6 * FinalizerDelay.Quiet, "nobody holds it");
    }

    /// <summary>Milliseconds from a collection to the finalizer of what it found.</summary>
    private static double Wait()
    {
        Volatile.Write(ref _finalized, 0);
        MakeGarbage();
        long collected = Stopwatch.GetTimestamp();
        GC.Collect();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _finalized) > 0, TimeSpan.FromSeconds(20)), "it was not finalized");
        return Stopwatch.GetElapsedTime(collected, _finalized).TotalMilliseconds;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeGarbage() => _ = new Late();

    private sealed class Late
    {
        ~Late() => Volatile.Write(ref _finalized, Stopwatch.GetTimestamp());
    }
}
