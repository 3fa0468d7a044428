namespace SemanticSam.Formats.Yolo;

/// <summary>
/// Where the label files of a set lie and which image each belongs to: labels/ beside images/ (Ultralytics), the same in folders of splits
/// (Roboflow), or both in one folder (Darknet); labelTxt/ in the place of labels/ where the lines are DOTA's. The image of X/labels/n.txt is X/images/n.*.
/// </summary>
internal sealed class YoloLayout
{
    public const string LabelFolder = "labels", ImageFolder = "images";

    private static readonly HashSet<string> NoLabels = new(StringComparer.OrdinalIgnoreCase)
    {
        "classes.txt", "train.txt", "val.txt", "valid.txt", "test.txt", "readme.txt", "labels.txt", "names.txt", "requirements.txt", "predefined_classes.txt",
    };

    private readonly string _root;
    private readonly Formats.ImageFolder? _given;
    private readonly AccentedFiles _accented = new();
    private Formats.ImageFolder? _anywhere;

    /// <summary>An image and its labels.</summary>
    /// <param name="Labels">The label file; null for an image without one.</param>
    /// <param name="LabelName">What messages call it.</param>
    /// <param name="Image">Path of the image; null when there is none.</param>
    /// <param name="Name">Name of the image in the set.</param>
    /// <param name="IsSecond">Whether the label file is that of another image, too, which differs by its ending alone.</param>
    internal readonly record struct Item(string? Labels, string LabelName, string? Image, string Name, bool IsSecond = false);

