using System.Diagnostics;
using SemanticSam.Engine.Sessions;

namespace SemanticSam.Tests.Engine.Sessions;

public sealed class OwnThreadTests
{
    [Fact]
    public async Task Run_StepsInARow_ShareOneThreadOfTheirOwn()
    {
        var own = new OwnThread("steps", TimeSpan.FromSeconds(30));
        var threads = new HashSet<Thread>();
        for (int i = 0; i < 20; i++) threads.Add(await own.Run(() => Thread.CurrentThread));
        var thread = Assert.Single(threads);
        Assert.Equal((false, "steps"), (thread.IsThreadPoolThread, thread.Name));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => own.Run<int>(() => throw new InvalidTimeZoneException()));
        using var canceled = new CancellationTokenSource();
        canceled.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => own.Run<int>(() => throw new OperationCanceledException(canceled.Token)));
    }

    [Fact]
    public async Task Run_NothingAskedForAWhile_ThreadEndsAndStartsAgain()
    {
        var own = new OwnThread("steps", TimeSpan.FromMilliseconds(20));
        var first = await own.Run(() => Thread.CurrentThread);
        var watch = Stopwatch.StartNew();
        while (first.IsAlive && watch.Elapsed < TimeSpan.FromSeconds(20)) await Task.Delay(5);
        Assert.False(first.IsAlive);
        Assert.NotSame(first, await own.Run(() => Thread.CurrentThread));
    }

    [Fact]
    public async Task Run_AskedAsItFallsIdle_LosesNothing()
    {
        var own = new OwnThread("steps", TimeSpan.FromMilliseconds(1));
        for (int i = 0; i < 300; i++)
        {
            int step = i;
            Assert.Equal(step, await own.Run(() => step).WaitAsync(TimeSpan.FromSeconds(20)));
            if (i % 3 == 0) await Task.Delay(1);
        }
    }
}
