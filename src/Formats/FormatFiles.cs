using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>The files of a set whose path is a file or a folder.</summary>
internal static class FormatFiles
{
    /// <summary>
    /// The file itself, or the json files below the folder that are of the format, in order of name. Others may lie there for other
    /// reasons, but what should be JSON and is not is reported.
    /// </summary>
    public static IReadOnlyList<string> Json(string path, AnnotationFormat format, FormatReport report)
    {
        if (File.Exists(path)) return [path];
        var files = new List<string>();
        foreach (string file in Below(path, ".json"))
        {
            if (FormatRecognition.OfJson(file, out string? fault) == format) files.Add(file);
            else if (fault is not null) report.LeftOut(Path.GetRelativePath(path, file), "", fault, "the file is left out");
        }
        return files;
    }

    /// <summary>A folder's folder of that name, however it is spelled; null where there is none.</summary>
    public static string? Folder(string folder, string name)
    {
        string exact = Path.Combine(folder, name);
        if (Directory.Exists(exact)) return exact;
        return !Directory.Exists(folder) ? null : ReadableFolders.In(folder)
            .FirstOrDefault(d => Path.GetFileName(d).Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>
    /// Files below a folder with one of the extensions (with dot, any case), in order of path. Each real folder is entered once, and pipes and devices are no
    /// files. What cannot be read is passed over; <see cref="ReadableFolders.Tell"/> says so.
    /// </summary>
    public static IReadOnlyList<string> Below(string folder, params string[] extensions)
    {
        if (!Directory.Exists(folder)) throw new FileNotFoundException($"There is no file or folder '{folder}'.", folder);
        string start = Path.GetFullPath(folder);
        // Paths begin as the folder was given, as messages and relative names have them.
        return [.. ReadableFolders.FilesBelow(folder).Select(f => Path.Join(folder, Path.GetRelativePath(start, f)))
            .Where(f => extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase) && FileKinds.Of(f) != FileKind.Special)
                .Order(StringComparer.Ordinal)];
    }
}
