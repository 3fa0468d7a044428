using SemanticSam.Formats.Png;
using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>The files of a set whose path is a file or a folder.</summary>
internal static class FormatFiles
{
    /// <summary>
    /// The file itself, or the json files below the folder that are of the format, in order of name. Others may lie there for other
    /// reasons, but what should be JSON and is not is reported.
    /// </summary>
    /// <exception cref="AnnotationFileException">There is none of the format in the folder, and it may not be empty.</exception>
    public static IReadOnlyList<string> Json(string path, AnnotationFormat format, FormatReport report, bool mayBeEmpty)
    {
        if (File.Exists(path)) return [path];
        var files = new List<string>();
        bool isDamaged = false;
        foreach (string file in Below(path, ".json"))
        {
            if (FormatRecognition.OfJson(file, out string? fault) == format) files.Add(file);
            else if (fault is null) continue;
            else
            {
                report.LeftOut(Path.GetRelativePath(path, file), "", fault, "the file is left out");
                isDamaged = true;
            }
        }
        return files.Count > 0 || isDamaged || mayBeEmpty ? files : throw None(path, format);
    }

    /// <summary>What is wrong with a folder that has no file of the format that was named.</summary>
    private static AnnotationFileException None(string folder, AnnotationFormat format)
    {
        bool needsNames = format == AnnotationFormat.IndexPng && Below(folder, ".png").Count > 0;
        string more = format switch
        {
            AnnotationFormat.IndexPng => ": no JSON that tells what the values of a PNG are" + (needsNames ? ", and no file of names is given" : ""),
            AnnotationFormat.MaskPng => $": no {MaskPngs.Json}, and no folders images and masks for an image",
            _ => FormatRecognition.DescribeForeign(folder),
        };
        return new(folder, "", $"there is no {AnnotationFormats.Name(format)} in it{more}") { Need = needsNames ? AnnotationNeed.Names : null };
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
