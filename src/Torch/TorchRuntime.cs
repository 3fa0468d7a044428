using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace SemanticSam.Torch;

/// <summary>
/// Which libtorch computes, and that it loads. By default it is the one that came with the program (a TorchSharp-cpu or TorchSharp-cuda-… package);
/// <see cref="Use"/>, or the environment variable SEMSAM_LIBTORCH, takes the one of an installed Python torch or of a libtorch archive instead.
/// </summary>
/// <remarks>
/// On Linux with a libstdc++ older than GCC 13's (Debian 12, Ubuntu 22.04), TorchSharp's native library asks for a version that is not there and
/// that it does not need; a copy without that demand is then loaded from the user's cache folder (see <see cref="SymbolVersions"/>).
/// </remarks>
public static class TorchRuntime
{
    /// <summary>The environment variable that names the folder of an installed libtorch.</summary>
    public const string FolderVariable = "SEMSAM_LIBTORCH";

    private const string Bridge = "LibTorchSharp";
    private static readonly Lock Gate = new();
    private static bool _registered;
    private static string? _folder;
    private static IntPtr _bridge;

    /// <summary>The folder whose libtorch computes; null for the one that came with the program.</summary>
    public static string? Folder => _folder;

    /// <summary>Takes the libtorch of a folder instead of the one that came with the program. To be called before anything is computed.</summary>
    /// <param name="folder">A Python <c>torch</c> package (site-packages/torch), an unpacked libtorch archive, or the lib folder of either; for CPU or CUDA.</param>
    /// <exception cref="TorchRuntimeException">There is no libtorch in the folder, it is of another version than TorchSharp needs, or another one is at work already.</exception>
    public static void Use(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        lock (Gate)
        {
            var libraries = LibTorchFolder.Open(folder);
            if (_folder == libraries.Path) return;
            if (_bridge != IntPtr.Zero || _folder is not null)
                throw new TorchRuntimeException($"libtorch of {_folder ?? "this program"} is at work already; {nameof(TorchRuntime)}.{nameof(Use)} has to come before the first model or tensor.");
            _folder = libraries.Path;
            Redirect();
        }
    }

    /// <summary>
    /// Sees to it that TorchSharp finds its native library. Costs nothing until something is computed; every assembly of the engine calls it when it is first used.
    /// </summary>
    public static void Register()
    {
        lock (Gate)
        {
            if (_registered) return;
            _registered = true;
            // Asked only where .NET's own search has failed: the library is missing a version, or the program has none.
            if (AssemblyLoadContext.GetLoadContext(typeof(TorchRuntime).Assembly) is { } context) context.ResolvingUnmanagedDll += (_, name) => name == Bridge ? Load() : IntPtr.Zero;
        }
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder) Use(folder);
    }

    /// <summary>
    /// TorchSharp looks beside itself first, where a program may have another libtorch; two in one process do not work. So its own search is taken
    /// as done, and its calls are bound to the library loaded here.
    /// </summary>
    private static void Redirect()
    {
        var assembly = typeof(torch).Assembly;
        try
        {
            NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name == Bridge ? Load() : IntPtr.Zero);
        }
        catch (InvalidOperationException e)
        {
            throw new TorchRuntimeException($"The libtorch of {_folder} cannot be used: this program resolves TorchSharp's libraries itself.", e);
        }
        foreach (string done in (string[])["nativeBackendLoaded", "nativeBackendCudaLoaded"])
        {
            var field = typeof(torch).GetField(done, BindingFlags.NonPublic | BindingFlags.Static)
                ?? throw new TorchRuntimeException($"TorchSharp {assembly.GetName().Version} loads libtorch in another way than the one this engine knows; leave out {FolderVariable}.");
            field.SetValue(null, true);
        }
    }

    private static IntPtr Load()
    {
        lock (Gate)
        {
            if (_bridge == IntPtr.Zero) _bridge = BridgeLibrary.Load(_folder is null ? null : LibTorchFolder.Open(_folder));
            return _bridge;
        }
    }
}
