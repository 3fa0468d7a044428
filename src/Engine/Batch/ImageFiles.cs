namespace SemanticSam.Engine.Batch;

/// <summary>Walks folders for images.</summary>
internal static class ImageFiles
{
    private static readonly string[] Endings = [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".gif", ".ico", ".tif", ".tiff"];

    /// <summary>What is an image, too, but cannot be read.</summary>
    private static readonly string[] OtherEndings =
    [
        ".heic", ".heif", ".avif", ".jxl", ".jp2", ".j2k", ".jpx", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".psd", ".svg", ".exr", ".hdr", ".tga", ".pcx",
        ".ppm", ".pgm", ".pbm", ".pnm", ".dcm", ".nii", ".mp4", ".mov", ".avi", ".mkv",
    ];

    /// <summary>Whether a name ends as images do. Only folders are filtered so: what is named singly is taken at its word.</summary>
    public static bool LooksLikeImage(string path) => Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a name ends as images or videos do that cannot be read.</summary>
    public static bool LooksLikeOtherImage(string path) => OtherEndings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Full paths of the files of a folder and, if wanted, of those below it. Hidden names are passed over; links to folders are followed
    /// unless they lead back up.
    /// </summary>
    /// <param name="folder">Where to begin; it must exist.</param>
    /// <param name="recursive">Whether to go down.</param>
    /// <param name="except">A folder that is passed over: the one that results go to.</param>
    /// <param name="unreadable">Told of folders below that cannot be read.</param>
    public static IEnumerable<string> Walk(string folder, bool recursive, string? except, Action<string> unreadable)
    {
        var waiting = new Stack<(string Folder, string[] Above)>();
        waiting.Push((Path.GetFullPath(folder), []));
        bool top = true;
        while (waiting.TryPop(out var next))
        {
            if (next.Folder == except) continue;
            FileSystemInfo[] entries;
            try
            {
                entries = [.. new DirectoryInfo(next.Folder).EnumerateFileSystemInfos()];
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (top) throw new BatchException(BatchError.Input, $"the folder '{folder}' cannot be read: {e.Message}");
                unreadable(next.Folder);
                continue;
            }
            top = false;
            string real = Real(new DirectoryInfo(next.Folder));
            foreach (var entry in entries.Where(e => e.Name[0] != '.'))
            {
                if (entry is not DirectoryInfo below) yield return entry.FullName;
                else if (recursive && (below.LinkTarget is null || Real(below) is var target && target != real && !next.Above.Contains(target)))
                    waiting.Push((below.FullName, [.. next.Above, real]));
            }
        }
    }

    private static string Real(DirectoryInfo folder)
    {
        try
        {
            return (folder.ResolveLinkTarget(returnFinalTarget: true) ?? folder).FullName;
        }
        catch (IOException)
        {
            return folder.FullName; // a link in a circle; reading it will say so
        }
    }
}
