using System.Text;

namespace SemanticSam.Torch;

/// <summary>
/// The libtorch that Linux's linker finds by name, such as Debian's of its Python package. TorchSharp takes one by name before anybody is asked, whatever its
/// version, unless another one is loaded by then.
/// </summary>
internal static class SystemLibTorch
{
    private const string Library = "libtorch_cpu.so", Cache = "/etc/ld.so.cache";

    /// <summary>Folders that are searched without an entry in the cache.</summary>
    private static readonly string[] Trusted = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"];

    /// <summary>Its path; null where there is none, and on other systems.</summary>
    public static string? Find() => OperatingSystem.IsLinux() ? Find(Environment.GetEnvironmentVariable("LD_LIBRARY_PATH"), Cache) : null;

    /// <summary>As the other.</summary>
    /// <param name="folders">Folders that are searched first, as LD_LIBRARY_PATH has them; null for none.</param>
    /// <param name="cache">The linker's list of libraries; it may be missing.</param>
    internal static string? Find(string? folders, string cache)
    {
        var first = (folders ?? "").Split([':', ';'], StringSplitOptions.RemoveEmptyEntries).Select(f => Path.Combine(f, Library));
        return first.Concat(Listed(cache)).Concat(Trusted.Select(f => Path.Combine(f, Library))).FirstOrDefault(File.Exists);
    }

    /// <summary>The paths that the cache has: texts that end in a zero.</summary>
    private static IEnumerable<string> Listed(string cache)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(cache);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }
        byte[] name = [.. Encoding.UTF8.GetBytes($"/{Library}"), 0];
        for (int at = 0; (at = content.AsSpan(at).IndexOf(name) is var step and >= 0 ? at + step : -1) >= 0; at += name.Length)
        {
            int start = content.AsSpan(0, at).LastIndexOf((byte)0) + 1;
            yield return Encoding.UTF8.GetString(content, start, at - start + name.Length - 1);
        }
    }
}
