namespace SemanticSam.Formats;

/// <summary>The files of a set whose path is a file or a folder.</summary>
internal static class FormatFiles
{
    private static readonly EnumerationOptions Deep = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };

    /// <summary>The file itself, or the json files below the folder that are wanted, in order of name.</summary>
    public static IReadOnlyList<string> Json(string path, Func<string, bool> wanted) => File.Exists(path) ? [path] : [.. Below(path, ".json").Where(wanted)];

    /// <summary>Files below a folder with one of the extensions (with dot, any case), in order of path.</summary>
    public static IReadOnlyList<string> Below(string folder, params string[] extensions)
    {
        if (!Directory.Exists(folder)) throw new FileNotFoundException($"There is no file or folder '{folder}'.", folder);
        return [.. Directory.EnumerateFiles(folder, "*", Deep).Where(f => extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];
    }
}
