using System.Diagnostics;
using System.Runtime.CompilerServices;
using SemanticSam.Torch;

namespace SemanticSam.Tests.Torch;

/// <summary>Numbers that libtorch is about to read are not freed the moment that a collection finds them unused. Tests here run one after the other.</summary>
public sealed class FinalizerDelayTests
{
    private static long _finalized, _counted;

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

    /// <summary>A server collects all the time; what is found has to go all the same, or memory grows without end.</summary>
    [Fact]
    public void Finalizers_WhileCollectionsNeverRest_RunAllTheSame()
    {
        using var held = FinalizerDelay.Hold();
        long made = 0;
        Volatile.Write(ref _counted, 0);
        for (var watch = Stopwatch.StartNew(); watch.ElapsedMilliseconds < 3000; Thread.Sleep(10))
        {
            if (watch.ElapsedMilliseconds < 1500) MakeCounted(ref made);
            GC.Collect(0);
        }
        Assert.True(made > 50, $"only {made} were made");
        Assert.InRange(Volatile.Read(ref _counted), made * 9 / 10, made);
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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeCounted(ref long made)
    {
        made++;
        _ = new Counted();
    }

    private sealed class Counted
    {
        ~Counted() => Interlocked.Increment(ref _counted);
    }

    private sealed class Late
    {
        ~Late() => Volatile.Write(ref _finalized, Stopwatch.GetTimestamp());
    }
}
