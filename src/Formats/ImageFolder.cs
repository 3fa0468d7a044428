using System.Text;
using SemanticSam.Foundation.Characters;
using SemanticSam.Imaging;

namespace SemanticSam.Formats;

/// <summary>
/// Finds the images of a set in a folder: under the name that the annotations have, under its last parts, and, where other programs have put a
/// prefix or another extension, under its stem; with accents in one piece or in two. Looks into the folder once, when the name alone does not tell.
/// </summary>
/// <param name="folder">Where the images are.</param>
internal sealed class ImageFolder(string folder)
{
    /// <summary>In which images are looked for, in this order.</summary>
    public static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".jfif"];

    private readonly AccentedFiles _accented = new();
    private Dictionary<string, string>? _byName;

    public string Folder => folder;

    /// <summary>Whether an image is known by all of its name alone, since others have the same last part, as the frames of several videos.</summary>
    public bool AreNamesWhole { get; set; }

    /// <summary>The path of an image; null when there is none, or several that it could be.</summary>
    public string? Find(string name)
    {
        if (name.Length == 0) return null;
        string[] parts = OutputNames.WithoutQuery(name).Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0) return null;
        // All of the name first, then ever less of what stands before its last part.
        for (int from = 0; from < parts.Length; from++)
        {
            if (AreNamesWhole && from > 0) break;
            if (parts.Skip(from).Any(p => p is "." or ".." || p.Contains(':') || p.Contains('\0'))) continue;
            string path = Path.Combine([folder, .. parts[from..]]);
            if (_accented.Find(path) is { } there) return there;
            if (from < parts.Length - 1 && Accented(string.Join('/', parts[from..])) is { } below) return below;
        }
        if (AreNamesWhole) return Whole(string.Join('/', parts));
        string last = parts[^1];
        _byName ??= Index();
        foreach (string written in Spellings(last))
            foreach (string key in (string[])[written, Path.GetFileNameWithoutExtension(written), Unprefixed(written),
                Path.GetFileNameWithoutExtension(Unprefixed(written))])
                if (_byName.TryGetValue(CanonicalComposition.Compose(key), out string? found)) return found.Length == 0 ? null : found;
        return null;
    }

    /// <summary>The image of a path whose capitals or ending are others; null when there is none.</summary>
    private string? Whole(string path) => Extensions.Prepend(Path.GetExtension(path)).Select(e => Path.ChangeExtension(path, e))
        .Select(p => (_byName ??= Index()).GetValueOrDefault(CanonicalComposition.Compose(p))).FirstOrDefault(f => f is { Length: > 0 });

    /// <summary>The image of a path whose folders have accents in the other spelling; null when there is none.</summary>
    private string? Accented(string path) =>
        !Ascii.IsValid(path) && (_byName ??= Index()).TryGetValue(CanonicalComposition.Compose(path), out string? found) && found.Length > 0 ? found : null;

    /// <summary>Columns and rows of the upright image; null when it is not there or cannot be read.</summary>
    public (int Width, int Height)? SizeOf(string name) => Find(name) is { } path ? SizeOfFile(path) : null;

    public static (int Width, int Height)? SizeOfFile(string path)
    {
        try
        {
            return ImageFile.PeekSize(path);
        }
        catch (ImageException)
        {
            return null;
        }
    }

    /// <summary>How its pixels lie, as EXIF counts it; 1, which is upright, where it cannot be read.</summary>
    public static int OrientationOfFile(string path)
    {
        try
        {
            return ImageFile.PeekOrientation(path);
        }
        catch (ImageException)
        {
            return 1;
        }
    }

    /// <summary>Images below a folder, in order of path: files whose ending images have, and those without one that are images by content.</summary>
    public static IReadOnlyList<string> Below(string folder) =>
        [.. FormatFiles.Below(folder, [.. Extensions, ""]).Where(f => Path.GetExtension(f).Length > 0 || ImageFile.IsImage(f))];

    public static bool IsImage(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>The name, and what it was before a program put escapes or blanks into it.</summary>
    private static IEnumerable<string> Spellings(string name)
    {
        yield return name;
        if (name.Contains('%')) yield return Uri.UnescapeDataString(name);
        if (name.Trim() is { Length: > 0 } trimmed && trimmed.Length < name.Length) yield return trimmed;
    }

    /// <summary>Label Studio puts eight hexadecimal digits and a hyphen before the names of uploads.</summary>
    private static string Unprefixed(string name) => name.Length > 9 && name[8] == '-' && name.AsSpan(0, 8)
        .IndexOfAnyExcept("0123456789abcdef") < 0 ? name[9..] : name;

    /// <summary>Paths, names and stems of all images below the folder; those that two images have lead nowhere.</summary>
    private Dictionary<string, string> Index()
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase); // of paths, which have slashes, too
        var stems = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (!Directory.Exists(folder)) return names;
        foreach (string path in Below(folder))
        {
            string below = CanonicalComposition.Compose(Path.GetRelativePath(folder, path).Replace('\\', '/')), name = Path.GetFileName(below);
            if (below.Contains('/') && !names.TryAdd(below, path)) names[below] = "";
            if (!names.TryAdd(name, path)) names[name] = "";
            string stem = Path.GetFileNameWithoutExtension(name);
            if (!stems.TryAdd(stem, path)) stems[stem] = "";
        }
        foreach (var (stem, path) in stems) names.TryAdd(stem, path);
        return names;
    }
}
