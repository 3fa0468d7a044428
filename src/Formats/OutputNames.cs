using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>From the names of images, which may be hostile, to paths inside the output folder.</summary>
internal sealed class OutputNames(string folder)
{
    private readonly HashSet<string> _used = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _counts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The image's name without its extension, below the folder; its own sub-folders stay. Two images never get one name, and a name too long for a file
    /// is cut and gets its hash.
    /// </summary>
    /// <param name="fileName">The image's name.</param>
    /// <param name="file">What messages call the file.</param>
    /// <exception cref="AnnotationFileException">The name would leave the folder.</exception>
    public string PathFor(string fileName, string file)
    {
        string relative = Relative(fileName, file), stem = Path.ChangeExtension(relative, null);
        if (Path.GetFileName(stem).Length == 0) stem = relative;
        stem = string.Join('/', stem.Split('/').Select(FolderPath.Shortened));
        string unused = stem;
        if (!_used.Add(stem))
        {
            // Counted on from the last number of this name: a set whose images all have one name takes no longer than another.
            int count = _counts.GetValueOrDefault(stem, 1);
            do unused = $"{stem}-{++count}";
            while (!_used.Add(unused));
            _counts[stem] = count;
        }
        return FolderPath.Under(folder, unused);
    }

    /// <summary>The name with forward slashes.</summary>
    /// <exception cref="AnnotationFileException">It is empty, absolute, or has a component that leads out or that no file system takes.</exception>
    public static string Relative(string fileName, string file) =>
        TryRelative(fileName) ?? throw new AnnotationFileException(file, "", $"the image's name '{MessageText.Cut(fileName)}' is not a path below a folder");

    /// <summary>As <see cref="Relative"/>, or null where that throws.</summary>
    public static string? TryRelative(string fileName) => FolderPath.TryRelative(fileName);

    /// <summary>A piece of a file name made of a label: letters, digits, '-' and '_'.</summary>
    public static string Slug(string? label)
    {
        if (string.IsNullOrEmpty(label)) return "";
        string slug = string.Concat(label.Take(60).Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        return FolderPath.Shortened(slug);
    }
}
