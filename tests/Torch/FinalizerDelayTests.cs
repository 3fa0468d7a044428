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
            Assert.True(Late(10) >= 7, $"they did not wait after {again} holds");
        }
    }

    [Fact]
    public void Finalizers_OnceReleased_RunAtOnce()
    {
        var outer = FinalizerDelay.Hold();
        FinalizerDelay.Hold().Dispose();
        Assert.True(Late(10) >= 7, "another still held it");
        outer.Dispose();
        outer.Dispose(); // counts once
        Assert.True(Late(10) <= 3, "nobody holds it");
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

    /// <summary>Of so many collections those whose finalizers came a while after; other programs may delay some, and a collection between two waits is met
    /// at once.</summary>
    private static int Late(int collections) => Enumerable.Range(0, collections).Count(_ =>
    {
        Thread.Sleep(30);
        return Wait() >= 0.6 * FinalizerDelay.Quiet;
    });

    /// <summary>Milliseconds from a collection to the finalizer of what it found.</summary>
    private static double Wait()
    {
        Volatile.Write(ref _finalized, 0);
        MakeGarbage();
        GC.Collect(0); // of all, it would take as long as the wait in a process that holds much
        long collected = Stopwatch.GetTimestamp();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _finalized) > 0, TimeSpan.FromSeconds(20)), "it was not finalized");
        return Stopwatch.GetElapsedTime(collected, _finalized).TotalMilliseconds;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeGarbage() => _ = new Timed();

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

    private sealed class Timed
    {
        ~Timed() => Volatile.Write(ref _finalized, Stopwatch.GetTimestamp());
    }
}
