namespace SemanticSam.Server.Images;

/// <summary>Images by path: only below the folders that were named, links followed first.</summary>
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
                if (!IsBelow(real, folder) || new FileInfo(real) is not { Exists: true } file || file.Length > most) continue;
                return await File.ReadAllBytesAsync(real, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                // The same answer as for a file that is not there.
            }
        throw new RefusedException("path_refused", "There is no such image below the folders that this server may read.");
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
