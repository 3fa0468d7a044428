using SemanticSam.Imaging;

namespace SemanticSam.Formats.Png;

/// <summary>An image with a file a mask, each of one object.</summary>
/// <param name="Image">The image.</param>
/// <param name="Masks">In order of name; empty where it has none.</param>
internal sealed record ObjectMasks(string Image, IReadOnlyList<string> Masks)
{
    private const string ImagesFolder = "images", MasksFolder = "masks";

    /// <summary>
    /// Those of a folder laid out as the Data Science Bowl 2018 was: a folder an image, with the image alone in images/ and its masks in masks/, which are
    /// called otherwise. Empty where it is laid out in another way.
    /// </summary>
    public static IReadOnlyList<ObjectMasks> Of(string root)
    {
        var files = ImageFolder.Below(root).ToLookup(f => Path.GetDirectoryName(f)!, StringComparer.Ordinal);
        var sets = new List<ObjectMasks>();
        foreach (var folder in files)
        {
            if (Path.GetFileName(folder.Key) is not { } name || !name.Equals(ImagesFolder, StringComparison.OrdinalIgnoreCase)) continue;
            string beside = FormatFiles.Folder(Path.GetDirectoryName(folder.Key)!, MasksFolder) ?? "";
            string[] masks = [.. files[beside]];
            string stem = Path.GetFileNameWithoutExtension(folder.First());
            // Several images, or masks that are called as an image: masks of classes, or of whole images.
            if (folder.Skip(1).Any() || masks.Any(m => PairedMasks.Names(Path.GetFileNameWithoutExtension(m)).Contains(stem))) return [];
            sets.Add(new(folder.First(), masks));
        }
        return sets.Any(s => s.Masks.Count > 0) ? sets : [];
    }
}

/// <summary>Reads such a folder. Objects have the one name that is given, or none.</summary>
internal sealed class ObjectMasksReader : FilePerImageReader
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> _masks;
    private readonly string? _name;

    public ObjectMasksReader(string path, AnnotationReadOptions options, IReadOnlyList<ObjectMasks> sets) : base(path, options, [.. sets.Select(s => s.Image)])
    {
        _masks = sets.ToDictionary(s => s.Image, s => s.Masks, StringComparer.Ordinal);
        if (options.Names is null) return;
        string[] names = [.. ClassNames.Of("", options.Names, options.Encoding, Problems).Values.Where(n => n.Length > 0 && !BackgroundNames.Contains(n))];
        if (names is [var only])
        {
            _name = only;
            Categories = [new(1, only)];
        }
        else if (names.Length > 1)
            Problems.Noted(SetName, "", $"{names.Length} names are given, and nothing tells which of them an object has", "objects have no name");
    }

    private protected override AnnotatedImage ReadOne(string path)
    {
        string name = System.IO.Path.GetRelativePath(Path, path).Replace('\\', '/');
        var (width, height) = ImageFolder.SizeOfFile(path) ?? throw new AnnotationFileException(name, "", "it cannot be read");
        FormatLimits.Area(width, height, w => new AnnotationFileException(name, "", w));
        if (_masks[path].Count == 0) Problems.Noted(name, "", "it has no masks", "it is taken as an image without objects");
        var annotations = new List<Annotation>();
        foreach (string mask in _masks[path])
            if (Problems.Try(() => ReadMask(mask, width, height)) is { } annotation) annotations.Add(annotation);
        return new() { FileName = name, Width = width, Height = height, Annotations = annotations };
    }

    private Annotation ReadMask(string path, int width, int height)
    {
        string file = System.IO.Path.GetRelativePath(Path, path).Replace('\\', '/');
        try
        {
            var mask = ImageDecoder.DecodeMask(path, width, height);
            return mask.IsEmpty ? throw new AnnotationFileException(file, "", "it covers no pixel")
                : new() { Mask = mask, Whole = _name is null ? null : PlainNames.Read(_name) };
        }
        catch (ImageException e)
        {
            throw new AnnotationFileException(file, "", e.Message.TrimEnd('.').Replace(path, "it", StringComparison.Ordinal), e);
        }
    }

    private protected override AnnotatedImage ReadImage(Json.JsonValues v, string path) => throw new NotSupportedException();
}
