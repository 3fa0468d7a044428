using System.Text.RegularExpressions;
using SemanticSam.Foundation;

namespace SemanticSam.Torch;

/// <summary>A folder with the libraries of an installed libtorch.</summary>
/// <param name="Path">Where the libraries lie.</param>
/// <param name="Version">As the installation states it, such as 2.10.0+cu128; null where it states none.</param>
internal sealed partial record LibTorchFolder(string Path, string? Version)
{
    /// <summary>The versions whose native interface TorchSharp 0.107 was seen to work with: 2.10, for which it is built, and 2.11 (on one machine with CUDA
    /// 13).</summary>
    private static readonly string[] Accepted = ["2.10", "2.11"];

    /// <summary>Finds the libraries and checks the version.</summary>
    /// <param name="folder">A Python torch package, a libtorch archive, or the lib folder of either.</param>
    /// <exception cref="TorchRuntimeException">There are none, or of a version that does not fit.</exception>
    public static LibTorchFolder Open(string folder)
    {
        if (!Directory.Exists(folder)) throw new TorchRuntimeException(TorchError.NotFound, $"There is no libtorch in {folder}: the folder does not exist.");
        string[] places = [folder, System.IO.Path.Combine(folder, "lib"), System.IO.Path.Combine(folder, "torch", "lib"),
            System.IO.Path.Combine(folder, "libtorch", "lib")];
        string? path = places.FirstOrDefault(p => File.Exists(System.IO.Path.Combine(p, FileName("torch_cpu"))));
        if (path is null)
            throw new TorchRuntimeException(TorchError.NotFound,
                $"There is no libtorch in {folder}: neither it nor its lib folder holds {FileName("torch_cpu")}. Name the folder of a Python torch package " +
                "or of a libtorch archive.");
        string? version = StatedVersion(path);
        if (version is not null && !Accepted.Any(a => version.StartsWith(a + ".", StringComparison.Ordinal)))
            throw new TorchRuntimeException(TorchError.WrongVersion,
                $"The libtorch in {path} is version {version}; version {string.Join(" or ", Accepted)} is needed.");
        return new(System.IO.Path.GetFullPath(path), version);
    }

    /// <summary>The libraries that the bridge needs, each after those that it needs itself.</summary>
    public IEnumerable<string> InLoadingOrder() =>
        ((string[])["c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch"]).Select(n => System.IO.Path.Combine(Path, FileName(n))).Where(File.Exists);

    /// <summary>What a library is called on this system.</summary>
    public static string FileName(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    /// <summary>A Python package says it in version.py, an archive in build-version, both one folder above the libraries.</summary>
    private static string? StatedVersion(string libraries)
    {
        string? above = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(libraries));
        if (above is null) return null;
        string python = System.IO.Path.Combine(above, "version.py"), archive = System.IO.Path.Combine(above, "build-version");
        if (File.Exists(python)) return PythonVersion().Match(RegularFile.ReadAllText(python, RegularFile.LargestText)) is { Success: true } found
            ? found.Groups[1].Value : null;
        return File.Exists(archive) ? RegularFile.ReadAllText(archive, RegularFile.LargestText).Trim() : null;
    }

    [GeneratedRegex("""__version__\s*=\s*['"]([^'"]+)['"]""")]
    private static partial Regex PythonVersion();
}
