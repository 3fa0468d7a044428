using SemanticSam.Formats;
using SemanticSam.Formats.Yolo;

namespace SemanticSam.Training.Data;

/// <summary>The splits that a data.yaml names: folders of images, or lists of them, below its "path".</summary>
internal static class DataYamlSplits
{
    private static readonly string[] Names = ["data.yaml", "data.yml", "dataset.yaml", "dataset.yml"];

    /// <summary>Whether a file is one.</summary>
    public static bool Is(string path) => Path.GetExtension(path).ToLowerInvariant() is ".yaml" or ".yml" && File.Exists(path);

    /// <summary>That of a folder; null where there is none.</summary>
    public static string? Of(string folder) => Names.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists)
        ?? (Directory.EnumerateFiles(folder).Where(Is).Take(2).ToList() is [var only] && DataYaml.HasNames(only) ? only : null);

    /// <summary>Where a split lies; null where the file does not say, or nothing is there.</summary>
    /// <param name="yaml">The file.</param>
    /// <param name="names">The split, by any of its names.</param>
    public static DatasetLayout? Find(string yaml, IEnumerable<string> names)
    {
        DataYaml set;
        try
        {
            set = DataYaml.Read(yaml, null, new(_ => { }));
        }
        catch (AnnotationFileException)
        {
            return null; // who reads the set says so
        }
        string folder = Path.GetDirectoryName(Path.GetFullPath(yaml))!;
        string root = set.Root is { Length: > 0 } said && Below(folder, said) is { } there && Directory.Exists(there) ? there : folder;
        foreach (string name in names)
        {
            if (!set.Splits.TryGetValue(name, out var places)) continue;
            string[] found = [.. places.Select(p => Existing(root, p) ?? Existing(folder, p)).OfType<string>()];
            if (found.Length < places.Count || found.Length == 0) return null;
            if (found is [var images] && Directory.Exists(images))
                return new(LabelsOf(images), images, yaml);
            return new(root, root, yaml, Filter(root, found));
        }
        return null;
    }

    /// <summary>Roboflow's "../train/images" is meant from the folder itself.</summary>
    private static string? Existing(string root, string place)
    {
        for (string rest = place; ; rest = rest[3..])
        {
            if (Below(root, rest) is { } path && (Directory.Exists(path) || File.Exists(path))) return path;
            if (!rest.StartsWith("../", StringComparison.Ordinal)) return null;
        }
    }

    private static string? Below(string folder, string place) =>
        place.Contains('\0') || place.Contains("://", StringComparison.Ordinal) ? null : Path.GetFullPath(Path.Combine(folder, place.Replace('\\', '/')));

    /// <summary>The labels of X/images/Y are X/labels/Y; else they lie among the images.</summary>
    private static string LabelsOf(string images)
    {
        string[] way = images.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);
        int at = Array.FindLastIndex(way, p => p.Equals(YoloReader.ImageFolder, StringComparison.OrdinalIgnoreCase));
        if (at < 0) return images;
        way[at] = YoloReader.LabelFolder;
        string labels = string.Join(Path.DirectorySeparatorChar, way);
        return Directory.Exists(labels) ? labels : images;
    }

    /// <summary>Images of folders and lists.</summary>
    private static Func<AnnotatedImage, bool> Filter(string root, string[] places)
    {
        string[] folders = [.. places.Where(Directory.Exists).Select(f => f.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar)];
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (string list in places.Where(File.Exists))
            foreach (string line in ClassNames.Lines(list).Values)
                if (line.Length > 0)
                    foreach (string? path in (string?[])[Existing(root, line), Existing(Path.GetDirectoryName(list)!, line)])
                        if (path is not null) paths.Add(path);
        return image => image.Path is { } path && Path.GetFullPath(path) is var full
            && (paths.Contains(full) || folders.Any(f => full.StartsWith(f, StringComparison.Ordinal)));
    }
}
