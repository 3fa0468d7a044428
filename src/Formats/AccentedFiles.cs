using System.Text;
using SemanticSam.Foundation.Characters;

namespace SemanticSam.Formats;

/// <summary>
/// Files whose names have accents in two pieces where annotations have them in one, or the other way round: macOS takes names apart, and archives and copies
/// keep them so. Looks into each folder once.
/// </summary>
internal sealed class AccentedFiles
{
    private readonly Dictionary<string, Dictionary<string, string>> _folders = new(StringComparer.Ordinal);

    /// <summary>The path, or that of the file beside it whose name is the same in the other spelling; null where there is neither.</summary>
    public string? Find(string path)
    {
        if (File.Exists(path)) return path;
        string name = Path.GetFileName(path);
        if (Ascii.IsValid(name) || Path.GetDirectoryName(path) is not { } folder) return null;
        if (!_folders.TryGetValue(folder, out var files)) _folders[folder] = files = Listed(folder);
        return files.GetValueOrDefault(CanonicalComposition.Compose(name)) is { } found ? Path.Combine(folder, found) : null;
    }

    private static Dictionary<string, string> Listed(string folder)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!Directory.Exists(folder.Length == 0 ? "." : folder)) return files;
        foreach (string file in Directory.EnumerateFiles(folder.Length == 0 ? "." : folder, "*", new EnumerationOptions { AttributesToSkip = 0 }))
            files.TryAdd(CanonicalComposition.Compose(Path.GetFileName(file)), Path.GetFileName(file));
        return files;
    }
}
