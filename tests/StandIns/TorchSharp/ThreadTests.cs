using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.StandIns.TorchSharpBridge;

/// <summary>The number of threads that a caller sets holds for everything libtorch uses.</summary>
public sealed class ThreadTests
{
    [Fact]
    public void SetNumThreads_One_AlsoHoldsForMatrixProducts()
    {
        int usual = get_num_threads();
        using var scope = NewDisposeScope();
        var (a, b) = (rand(1500, 1500), rand(1500, 1500));
        set_num_threads(1);
        try
        {
            a.mm(b); // libraries are loaded, code is compiled
            Assert.Equal(1, get_num_threads());
            using var me = Process.GetCurrentProcess();
            var (began, before) = (Stopwatch.GetTimestamp(), me.TotalProcessorTime);
            for (int i = 0; i < 10; i++) a.mm(b).Dispose();
            var wall = Stopwatch.GetElapsedTime(began);
            me.Refresh();
            double cores = (me.TotalProcessorTime - before) / wall;
            Assert.True(cores < 1.5, $"{cores:F2} cores were busy");
        }
        finally
        {
            set_num_threads(usual);
        }
    }
}
