using System.Security.Cryptography;
using SemanticSam.Foundation;

namespace SemanticSam.Torch;

/// <summary>
/// Loads a copy of a library whose demand for a newer libstdc++ is weak (see <see cref="SymbolVersions"/>). The copy stays in the user's cache folder,
/// under the hash of the original, and is compared with what it has to be at each start: that costs less than 50 ms. Where there is no such
/// folder, or it cannot be written, the copy lies in a temporary folder of this process alone and is removed as soon as it is loaded.
/// </summary>
internal static class RelaxedLibrary
{
    /// <summary>Loads the copy.</summary>
    /// <param name="library">The original; it is only read.</param>
    /// <param name="load">Loads a file.</param>
    /// <returns>What <paramref name="load"/> gave; null where the library makes no such demand, so that a copy does not help.</returns>
    /// <exception cref="TorchRuntimeException">No copy can be written anywhere.</exception>
    public static IntPtr? Load(string library, Func<string, IntPtr> load) => Load(library, CacheFolder(), load);

    /// <summary>As the other.</summary>
    /// <param name="library">The original.</param>
    /// <param name="cache">Where copies stay; null for nowhere.</param>
    /// <param name="load">Loads a file.</param>
    internal static IntPtr? Load(string library, string? cache, Func<string, IntPtr> load)
    {
        byte[] content = File.ReadAllBytes(library);
        string key = Convert.ToHexStringLower(SHA256.HashData(content))[..16];
        if (!SymbolVersions.Relax(content)) return null;
        if (cache is not null)
        {
            string copy = Path.Combine(cache, key, Path.GetFileName(library));
            if (Keep(copy, content)) return load(copy);
        }
        DirectoryInfo? own = null;
        try
        {
            own = Directory.CreateTempSubdirectory("semsam-"); // for this user alone
            string copy = Path.Combine(own.FullName, Path.GetFileName(library));
            File.WriteAllBytes(copy, content);
            return load(copy);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TorchRuntimeException(TorchError.CannotLoad,
                $"{library} needs a copy to be loaded on this system, and neither {cache ?? "a cache folder (XDG_CACHE_HOME, HOME)"} nor " +
                $"{Path.GetTempPath()} can be written: {e.Message}", e);
        }
        finally
        {
            own?.Delete(recursive: true); // Linux keeps what is loaded
        }
    }

    /// <summary>Sees to it that a file has this content; whether it has.</summary>
    private static bool Keep(string path, byte[] content)
    {
        try
        {
            if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content)) return true;
            AtomicFile.Write(path, content); // two processes at once write the same bytes
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>$XDG_CACHE_HOME/semsam or ~/.cache/semsam; null for a service without a home.</summary>
    private static string? CacheFolder()
    {
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache) || !Path.IsPathRooted(cache))
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            if (home.Length == 0 || !Directory.Exists(home)) return null;
            cache = Path.Combine(home, ".cache");
        }
        return Path.Combine(cache, "semsam", "torchsharp");
    }
}
