using SemanticSam.Foundation.Characters;

namespace SemanticSam.Formats.Voc;

/// <summary>
/// Where the masks of a set in the layout of PASCAL VOC lie: SegmentationClass/ with a PNG of classes an image, SegmentationObject/ with one of objects,
/// JPEGImages/, and lists of names in ImageSets/Segmentation/. LabelMe's converter calls the first two SegmentationClassPNG and SegmentationObjectPNG.
/// Where there is neither, it is a set as <see cref="CamVidLayout"/> describes it.
/// </summary>
internal sealed class VocLayout
{
    private const int MostFolders = 1000;
    private static readonly string[] ClassFolders = ["SegmentationClass", "SegmentationClassPNG"], ObjectFolders =
        ["SegmentationObject", "SegmentationObjectPNG"];

    private readonly string? _classes, _objects, _images;

    /// <summary>An image's files; each null where there is none.</summary>
    /// <param name="Stem">Its name without an ending, below the folders.</param>
    /// <param name="Classes">The PNG of classes.</param>
    /// <param name="Objects">The PNG of objects.</param>
    /// <param name="List">The list that names it, where no PNG does.</param>
    /// <param name="Image">The image itself, where the layout says which it is.</param>
    internal readonly record struct Item(string Stem, string? Classes, string? Objects, string? List, string? Image = null);

    public VocLayout(string root)
    {
        Root = root;
        (_classes, _objects, _images) = (WithPngs(root, ClassFolders), WithPngs(root, ObjectFolders), FormatFiles.Folder(root, "JPEGImages"));
        HasBoxes = FormatFiles.Folder(root, "Annotations") is { } boxes && FormatFiles.Below(boxes, ".xml").Count > 0;
        IsOfClassesAlone = _classes is null && _objects is null;
        Items = [.. IsOfClassesAlone ? CamVidLayout.Items(root) : Found()];
    }

    public string Root { get; }

    /// <summary>Where the images are; null where the set has none.</summary>
    public string? Images => _images;

    /// <summary>Whether there is a folder of objects at all.</summary>
    public bool HasObjects => _objects is not null;

    /// <summary>Whether it is a set in the layout of CamVid, which has no objects.</summary>
    public bool IsOfClassesAlone { get; }

    /// <summary>Whether there are boxes beside the masks.</summary>
    public bool HasBoxes { get; }

    public IReadOnlyList<Item> Items { get; }

    /// <summary>The folders that are such sets: the folder itself, the one around a folder of masks, or those up to two levels below.</summary>
    public static IReadOnlyList<string> Roots(string folder)
    {
        if (IsRoot(folder)) return [folder];
        string full = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar);
        if (ClassFolders.Concat(ObjectFolders).Contains(Path.GetFileName(full), StringComparer.OrdinalIgnoreCase)
            && Path.GetDirectoryName(full) is { } around && IsRoot(around)) return [around];
        var below = Folders(folder).ToList();
        return [.. below.Concat(below.SelectMany(Folders)).Take(MostFolders).Where(IsRoot)];
    }

    /// <summary>A file of the set's folder, however it is spelled; null when it is not there.</summary>
    public string? File(string name) => Directory.EnumerateFiles(Root).Order(StringComparer.Ordinal)
        .FirstOrDefault(f => Path.GetFileName(f).Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Looks at the names of its folders once, since it is asked of every folder of images.</summary>
    private static bool IsRoot(string folder) =>
        ReadableFolders.In(folder)
            .Any(d => ClassFolders.Concat(ObjectFolders).Contains(Path.GetFileName(d), StringComparer.OrdinalIgnoreCase))
        && (WithPngs(folder, ClassFolders) ?? WithPngs(folder, ObjectFolders)) is not null || CamVidLayout.Is(folder);

    /// <summary>Not through links, which may lead around.</summary>
    private static IEnumerable<string> Folders(string folder) =>
        ReadableFolders.In(folder, links: false).Take(MostFolders);

    private static string? WithPngs(string root, string[] names) =>
        names.Select(n => FormatFiles.Folder(root, n)).OfType<string>().FirstOrDefault(f => FormatFiles.Below(f, ".png").Count > 0);

    private IEnumerable<Item> Found()
    {
        var (classes, objects) = (Pngs(_classes), Pngs(_objects));
        foreach (string stem in classes.Keys.Union(objects.Keys).Order(StringComparer.Ordinal))
            yield return new(stem, classes.GetValueOrDefault(stem), objects.GetValueOrDefault(stem), null);
        var listed = classes.Keys.Concat(objects.Keys).Select(CanonicalComposition.Compose).ToHashSet(StringComparer.Ordinal);
        if (FormatFiles.Folder(Root, "ImageSets") is not { } sets || FormatFiles.Folder(sets, "Segmentation") is not { } lists) yield break;
        foreach (string list in FormatFiles.Below(lists, ".txt"))
            foreach (string stem in ClassNames.Lines(list).Values)
                if (stem.Length > 0 && listed.Add(CanonicalComposition.Compose(stem))) yield return new(stem, null, null, Path.GetFileName(list));
    }

    private static Dictionary<string, string> Pngs(string? folder) => folder is null ? []
        : FormatFiles.Below(folder, ".png").ToDictionary(f => Path.ChangeExtension(Path.GetRelativePath(folder, f), null).Replace('\\', '/'));
}
