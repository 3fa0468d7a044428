using System.Runtime.InteropServices;

namespace SemanticSam.Torch;

/// <summary>TorchSharp's own native library, the bridge between .NET and libtorch.</summary>
internal static class BridgeLibrary
{
    /// <summary>Loads it after the libtorch it is to call.</summary>
    /// <param name="chosen">The libtorch to call; null for the one that lies where the program's libraries lie.</param>
    /// <returns>A handle; zero where the program has no such library, so that TorchSharp reports it as usual.</returns>
    /// <exception cref="TorchRuntimeException">It is there and does not load.</exception>
    public static IntPtr Load(LibTorchFolder? chosen)
    {
        string file = LibTorchFolder.FileName("LibTorchSharp");
        string? bridge = ProgramFolders().Select(f => Path.Combine(f, file)).FirstOrDefault(File.Exists);
        if (bridge is null) return chosen is null ? IntPtr.Zero : throw new TorchRuntimeException($"{file} is missing beside the program; reference the package TorchSharp.");
        chosen ??= ProgramFolders().Where(f => File.Exists(Path.Combine(f, LibTorchFolder.FileName("torch_cpu")))).Select(f => new LibTorchFolder(f, null)).FirstOrDefault()
            ?? throw new TorchRuntimeException(
                $"There is no libtorch: reference TorchSharp-cpu or a TorchSharp-cuda package, or set {TorchRuntime.FolderVariable} to the folder of an installed torch.");
        foreach (string library in chosen.InLoadingOrder()) LoadFile(library);
        if (NativeLibrary.TryLoad(bridge, out var handle)) return handle;
        if (OperatingSystem.IsLinux() && SymbolVersions.RelaxedCopy(bridge) is { } copy) return LoadFile(copy);
        return LoadFile(bridge);
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
            throw new TorchRuntimeException($"{path} cannot be loaded: {reason}", e);
        }
    }
}
