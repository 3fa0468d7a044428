using SemanticSam.Formats;

namespace SemanticSam.Training.Data;

/// <summary>Where a split's annotations and images lie.</summary>
/// <param name="Annotations">File or folder to open.</param>
/// <param name="Images">Folder of the images.</param>
/// <param name="Names">File of class names, where it lies elsewhere; null for none.</param>
/// <param name="Keeps">Which of the images belong to the split; null for all.</param>
internal sealed record DatasetLayout(string Annotations, string Images, string? Names = null, Func<AnnotatedImage, bool>? Keeps = null)
{
    private static readonly string[][] Synonyms = [["train", "training"], ["val", "valid", "validation", "dev"], ["test", "testing"]];

    /// <summary>Finds a split in a folder laid out in one of the usual ways; a set without splits is taken whole.</summary>
    /// <exception cref="FileNotFoundException">There is none; the message says what was looked for.</exception>
    /// <exception cref="AnnotationFileException">The folder holds several sets.</exception>
    public static DatasetLayout Of(string root, string split, Action<FormatProblem>? problem)
    {
        if (DataYamlSplits.Is(root))
        {
            if (DataYamlSplits.Find(root, NamesOf(split)) is { } said) return said;
            string folder = Path.GetDirectoryName(Path.GetFullPath(root))!;
            return NamesOf(split).Select(name => Named(folder, name)).FirstOrDefault(l => l is not null) ?? Whole(root, ImagesOf(root), split, problem);
        }
        if (File.Exists(root)) return new(root, ImagesOf(root));
        if (!Directory.Exists(root)) throw new FileNotFoundException($"There is no file or folder '{root}'.", root);
        if (Split(root, split) is { } found) return found;
        if (HasOtherSplit(root, split)) throw Missing(root, split);
        try
        {
            var (_, path) = AnnotationFiles.Recognize(root);
            string images = Folder(root, "images") ?? (VocSplits.Of(root) is { } voc ? ImagesOf(voc) : root);
            return Whole(path, images, split, problem);
        }
        catch (AnnotationFileException e) when (e.Need is null)
        {
            throw Missing(root, split, e.What);
        }
    }

    /// <summary>A split of a folder; null where it has none of that name.</summary>
    public static DatasetLayout? Split(string root, string split) => !Directory.Exists(root) ? null
        : NamesOf(split).Select(name => Named(root, name)).FirstOrDefault(l => l is not null)
            ?? (DataYamlSplits.Of(root) is { } yaml ? DataYamlSplits.Find(yaml, NamesOf(split)) : null) ?? VocSplits.Find(root, NamesOf(split));

    /// <summary>
    /// Where the images of annotations lie if nobody says: in 'images' beside the file or in the folder, in the 'JPEGImages' of PASCAL VOC, else beside them.
    /// </summary>
    public static string ImagesOf(string annotations)
    {
        string beside = Directory.Exists(annotations) ? annotations : Path.GetDirectoryName(Path.GetFullPath(annotations))!;
        return Folder(beside, "images") ?? Folder(beside, "JPEGImages") ?? beside;
    }

    private static string[] NamesOf(string split) => Synonyms.FirstOrDefault(s => s.Contains(split.ToLowerInvariant())) is { } known
        ? [split, .. known.Where(n => n != split)] : [split];

    private static DatasetLayout Whole(string path, string images, string split, Action<FormatProblem>? problem)
    {
        problem?.Invoke(new(Path.GetFileName(Path.GetFullPath(path)), "", $"it has no split '{split}'", FormatOutcome.Noted, "all of it is taken"));
        return new(path, images);
    }

    private static DatasetLayout? Named(string root, string name)
    {
        string images = Folder(root, "images", name) ?? Folder(root, name, "images") ?? Folder(root, name) ?? Folder(root, "images") ?? root;
        foreach (string file in (string[])[$"annotations_{name}.json", $"{name}.json", $"{name}_annotations.json", $"instances_{name}.json",
            $"annotations/{name}.json"])
            if (File.Exists(Path.Combine(root, file))) return new(Path.Combine(root, file), images);
        if (Coco(root, name) is { } coco) return coco;
        if (Folder(root, "labels", name) is { } labels)
            return new(labels, images, ((string[])["data.yaml", "data.yml", "dataset.yaml", "classes.txt"]).Select(n => Path.Combine(root, n))
                .FirstOrDefault(File.Exists));
        foreach (string folder in (string[])[Path.Combine(root, name), Path.Combine(root, "annotations", name)])
            if (Directory.Exists(folder) && HasAnnotations(folder)) return new(folder, images);
        return null;
    }

    /// <summary>As COCO itself: annotations/instances_train2017.json and train2017/ or images/train2017/.</summary>
    private static DatasetLayout? Coco(string root, string name)
    {
        string folder = Path.Combine(root, "annotations");
        if (!Directory.Exists(folder)) return null;
        string? file = Directory.EnumerateFiles(folder, $"instances_{name}*.json").Order(StringComparer.Ordinal).FirstOrDefault();
        if (file is null) return null;
        string set = Path.GetFileNameWithoutExtension(file)["instances_".Length..];
        return new(file, Folder(root, set) ?? Folder(root, "images", set) ?? Folder(root, "images", name) ?? Folder(root, name)
            ?? Folder(root, "images") ?? root);
    }

    private static bool HasAnnotations(string folder)
    {
        try
        {
            AnnotationFiles.Recognize(folder);
            return true;
        }
        catch (AnnotationFileException)
        {
            return false;
        }
    }

    /// <summary>A set that has splits, but not this one, is not taken whole: nobody wants to be measured on what was trained on.</summary>
    private static bool HasOtherSplit(string root, string split) =>
        Synonyms.Where(s => !s.Contains(split.ToLowerInvariant())).Any(names => Split(root, names[0]) is not null);

    private static FileNotFoundException Missing(string root, string split, string? why = null) => new(
        $"'{root}' has no split '{split}': neither annotations_{split}.json, annotations/instances_{split}*.json, labels/{split}, a folder {split} with "
        + $"annotations, '{split}' in a data.yaml nor ImageSets/Segmentation/{split}.txt, and it is no annotated set without splits, "
        + $"either{(why is null ? "" : $": {why}")}.", root);

    private static string? Folder(params string[] parts) => Path.Combine(parts) is var path && Directory.Exists(path) ? path : null;
}
