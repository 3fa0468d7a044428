using SemanticSam.Foundation;

namespace SemanticSam.Engine.Batch;

/// <summary>Walks folders for images.</summary>
internal static class ImageFiles
{
    private static readonly string[] Endings = [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".gif", ".ico", ".tif", ".tiff"];

    /// <summary>What is an image, too, but cannot be read.</summary>
    private static readonly string[] OtherEndings =
    [
        ".heic", ".heif", ".avif", ".jxl", ".jp2", ".j2k", ".jpx", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".psd", ".svg",
        ".exr", ".hdr", ".tga", ".pcx",
        ".ppm", ".pgm", ".pbm", ".pnm", ".dcm", ".nii", ".mp4", ".mov", ".avi", ".mkv",
    ];

    /// <summary>Whether a name ends as images do. Only folders are filtered so: what is named singly is taken at its word.</summary>
    public static bool LooksLikeImage(string path) => Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a name ends as images or videos do that cannot be read.</summary>
    public static bool LooksLikeOtherImage(string path) => OtherEndings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Full paths of the files of a folder and, if wanted, of those below it. Hidden names are passed over; links to folders are followed, each real folder
    /// once.
    /// </summary>
    /// <param name="folder">Where to begin; it must exist.</param>
    /// <param name="recursive">Whether to go down.</param>
    /// <param name="except">A folder that is passed over: the one that results go to.</param>
    /// <param name="unreadable">Told of folders below that cannot be read.</param>
    public static IEnumerable<string> Walk(string folder, bool recursive, string? except, Action<string> unreadable)
    {
        try
        {
            return [.. FolderTree.Files(folder, new() { Deep = recursive, Except = except, Unreadable = unreadable })];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BatchException(BatchError.Input, $"the folder '{folder}' cannot be read: {e.Message}");
        }
    }
}
