using System.Runtime.CompilerServices;
using SemanticSam.Torch;

namespace SemanticSam.Bench;

/// <summary>Benchmarks use torch before anything of the engine, in this process or in one of BenchmarkDotNet's own.</summary>
internal static class AssemblySetup
{
    [ModuleInitializer]
    internal static void FindTorch()
    {
        ProcessTuning.Apply();
        TorchRuntime.Register();
    }
}
