using System.Runtime.CompilerServices;
using SemanticSam.Torch;

namespace SemanticSam.Tests.Support;

/// <summary>Tests use torch before anything of the engine.</summary>
internal static class AssemblySetup
{
    [ModuleInitializer]
    internal static void FindTorch() => TorchRuntime.Register();
}
