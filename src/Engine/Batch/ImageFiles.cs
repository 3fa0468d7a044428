using SemanticSam.Foundation;
using SemanticSam.Imaging;

namespace SemanticSam.Engine.Batch;

/// <summary>What a file of a folder is to a batch.</summary>
internal enum FoundFile
{
    /// <summary>An image.</summary>
    Image,

    /// <summary>An image or a video of a kind that cannot be read.</summary>
    OtherKind,

    /// <summary>An image whose name ends as something else: a half download, a backup of an editor, or a name of somebody's own.</summary>
    OtherEnding,

    /// <summary>Something else.</summary>
    Other,
}

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

    /// <summary>What lies beside images by the thousand and is none: not worth a look inside.</summary>
    private static readonly string[] DataEndings =
    [
        ".txt", ".json", ".jsonl", ".xml", ".csv", ".tsv", ".yaml", ".yml", ".md", ".html", ".npy", ".npz", ".pkl", ".pt", ".pth", ".onnx",
        ".safetensors", ".zip", ".gz", ".tar", ".pdf", ".py", ".names", ".log", ".sha256", ".md5",
    ];

    /// <summary>
    /// What a file of a folder is, by the ending of its name; without one, as data sets have it that call images by their hashes, by its content. Only
    /// folders are looked through so: what is named singly is taken at its word.
    /// </summary>
    public static FoundFile Judge(string path)
    {
        string ending = Path.GetExtension(path);
        return Is(Endings) ? FoundFile.Image
            : Is(OtherEndings) ? FoundFile.OtherKind
            : Is(DataEndings) || !ImageFile.IsImage(path) ? FoundFile.Other
            : ending.Length == 0 ? FoundFile.Image : FoundFile.OtherEnding;

        bool Is(string[] endings) => endings.Contains(ending, StringComparer.OrdinalIgnoreCase);
    }

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
