using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SemanticSam.Torch;

namespace SemanticSam.Engine;

/// <summary>What has to be done before anything of this assembly computes.</summary>
internal static class AssemblySetup
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Adds a handler and seldom does more; every way into the assembly may be the first to compute.")]
    internal static void FindTorch() => TorchRuntime.Register();
}
