using System.Globalization;

namespace SemanticSam.Imaging;

/// <summary>Names of pages: "scan.tif#page=3" is the third page of scan.tif. A file that is really called so is meant itself.</summary>
internal static class ImagePage
{
    /// <summary>Between the name of the file and the number of the page.</summary>
    public const string Mark = "#page=";

    /// <summary>The file, and the page that the name says; null when it says none.</summary>
    public static (string File, int? Page) Split(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        int at = path.LastIndexOf(Mark, StringComparison.Ordinal);
        return at > 0 && int.TryParse(path.AsSpan(at + Mark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int page) && !File.Exists(path)
            ? (path[..at], page) : (path, null);
    }

    /// <summary>The file that holds what a name names.</summary>
    public static string FileOf(string path) => Split(path).File;

    /// <summary>What files of results are called: "scan" for "scan.tif", "scan-page3" for its third page.</summary>
    public static string Stem(string path)
    {
        var (file, page) = Split(path);
        string stem = Path.GetFileNameWithoutExtension(file);
        return page is { } number ? FormattableString.Invariant($"{stem}-page{number}") : stem;
    }
}
