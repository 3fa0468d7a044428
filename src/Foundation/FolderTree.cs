namespace SemanticSam.Foundation;

/// <summary>How a folder tree is walked.</summary>
internal sealed record FolderTreeOptions
{
    /// <summary>Whether folders below are entered.</summary>
    public bool Deep { get; init; } = true;

    /// <summary>Whether links to folders are followed. Nothing that deletes does.</summary>
    public bool FollowsLinks { get; init; } = true;

    /// <summary>Whether names that begin with a dot are passed over.</summary>
    public bool SkipsHidden { get; init; } = true;

    /// <summary>A folder that is passed over, as a full path; null for none.</summary>
    public string? Except { get; init; }

    /// <summary>Told of folders below that cannot be read; null throws.</summary>
    public Action<string>? Unreadable { get; init; }
}

/// <summary>The files of a folder. Each real folder is entered once, whatever links lead to it: links that loop or multiply end.</summary>
internal static class FolderTree
{
    /// <summary>
    /// Full paths of files, without order. A folder that is there is listed under its own path; one that only links lead to under the first of them by name.
    /// </summary>
    /// <param name="folder">Where to begin.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="IOException">The first folder cannot be read, or another one and nobody listens.</exception>
    public static IEnumerable<string> Files(string folder, FolderTreeOptions? options = null)
    {
        options ??= new();
        var entered = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Queue<string>([Path.GetFullPath(folder)]);
        var links = new SortedSet<string>(StringComparer.Ordinal);
        bool first = true;
        while (true)
        {
            // Links wait until all that lies there itself was entered.
            if (!waiting.TryDequeue(out string? next))
            {
                if (links.Min is not { } link) yield break;
                links.Remove(link);
                next = link;
            }
            if (next == options.Except || !entered.Add(Identity(next))) continue;
            foreach (var entry in Entries(next, first, options))
            {
                if (options.SkipsHidden && entry.Name[0] == '.') continue;
                if (entry is not DirectoryInfo) yield return entry.FullName;
                else if (!options.Deep) continue;
                else if (entry.LinkTarget is null) waiting.Enqueue(entry.FullName);
                else if (options.FollowsLinks) links.Add(entry.FullName);
            }
            first = false;
        }
    }

    private static FileSystemInfo[] Entries(string folder, bool first, FolderTreeOptions options)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFileSystemInfos()];
        }
        catch (Exception e) when ((e is IOException or UnauthorizedAccessException) && !first && options.Unreadable is not null)
        {
            options.Unreadable(folder);
            return [];
        }
    }

    /// <summary>By the system's number where it tells it, else by the path behind all links.</summary>
    private static string Identity(string folder)
    {
        if (FileKinds.Identity(folder) is { } known) return $"{known.Device}:{known.File}";
        try
        {
            return new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder;
        }
        catch (IOException)
        {
            return folder; // a link in a circle; reading it will say so
        }
    }
}
