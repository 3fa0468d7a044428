using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>
/// Folders of a set, some of which cannot be read: by their rights, or since their names are no text. Whoever looks for something in one finds nothing;
/// <see cref="Tell"/> says so, once for the set.
/// </summary>
internal static class ReadableFolders
{
    /// <summary>Names the folders below one that cannot be read: what they hold is missing in what is read.</summary>
    /// <exception cref="AnnotationFileException">The folder itself cannot be read, or nobody listens to problems.</exception>
    public static void Tell(string folder, FormatReport report)
    {
        string full = Path.GetFullPath(folder);
        var unreadable = new SortedSet<string>(StringComparer.Ordinal);
        Guarded(folder, () => FolderTree.Files(folder, new() { Unreadable = f => unreadable.Add(f) }).Count());
        foreach (string one in unreadable)
            report.LeftOut(NameOf(folder), "", $"the folder '{Path.GetRelativePath(full, one)}' cannot be read", "it is passed over");
    }

    /// <summary>Refuses a folder that cannot be read.</summary>
    /// <exception cref="AnnotationFileException">It cannot.</exception>
    public static void Require(string folder) => Guarded(folder, () => Directory.EnumerateFileSystemEntries(folder).Any());

    /// <summary>Whether a folder can be read: what it is called says nothing where what it holds does not.</summary>
    public static bool IsReadable(string folder)
    {
        try
        {
            Require(folder);
            return true;
        }
        catch (AnnotationFileException)
        {
            return false;
        }
    }

    /// <summary>Full paths of the folders in one, in order; none where it cannot be read.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="links">Whether links count, which may lead around.</param>
    public static IReadOnlyList<string> In(string folder, bool links = true) =>
        Found(() => Directory.EnumerateDirectories(folder, "*", new EnumerationOptions { AttributesToSkip = links ? 0 : FileAttributes.ReparsePoint }));

    /// <summary>The files in a folder and not below it, in order; none where it cannot be read.</summary>
    public static IReadOnlyList<string> FilesIn(string folder) => Found(() => Directory.EnumerateFiles(folder));

    /// <summary>Full paths of the files below a folder, as <see cref="FolderTree"/> has them; what cannot be read is passed over.</summary>
    public static IReadOnlyList<string> FilesBelow(string folder) => Found(() => FolderTree.Files(folder, new() { Unreadable = _ => { } }));

    private static IReadOnlyList<string> Found(Func<IEnumerable<string>> list)
    {
        try
        {
            return [.. list().Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void Guarded<T>(string folder, Func<T> list)
    {
        try
        {
            list();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AnnotationFileException(NameOf(folder), "", "the folder cannot be read: this user may not list what is in it", e);
        }
    }

    private static string NameOf(string folder) => Path.GetFileName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar)) is { Length: > 0 } name
        ? name : folder;
}
