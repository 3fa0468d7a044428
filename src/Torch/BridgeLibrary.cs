using System.Runtime.InteropServices;

namespace SemanticSam.Torch;

/// <summary>TorchSharp's own native library, the bridge between .NET and libtorch.</summary>
internal static class BridgeLibrary
{
    /// <summary>Loads it after the libtorch it is to call.</summary>
    /// <param name="chosen">The libtorch to call; null for the one that came with the program.</param>
    /// <param name="cudaIsLoaded">Whether all of libtorch's libraries, for CUDA those too, were loaded here.</param>
    /// <returns>A handle; zero where the program has no such library, so that TorchSharp reports it as usual.</returns>
    /// <exception cref="TorchRuntimeException">It is there and does not load, or there is no libtorch.</exception>
    public static IntPtr Load(LibTorchFolder? chosen, out bool cudaIsLoaded)
    {
        cudaIsLoaded = false;
        string file = LibTorchFolder.FileName("LibTorchSharp");
        string? bridge = ProgramFolders().Select(f => Path.Combine(f, file)).FirstOrDefault(File.Exists);
        if (bridge is null)
            return chosen is null
                ? IntPtr.Zero
                : throw new TorchRuntimeException(TorchError.NotFound, $"{file} is missing beside the program; reference the package TorchSharp.");
        string? beside = Beside();
        var libraries = chosen ?? (beside is null ? OfProgram() : new(beside, null));
        // As the system finds it: a libtorch beside it, or one that the program has loaded. On Linux it may find another version among the system's own,
        // whose libraries stay even where the bridge does not fit them, so what came with the program is loaded first.
        if ((libraries is null || chosen is null && !OperatingSystem.IsLinux()) && NativeLibrary.TryLoad(bridge, out var handle)) return handle;
        if (libraries is null)
            throw new TorchRuntimeException(TorchError.NotFound,
                $"There is no libtorch: reference TorchSharp-cpu or a TorchSharp-cuda package, or set {TorchRuntime.FolderVariable} to the folder of an " +
                    $"installed torch.");
        foreach (string library in libraries.InLoadingOrder()) LoadFile(library);
        cudaIsLoaded = libraries.Path != beside;
        if (NativeLibrary.TryLoad(bridge, out handle)) return handle;
        return OperatingSystem.IsLinux() && RelaxedLibrary.Load(bridge, LoadFile) is { } relaxed ? relaxed : LoadFile(bridge);
    }

    /// <summary>Refuses another libtorch than the one beside the program: TorchSharp loads that before anyone is asked.</summary>
    /// <exception cref="TorchRuntimeException">There is one.</exception>
    public static void RequireFree(LibTorchFolder chosen)
    {
        if (Beside() is { } beside && Path.GetFullPath(beside) != chosen.Path)
            throw new TorchRuntimeException(TorchError.AlreadyLoaded,
                $"The libtorch in {chosen.Path} cannot be used: this program has one beside it, in {beside}, which TorchSharp takes first. Build it with " +
                "the package TorchSharp alone.");
    }

    /// <summary>The folder of a libtorch where .NET looks for libraries; null for none.</summary>
    private static string? Beside() => ProgramFolders().FirstOrDefault(f => File.Exists(Path.Combine(f, LibTorchFolder.FileName("torch_cpu"))));

    /// <summary>The program's folder libtorch, where programs of this repository have theirs; null for none.</summary>
    private static LibTorchFolder? OfProgram()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "libtorch");
        return File.Exists(Path.Combine(folder, LibTorchFolder.FileName("torch_cpu"))) ? new(folder, null) : null;
    }

    /// <summary>Where the host looks for the program's native libraries, then the program's own folder.</summary>
    private static IEnumerable<string> ProgramFolders()
    {
        var listed = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return listed.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Append(AppContext.BaseDirectory)
            .Append(Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native")).Distinct();
    }

    private static IntPtr LoadFile(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            // .NET puts the system's reason behind advice of its own.
            string reason = e.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? e.Message;
            throw new TorchRuntimeException(TorchError.CannotLoad, $"{path} cannot be loaded: {reason}", e);
        }
    }
}
