using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.StandIns.TorchSharpBridge;

public sealed class DisposeScopeTests
{
    [Fact]
    public void Scope_Closed_DisposesAllButWhatMovedOut()
    {
        using var outer = NewDisposeScope();
        Tensor kept, lost;
        using (DisposeScope inner = NewDisposeScope())
        {
            lost = ones(4);
            kept = (lost + lost).MoveToOuterDisposeScope();
            Assert.Equal(1, inner.DisposablesCount);
            Assert.Same(inner, CurrentDisposeScope);
        }
        Assert.True(lost.IsInvalid);
        Assert.False(kept.IsInvalid);
        Assert.True(outer.Contains(kept));
        Assert.Equal(8f, kept.sum().ToSingle());
    }

    [Fact]
    public void OutermostScope_MoveToOuter_DetachesForGood()
    {
        Tensor kept;
        using (NewDisposeScope()) kept = ones(1).MoveToOuterDisposeScope();
        Assert.False(kept.IsInvalid);
        kept.Dispose();
    }

    [Fact]
    public void Tensor_Disposed_LeavesItsScope()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = ones(1), b = ones(2), c = ones(3);
        b.Dispose();
        Assert.Equal(2, scope.DisposablesCount);
        Assert.True(scope.Contains(a) && scope.Contains(c) && !scope.Contains(b));
        b.Dispose(); // twice does no harm
    }

    [Fact]
    public void Detach_AndAttach_ChangeTheOwner()
    {
        Tensor t;
        using (DisposeScope first = NewDisposeScope())
        {
            t = ones(1);
            first.Detach(t);
        }
        Assert.False(t.IsInvalid);
        using (DisposeScope second = NewDisposeScope()) second.Attach(t);
        Assert.True(t.IsInvalid);
    }

    [Fact]
    public void DisposeEverythingBut_KeepsOnlyWhatIsNamed()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = ones(1), b = ones(2);
        scope.DisposeEverythingBut(b);
        Assert.True(a.IsInvalid);
        Assert.False(b.IsInvalid);
        Assert.Equal(1, scope.DisposablesCount);
    }

    [Fact]
    public void MoveToOther_PutsItUnderThatScope()
    {
        using DisposeScope a = NewDisposeScope();
        Tensor t;
        using (DisposeScope b = NewDisposeScope())
        using (NewDisposeScope())
        {
            t = ones(1);
            t.MoveToOtherDisposeScope(a);
        }
        Assert.True(a.Contains(t));
    }

    [Fact]
    public void Scopes_ClosedOutOfOrder_StillEndWithTheRightOne()
    {
        using DisposeScope outer = NewDisposeScope();
        DisposeScope middle = NewDisposeScope();
        DisposeScope inner = NewDisposeScope();
        middle.Dispose();
        Assert.Same(inner, CurrentDisposeScope);
        inner.Dispose();
        Assert.Same(outer, CurrentDisposeScope);
    }

    [Fact]
    public void ThousandCalls_InScopes_LeakNothing()
    {
        using var outer = NewDisposeScope();
        Tensor a = randn(8, 8), mask = a > 0;
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 1000; i++)
        {
            using var scope = NewDisposeScope();
            Tensor b = (a.matmul(a) + 1.0) / 2;
            b[0] = tensor(1f);
            Tensor picked = b[mask];
            (Tensor values, Tensor _) = b.max(0);
            Tensor[] parts = values.split(2);
            _ = cat(parts).softmax(0).sum().ToSingle() + picked.sum().ToSingle();
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Statistics_CountByScope()
    {
        // A thread of its own, so that its statistics start from nothing.
        var thread = new Thread(() =>
        {
            ThreadDisposeScopeStatistics s = DisposeScopeManager.Statistics;
            Tensor outside = ones(1);
            using (NewDisposeScope())
            {
                _ = ones(1);
                ones(1).DetachFromDisposeScope().Dispose();
            }
            Assert.Equal(1, s.CreatedOutsideScopeCount);
            Assert.Equal(2, s.CreatedInScopeCount);
            Assert.Equal(1, s.DetachedFromScopeCount);
            Assert.Equal(1, s.DisposedInScopeCount);
            Assert.Equal(1, s.DisposedOutsideScopeCount);
            outside.Dispose();
            Assert.Equal(0, s.ThreadTotalLiveCount);
        });
        thread.Start();
        thread.Join();
    }

    [Fact]
    public void Tensor_ForgottenWithoutScope_IsFreedByItsFinalizer()
    {
        var freed = new WeakReference(null);
        MakeAndForget(freed);
        for (int i = 0; i < 20 && freed.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(freed.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void MakeAndForget(WeakReference to) => to.Target = ones(1000);
    }
}
