namespace SemanticSam.Formats;

/// <summary>From the names of images, which may be hostile, to paths inside the output folder.</summary>
internal sealed class OutputNames(string folder)
{
    private readonly HashSet<string> _used = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The image's name without its extension, below the folder; its own sub-folders stay. Two images never get one name.</summary>
    /// <param name="fileName">The image's name.</param>
    /// <param name="file">What messages call the file.</param>
    /// <exception cref="AnnotationFileException">The name would leave the folder.</exception>
    public string PathFor(string fileName, string file)
    {
        string relative = Relative(fileName, file), stem = Path.ChangeExtension(relative, null);
        if (Path.GetFileName(stem).Length == 0) stem = relative;
        string unused = stem;
        for (int count = 2; !_used.Add(unused); count++) unused = $"{stem}-{count}";
        return Path.Combine([folder, .. unused.Split('/')]);
    }

    /// <summary>The name with forward slashes.</summary>
    /// <exception cref="AnnotationFileException">It is empty, absolute, or has a component that leads out or that no file system takes.</exception>
    public static string Relative(string fileName, string file) =>
        TryRelative(fileName) ?? throw new AnnotationFileException(file, "", $"the image's name '{Shown(fileName)}' is not a path below a folder");

    /// <summary>As <see cref="Relative"/>, or null where that throws.</summary>
    public static string? TryRelative(string fileName)
    {
        string name = fileName.Replace('\\', '/');
        string[] components = name.Split('/');
        if (components.Any(c => c is ".")) components = [.. components.Where(c => c != ".")];
        bool bad = name.Length == 0 || components.Length == 0 || name.Length > 4000 || name.Contains(':')
            || components.Any(c => c.Length is 0 or > 255 || c is ".." || c.Any(char.IsControl));
        return bad ? null : string.Join('/', components);
    }

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
        return safe is "" or "." or ".." ? "image" : safe;
    }

    /// <summary>An address without what stands behind its path, and with its escapes undone.</summary>
    public static string WithoutQuery(string name)
    {
        if (!name.Contains("://", StringComparison.Ordinal) && !name.StartsWith("/data/", StringComparison.Ordinal)) return name;
        int end = name.IndexOfAny(['?', '#']);
        // Label Studio serves local files as /data/local-files/?d=path.
        if (name.IndexOf("?d=", StringComparison.Ordinal) is >= 0 and var local) return Uri.UnescapeDataString(name[(local + 3)..]);
        return Uri.UnescapeDataString(end < 0 ? name : name[..end]);
    }

    /// <summary>A piece of a file name made of a label: letters, digits, '-' and '_'.</summary>
    public static string Slug(string? label)
    {
        if (string.IsNullOrEmpty(label)) return "";
        string slug = string.Concat(label.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        return slug.Length > 60 ? slug[..60] : slug;
    }

    public static string Shown(string name) => name.Length > 80 ? name[..80] + "..." : name;
}
