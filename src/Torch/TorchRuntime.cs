using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace SemanticSam.Torch;

/// <summary>
/// Which libtorch computes, and that it loads. By default it is the one that came with the program: beside it (a TorchSharp-cpu or
/// TorchSharp-cuda-… package), or in a folder libtorch of its own. <see cref="Use"/>, or the environment variable SEMSAM_LIBTORCH, takes the one of an
/// installed Python torch or of a libtorch archive; a program that wants this choice must not have a libtorch beside it, since TorchSharp
/// takes that before anyone is asked, and two in one process do not work.
/// </summary>
/// <remarks>
/// On Linux with a libstdc++ older than GCC 13's (Debian 12, Ubuntu 22.04), TorchSharp's native library asks for a version that is not there and
/// that it does not need; a copy without that demand is then loaded from the user's cache folder (see <see cref="RelaxedLibrary"/>).
/// </remarks>
public static class TorchRuntime
{
    /// <summary>The environment variable that names the folder of an installed libtorch.</summary>
    public const string FolderVariable = "SEMSAM_LIBTORCH";

    private const string Bridge = "LibTorchSharp";
    private static readonly Lock Gate = new();
    private static bool _registered;
    private static string? _folder, _system;
    private static IntPtr _bridge;
    private static TorchRuntimeException? _failure;

    /// <summary>The folder whose libtorch computes; null for the one that came with the program.</summary>
    public static string? Folder => _folder;

    /// <summary>Whether a libtorch was loaded.</summary>
    internal static bool IsLoaded => _bridge != IntPtr.Zero;

    /// <summary>
    /// Takes the libtorch of a folder instead of the one that SEMSAM_LIBTORCH names or that lies in the program's folder libtorch. To be called
    /// before anything is computed.
    /// </summary>
    /// <param name="folder">A Python <c>torch</c> package (site-packages/torch), an unpacked libtorch archive, or the lib folder of either; for CPU or
    /// CUDA.</param>
    /// <exception cref="Foundation.SemanticSamException">
    /// There is no libtorch in the folder, it is of another version than TorchSharp needs, or another one is at work already or lies beside TorchSharp.
    /// </exception>
    public static void Use(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Register();
        lock (Gate)
        {
            var libraries = LibTorchFolder.Open(folder);
            if (_bridge != IntPtr.Zero)
            {
                if (_folder == libraries.Path) return;
                throw new TorchRuntimeException(TorchError.AlreadyLoaded, $"libtorch of {_folder ?? "this program"} is at work already; " +
                    (_system is null ? $"{nameof(TorchRuntime)}.{nameof(Use)} has to come before the first model or tensor."
                        : $"it had to be loaded before the system's own, {_system}. Set {FolderVariable} to choose another."));
            }
            BridgeLibrary.RequireFree(libraries);
            (_folder, _failure) = (libraries.Path, null);
            if (_system is not null) Load();
        }
    }

    /// <summary>
    /// Makes computing threads wait without keeping other programs off the cores; does nothing on other systems than Linux. A library does not set that
    /// for its host: call it as the first statement of a program, or set OMP_WAIT_POLICY in its environment. What the environment says already is left
    /// alone.
    /// </summary>
    public static void TuneProcess() => ProcessTuning.Apply();

    /// <summary>
    /// Sees to it that TorchSharp finds its native library. Costs nothing until something is computed, unless the system has a libtorch of its own: then the
    /// right one is loaded at once. Every assembly of the engine calls it when it is first used.
    /// </summary>
    public static void Register()
    {
        lock (Gate)
        {
            if (_registered) return;
            _registered = true;
            // Looked into when something is to be computed: what needs no libtorch works even if the variable is wrong.
            if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder) _folder = Path.GetFullPath(folder);
            if (AssemblyLoadContext.GetLoadContext(typeof(TorchRuntime).Assembly) is { } context)
                context.ResolvingUnmanagedDll += (_, name) => name == Bridge ? Probe() : IntPtr.Zero;
            try
            {
                NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) => name == Bridge ? Load() : IntPtr.Zero);
            }
            catch (InvalidOperationException)
            {
                // The program resolves TorchSharp's library itself.
            }
            _system = SystemLibTorch.Find();
            if (_system is not null) Probe();
        }
    }

    /// <summary>
    /// Asked by TorchSharp's own search, where .NET's has failed. If this one fails, too, TorchSharp copies half a gigabyte out of the package
    /// cache into the program's folder and then reports a page of what it tried. So it is told that all is well: the first call into the
    /// library asks <see cref="Load"/>, which throws what is wrong.
    /// </summary>
    private static IntPtr Probe()
    {
        try
        {
            return Load();
        }
        catch (TorchRuntimeException)
        {
            return NativeLibrary.GetMainProgramHandle();
        }
    }

    private static IntPtr Load()
    {
        lock (Gate)
        {
            if (_bridge != IntPtr.Zero) return _bridge;
            if (_failure is not null) throw _failure;
            try
            {
                var chosen = _folder is null ? null : LibTorchFolder.Open(_folder);
                if (chosen is not null) BridgeLibrary.RequireFree(chosen);
                _bridge = BridgeLibrary.Load(chosen, out bool cudaIsLoaded);
                if (cudaIsLoaded) DeclareCudaLoaded();
                return _bridge;
            }
            catch (TorchRuntimeException e)
            {
                _failure = e;
                throw;
            }
        }
    }

    /// <summary>TorchSharp looks for the CUDA libraries beside itself when a device is asked for, and fails where they lie elsewhere, loaded already.</summary>
    private static void DeclareCudaLoaded() =>
        typeof(torch).GetField("nativeBackendCudaLoaded", BindingFlags.NonPublic | BindingFlags.Static)?.SetValue(null, true);
}
