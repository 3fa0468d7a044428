using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Bench;

/// <summary>
/// What one call costs through TorchSharp over libtorch itself: a 4x4 add, whose arithmetic is next to nothing. The two native
/// figures need the stand-in's library beside the program; with the real package they are not measured.
/// </summary>
public unsafe class BridgeBenchmarks
{
    private const int Calls = 10_000;
    private Tensor _a = null!;
    private Tensor _b = null!;
    private IDisposable _mode = null!;
    private delegate* unmanaged<nint, nint, long, int, double> _native;

    [GlobalSetup]
    public void Setup()
    {
        _a = rand(4, 4);
        _b = rand(4, 4);
        _mode = no_grad();
        if (NativeLibrary.TryLoad(Path.Combine(AppContext.BaseDirectory, "libsemsam_torch.so"), out nint library))
            _native = (delegate* unmanaged<nint, nint, long, int, double>)NativeLibrary.GetExport(library, "semsam_measure_add");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _mode.Dispose();
        _a.Dispose();
        _b.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls, Description = "at::add called from C++")]
    public double Direct() => _native != null ? _native(_a.Handle, _b.Handle, Calls, 0) : double.NaN;

    [Benchmark(OperationsPerInvoke = Calls, Description = "boxed call from C++")]
    public double Boxed() => _native != null ? _native(_a.Handle, _b.Handle, Calls, 1) : double.NaN;

    [Benchmark(OperationsPerInvoke = Calls, Description = "a.add(b), disposed by hand")]
    public void Add()
    {
        for (int i = 0; i < Calls; i++) _a.add(_b).Dispose();
    }

    [Benchmark(OperationsPerInvoke = Calls, Description = "a.add(b), disposed by a scope of 100")]
    public void AddInScope()
    {
        for (int i = 0; i < Calls / 100; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            for (int j = 0; j < 100; j++) _ = _a.add(_b);
        }
    }

    [Benchmark(OperationsPerInvoke = Calls, Description = "a.add_(b)")]
    public void AddInPlace()
    {
        for (int i = 0; i < Calls; i++) _a.add_(_b);
    }
}
