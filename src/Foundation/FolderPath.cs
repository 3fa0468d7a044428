using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using SemanticSam.Foundation.Characters;

namespace SemanticSam.Foundation;

/// <summary>
/// The one place that decides which names are paths below a folder: names in annotation files, keys of batches, members of archives, parts of
/// checkpoints. All of them come from somebody else.
/// </summary>
internal static class FolderPath
{
    /// <summary>No file system takes a longer path.</summary>
    private const int LongestPath = 4000;

    /// <summary>Nor a longer name between two slashes: 255 bytes, or 255 UTF-16 units.</summary>
    private const int LongestName = 255;

    /// <summary>Bytes of a name that gets an ending and, while it is written, a temporary one.</summary>
    private const int LongestOwnName = 200;

    /// <summary>
    /// A name from a file as a path with forward slashes; null where it is empty or absolute, leads out of the folder, or names no file on some system.
    /// </summary>
    /// <param name="name">The name, with slashes of either kind.</param>
    public static string? TryRelative(string? name)
    {
        if (name is null) return null;
        string path = name.Replace('\\', '/');
        if (path.Contains(':') || path.Any(char.IsControl) || !IsUnicode(path)) return null;
        string[] pieces = [.. path.Split('/').Where(p => p != ".")];
        return IsBelow(pieces) && path.Length <= LongestPath && pieces.All(p => p.Length <= LongestName) ? string.Join('/', pieces) : null;
    }

    /// <summary>
    /// Whether a name that a listing of this machine's files gave, with "/" between folders, stays below the folder it was listed in. Colons and back slashes
    /// are parts of names where the system takes them, and a name that is too long fails by itself when it is opened.
    /// </summary>
    public static bool IsListed([NotNullWhen(true)] string? name) =>
        name is not null && !name.Contains('\0') && (!OperatingSystem.IsWindows() || name.IndexOfAny(['\\', ':']) < 0) && IsUnicode(name)
        && name.Split('/') is var pieces && !pieces.Contains(".") && IsBelow(pieces);

    /// <summary>Whether a name is that of a file beside another, without any folder.</summary>
    public static bool IsPlain([NotNullWhen(true)] string? name) => TryRelative(name) == name && name is not null && !name.Contains('/');

    /// <summary>A name below a folder as a path of this system.</summary>
    /// <exception cref="ArgumentException">The name leads out; a caller checks names first.</exception>
    public static string Under(string folder, string name) => IsListed(name)
        ? Path.Combine([folder, .. name.Split('/')])
        : throw new ArgumentException($"'{MessageText.Cut(name)}' is not a path below a folder.", nameof(name));

    /// <summary>A piece of a path; one too long for a file with an ending is cut and gets its hash, so that two never become one.</summary>
    public static string Shortened(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= LongestOwnName) return name;
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16];
        int keep = name.Length;
        while (Encoding.UTF8.GetByteCount(name.AsSpan(0, keep)) > LongestOwnName - 17 || char.IsHighSurrogate(name[keep - 1])) keep--;
        return $"{name[..keep]}~{hash}";
    }

    /// <summary>
    /// What a name is to file systems that are not particular: letters of either case (Windows, macOS), accents in one piece or two (macOS), with or without
    /// dots and blanks at the end of a name (Windows). Names that fold to the same text may be one file.
    /// </summary>
    public static string Folded(string path)
    {
        string trimmed = string.Join('/', path.Split('/').Select(p => p.TrimEnd('.', ' ')));
        return CanonicalComposition.Compose(trimmed).ToUpperInvariant();
    }

    /// <summary>Whether a path below a folder is reached through no link; the folder itself may be one.</summary>
    public static bool IsReachedWithoutLinks(string folder, string path)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        for (string? at = Path.GetFullPath(path); at is not null && at.Length > folder.Length; at = Path.GetDirectoryName(at))
            if (new FileInfo(at).LinkTarget is not null) return false;
        return true;
    }

    private static bool IsBelow(string[] pieces) => pieces.Length > 0 && pieces.All(p => p.Length > 0 && p != "..");

    /// <summary>The text with an underscore for each half of a surrogate pair.</summary>
    public static string WithoutLoneSurrogates(string text)
    {
        if (IsUnicode(text)) return text;
        char[] safe = text.ToCharArray();
        for (int i = 0; i < safe.Length; i++)
        {
            if (i + 1 < safe.Length && char.IsSurrogatePair(safe[i], safe[i + 1])) i++;
            else if (char.IsSurrogate(safe[i])) safe[i] = '_';
        }
        return new(safe);
    }

    /// <summary>Whether a text has no lone surrogate: one becomes another character on the way to the disk.</summary>
    private static bool IsUnicode(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }
        return true;
    }
}