    /// <param name="root">The set's folder.</param>
    /// <param name="label">The only label file to read; null for all.</param>
    /// <param name="images">Where the caller says that images are.</param>
    public YoloLayout(string root, string? label, Formats.ImageFolder? images)
    {
        (_root, _given) = (root, images);
        string labels = FormatFiles.Folder(root, LabelFolder) ?? Sub(root, DotaLine.Folder);
        bool plain = label is not null || Directory.Exists(labels);
        string top = label is null && plain ? labels : root, beside = Sub(root, ImageFolder);
        var files = label is not null ? [label] : FormatFiles.Below(top, ".txt").Where(f => IsLabels(f, root)).ToList();
        files = WithoutTwins(files);
        // Images lie in one folder, or labels do: names are below the folder of images.
        bool flat = plain || files.All(f => Path.GetDirectoryName(f) == root);
        string imageRoot = images?.Folder ?? (flat && Directory.Exists(beside) ? beside : root);
        var items = new List<Item>();
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            string name = Stem(Path.GetRelativePath(top, file)) + ".txt";
            string? image = Find(file, top, imageRoot, out string? own);
            if (image is not null) used.Add(image);
            string imageName = image is null ? Stem(name) + ".jpg"
                : Path.GetRelativePath(own ?? imageRoot, image) is var relative && !relative.StartsWith("..", StringComparison.Ordinal) ? relative
                    : Path.GetFileName(image);
            items.Add(new(file, name, image, imageName.Replace('\\', '/')));
        }
        Labels = files.Count;
        if (label is null)
        {
            var labeled = items.Where(i => i.Image is not null).ToLookup(i => Path.ChangeExtension(i.Image!, null), StringComparer.Ordinal);
            foreach (string image in Unlabeled(imageRoot, flat, files, used))
            {
                string imageName = Path.GetRelativePath(imageRoot, image).Replace('\\', '/');
                var other = labeled[Path.ChangeExtension(image, null)].FirstOrDefault();
                items.Add(new(other.Labels, other.LabelName ?? "", image, imageName, IsSecond: other.Labels is not null));
            }
        }
        Items = items;
    }

    public IReadOnlyList<Item> Items { get; }

    /// <summary>The first image that lay where no layout has it; null when there is none.</summary>
    public string? Elsewhere { get; private set; }

    /// <summary>The first label file that lies both in a folder of DOTA's and in one of YOLO's; null when there is none.</summary>
    public string? Twice { get; private set; }

    /// <summary>How many label files there are.</summary>
    public int Labels { get; }

    private string? Find(string file, string top, string imageRoot, out string? own)
    {
        own = null;
        string stem = Stem(Path.GetRelativePath(top, file)), name = Path.GetFileNameWithoutExtension(file);
        if (_given is not null)
        {
            // Under the label's own sub-folders, under those below "labels", by name.
            string[] parts = stem.Split('/');
            int at = Array.FindLastIndex(parts, IsLabelFolder);
            string below = string.Join('/', parts[(at + 1)..]);
            string swapped = string.Join('/', parts.Select((p, i) => i == at ? ImageFolder : p));
            foreach (string candidate in (string[])[stem, swapped, below])
                if (WithExtension(Path.Combine(_given.Folder, candidate)) is { } given) return given;
            return _given.Find(Formats.ImageFolder.IsImage(name) ? name : name + ".*");
        }
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        string[] way = folder.Split(Path.DirectorySeparatorChar);
        if (Array.FindLastIndex(way, IsLabelFolder) is >= 0 and var level)
        {
            way[level] = Path.GetFileName(Sub(string.Join(Path.DirectorySeparatorChar, way[..level]) + Path.DirectorySeparatorChar, ImageFolder));
            if (WithExtension(Path.Combine(string.Join(Path.DirectorySeparatorChar, way), name)) is { } swapped)
                return Relative(swapped, file);
        }
        if ((WithExtension(Path.Combine(imageRoot, stem)) ?? WithExtension(Path.ChangeExtension(file, null))) is { } beside) return beside;
        // Wherever in the set the only image of that name lies.
        _anywhere ??= new(_root);
        if (_anywhere.Find(Formats.ImageFolder.IsImage(name) ? name : name + ".*") is not { } found) return null;
        Elsewhere ??= Path.GetRelativePath(_root, found).Replace('\\', '/');
        own = _root;
        return found;
    }

    /// <summary>A path as the root is written: relative where the root is.</summary>
    private string Relative(string full, string file) =>
        Path.IsPathFullyQualified(file) ? full : Path.Combine(_root, Path.GetRelativePath(Path.GetFullPath(_root), full));

    /// <summary>The image of a stem: with an ending that images have, or without one where its content is an image; or the stem is its whole name.</summary>
    private string? WithExtension(string stem) =>
        Formats.ImageFolder.Extensions.SelectMany(e => (string[])[stem + e, stem + e.ToUpperInvariant()]).Select(_accented.Find).OfType<string>()
            .FirstOrDefault() ?? (_accented.Find(stem) is { } whole && SemanticSam.Imaging.ImageFile.IsImage(whole) ? whole : null);

    private static bool IsLabelFolder(string name) =>
        name.Equals(LabelFolder, StringComparison.OrdinalIgnoreCase) || name.Equals(DotaLine.Folder, StringComparison.OrdinalIgnoreCase);

    /// <summary>Without the lines of DOTA that labels of YOLO were made of: an image has one file.</summary>
    private List<string> WithoutTwins(List<string> files)
    {
        static string Part(string folder) => $"{Path.DirectorySeparatorChar}{folder}{Path.DirectorySeparatorChar}";
        var all = files.ToHashSet(StringComparer.OrdinalIgnoreCase);
        bool IsTwin(string file) => DotaLine.IsIn(file)
            && all.Contains(file.Replace(Part(DotaLine.Folder), Part(LabelFolder), StringComparison.OrdinalIgnoreCase));
        if (files.Find(IsTwin) is not { } first) return files;
        Twice = Path.GetFileName(first);
        return files.FindAll(f => !IsTwin(f));
    }

    /// <summary>A folder's folder of that name, or where it would be.</summary>
    private static string Sub(string folder, string name) => FormatFiles.Folder(folder, name) ?? Path.Combine(folder, name);

    /// <summary>Images without a label file, in the folders where the others' are.</summary>
    private IEnumerable<string> Unlabeled(string imageRoot, bool flat, List<string> files, HashSet<string> used)
    {
        if (files.Count == 0 || !Directory.Exists(imageRoot)) return [];
        var folders = flat ? [imageRoot] : used.Select(u => Path.GetDirectoryName(u)!).Distinct().Order(StringComparer.Ordinal).ToList();
        return folders.SelectMany(Formats.ImageFolder.Below).Distinct().Where(i => !used.Contains(i));
    }

    /// <summary>Whether a text file holds labels: it lies in a folder of them, or looks as if.</summary>
    private bool IsLabels(string path, string root)
    {
        string name = Path.GetFileName(path);
        bool isList = NoLabels.Contains(name) || name.StartsWith("README", StringComparison.OrdinalIgnoreCase);
        // In a folder of labels an image may be called "test"; then its labels are.
        if (Path.GetRelativePath(root, path).Split(Path.DirectorySeparatorChar).SkipLast(1).Any(IsLabelFolder))
            return !isList || YoloReader.LooksLikeLabels(path) || DotaLine.LooksLike(path);
        if (isList) return false;
        return YoloReader.LooksLikeLabels(path) || DotaLine.LooksLike(path) || WithExtension(Path.ChangeExtension(path, null)) is not null;
    }

    private static string Stem(string relative) => Path.ChangeExtension(relative, null).Replace('\\', '/');
}
