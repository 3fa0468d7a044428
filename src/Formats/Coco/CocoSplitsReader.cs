namespace SemanticSam.Formats.Coco;

/// <summary>
/// A set whose splits are folders with a COCO file each, beside their images, as Roboflow lays it out: one set, in which names of images begin with
/// their folder's.
/// </summary>
internal sealed class CocoSplitsReader : AnnotationReader
{
    /// <summary>What Roboflow calls such a file.</summary>
    public const string SplitFile = "_annotations.coco.json";

    private readonly IReadOnlyList<string> _files;
    private readonly AnnotationReadOptions _inner;

    public CocoSplitsReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        _files = Files(path);
        var blanks = new NameBlanks();
        _inner = new()
        {
            InclusivePolygons = options.InclusivePolygons, Encoding = options.Encoding, Strict = options.Strict, Blanks = blanks,
            Problem = options.Problem is null ? null : p => options.Problem(p),
        };
        var categories = new List<AnnotationCategory>();
        var keys = new HashSet<CategoryKey>();
        int count = 0;
        foreach (string file in _files)
        {
            using var reader = new CocoReader(file, new()
            {
                Encoding = options.Encoding, Problem = options.Strict ? null : _ => { }, Blanks = blanks,
            });
            count += reader.Count ?? 0;
            // Names have numbers of their own in each file; the first file's are kept.
            foreach (var category in reader.Categories)
                if (keys.Add(CategoryKey.Of(category)))
                    categories.Add(categories.Any(c => c.Id == category.Id) ? category with { Id = categories.Max(c => c.Id) + 1 } : category);
        }
        (Count, Categories) = (count, categories);
    }

    /// <summary>The files of splits below a folder.</summary>
    public static IReadOnlyList<string> Files(string folder) =>
        [.. FormatFiles.Below(folder, ".json").Where(f => System.IO.Path.GetFileName(f).Equals(SplitFile, StringComparison.OrdinalIgnoreCase))];

    private protected override IEnumerable<AnnotatedImage> Images()
    {
        foreach (string file in _files)
        {
            string folder = System.IO.Path.GetRelativePath(Path, System.IO.Path.GetDirectoryName(file)!).Replace('\\', '/');
            using var reader = new CocoReader(file, _inner);
            foreach (var image in reader.Read())
                yield return image with { FileName = folder == "." ? image.FileName : $"{folder}/{image.FileName}", Id = null };
        }
    }
}
