using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>From the names of images, which may be hostile, to paths inside the output folder.</summary>
internal sealed class OutputNames(string folder)
{
    private readonly HashSet<string> _used = new(StringComparer.Ordinal); // as file systems compare names that are not particular
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Whether the last path has a number behind the image's name, since another image had that already.</summary>
    public bool IsCounted { get; private set; }

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
        // ".jpg" and "..." are names of files, and nothing, or the folder above, without what looks like their ending.
        if (!FolderPath.IsListed(stem)) stem = relative;
        stem = string.Join('/', stem.Split('/').Select(FolderPath.Shortened));
        string unused = stem, folded = FolderPath.Folded(stem);
        IsCounted = !_used.Add(folded);
        if (IsCounted)
        {
            // Counted on from the last number of this name: a set whose images all have one name takes no longer than another.
            int count = _counts.GetValueOrDefault(folded, 1);
            do unused = $"{stem}-{++count}";
            while (!_used.Add(FolderPath.Folded(unused)));
            _counts[folded] = count;
        }
        return FolderPath.Under(folder, unused);
    }

    /// <summary>The name with forward slashes.</summary>
    /// <exception cref="AnnotationFileException">It is empty, absolute, or has a component that leads out or that no file system takes.</exception>
    public static string Relative(string fileName, string file) =>
        TryRelative(fileName) ?? throw new AnnotationFileException(file, "", $"the image's name '{MessageText.Cut(fileName)}' is not a path below a folder");

    /// <summary>As <see cref="Relative"/>, or null where that throws.</summary>
    public static string? TryRelative(string fileName) => FolderPath.TryRelative(fileName);

    /// <summary>
    /// The last part of a name that is no path below a folder (an address, a path of another machine, one that leads out), as a file name that
    /// every file system takes.
    /// </summary>
    public static string LastPart(string fileName)
    {
        string last = WithoutQuery(fileName).Replace('\\', '/').TrimEnd('/').Split('/')[^1];
        if (last.Length > 2 && last[1] == ':' && char.IsAsciiLetter(last[0])) last = last[2..]; // a drive
        string safe = string.Concat(last.Select(c => c == ':' || char.IsControl(c) || c == '/' ? '_' : c)).Trim();
        if (safe.Length > 200) safe = safe[..100] + safe[^100..];
        safe = FolderPath.WithoutLoneSurrogates(safe);
        return safe is "" or "." or ".." ? "image" : safe;
    }

    /// <summary>An address without what stands behind its path, and with its escapes undone.</summary>
    public static string WithoutQuery(string name)
    {
        if (!name.Contains("://", StringComparison.Ordinal) && !name.StartsWith("/data/", StringComparison.Ordinal)) return name;
        int end = name.IndexOfAny(['?', '#']);
        // Label Studio serves local files as /data/local-files/?d=path, and others as .../uploaded/?filepath=path.
        foreach (string key in (string[])["?d=", "?filepath="])
            if (name.IndexOf(key, StringComparison.Ordinal) is >= 0 and var local) return Uri.UnescapeDataString(name[(local + key.Length)..]);
        return Uri.UnescapeDataString(end < 0 ? name : name[..end]);
    }

    /// <summary>A piece of a file name made of a label: letters, digits, '-' and '_'.</summary>
    public static string Slug(string? label)
    {
        if (string.IsNullOrEmpty(label)) return "";
        string slug = string.Concat(label.Take(60).Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        return FolderPath.Shortened(slug);
    }
}
