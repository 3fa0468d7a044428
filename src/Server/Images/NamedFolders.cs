using SemanticSam.Foundation;

namespace SemanticSam.Server.Images;

/// <summary>Files by path: only below the folders that were named, links followed first.</summary>
internal sealed class NamedFolders(IReadOnlyList<string> folders)
{
    private readonly string[] _folders = [.. folders.Select(f => Real(Path.GetFullPath(f)))];

    /// <summary>Reads a file.</summary>
    /// <param name="path">Absolute, or relative to the first of the folders that has it.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <param name="cancellation">The client gave up.</param>
    /// <exception cref="RefusedException">
    /// Paths are refused, or this one lies elsewhere, is no file or too large: one message for all, so that nobody learns what exists.
    /// </exception>
    public async Task<byte[]> Read(string path, long most, CancellationToken cancellation)
    {
        if (_folders.Length == 0) throw new RefusedException("paths_refused", "This server takes no images by path: send the image itself.");
        foreach (string folder in _folders)
            try
            {
                string real = Real(Path.GetFullPath(path, folder));
                if (!IsBelow(real, folder) || FileKinds.Of(real) != FileKind.Regular || new FileInfo(real).Length > most) continue;
                return await File.ReadAllBytesAsync(real, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                // The same answer as for a file that is not there.
            }
        throw new RefusedException("path_refused", "There is no such image below the folders that this server may read.");
    }

    /// <summary>The real path of a file or folder that a tool reads itself, in which no link leads out of the named folders.</summary>
    /// <param name="path">Absolute, or relative to the first of the folders that has it.</param>
    /// <exception cref="RefusedException">As for <see cref="Read"/>; or a link below it leads elsewhere.</exception>
    public string Existing(string path)
    {
        Require("paths_refused", "This server reads no files by path: name a folder for it when it is started.");
        foreach (string folder in _folders)
            if (Within(path, folder, itself: true) is { } real && (File.Exists(real) || Directory.Exists(real)))
            {
                RequireNoWayOut(real, folder);
                return real;
            }
        throw new RefusedException("path_refused", "There is no such file or folder below the folders that this server may read.");
    }

    /// <summary>The real path of a file or folder to write, which need not be there yet.</summary>
    /// <param name="path">Absolute, or relative to the first of the folders.</param>
    /// <exception cref="RefusedException">Nothing may be written, or not there.</exception>
    public string ToWrite(string path)
    {
        Require("writing_refused", "This server writes no files: name a folder for that when it is started.");
        foreach (string folder in _folders)
            if (Within(path, folder) is { } real)
            {
                if (Directory.Exists(real)) RequireNoWayOut(real, folder);
                return real;
            }
        throw new RefusedException("path_refused", "That does not lie below the folders that this server may write.");
    }

    private void Require(string code, string message)
    {
        if (_folders.Length == 0) throw new RefusedException(code, message);
    }

    /// <summary>The real path, if it lies below a folder.</summary>
    private static string? Within(string path, string folder, bool itself = false)
    {
        try
        {
            string real = Real(Path.GetFullPath(path, folder));
            return IsBelow(real, folder) || itself && real == folder ? real : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>What reads or writes whole folders follows the links in them: each has to stay within.</summary>
    private static void RequireNoWayOut(string real, string folder)
    {
        if (!Directory.Exists(real)) return;
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = true };
        foreach (var entry in new DirectoryInfo(real).EnumerateFileSystemInfos("*", all))
            if (entry.LinkTarget is not null && Within(entry.FullName, folder, itself: true) is null)
                throw new RefusedException("path_refused", "A link in that folder leads out of the folders that this server may use.");
    }

    private static bool IsBelow(string path, string folder) => path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder
        + Path.DirectorySeparatorChar,
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    /// <summary>The path with every link on its way followed.</summary>
    private static string Real(string full)
    {
        string real = Path.GetPathRoot(full)!;
        foreach (string name in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, name);
            FileSystemInfo entry = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            // A link may lead through other links: what it leads to is resolved in its turn.
            real = entry.LinkTarget is null ? next : Real(Path.GetFullPath(entry.ResolveLinkTarget(returnFinalTarget: true)!.FullName));
        }
        return real;
    }
}
