using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Coco;

/// <summary>
/// COCO instances json: polygons, run lengths as numbers or as compressed text; names with supercategories, and the fields of the
/// whole/part extension (level, parent, weak, derived, kind).
/// </summary>
internal sealed class CocoReader : AnnotationReader
{
    private const string Twice = "this id occurs twice", SecondLeftOut = "the second is left out";

    private readonly string _name;
    private readonly FileStream _stream;
    private readonly CocoIndex _index;
    private readonly Dictionary<long, AnnotationCategory> _categories = [];
    private readonly Dictionary<long, ImageLicense> _licenses = [];

    public CocoReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        _name = System.IO.Path.GetFileName(path);
        _stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        try
        {
            _index = CocoIndex.Of(_name, _stream);
            foreach (var (id, license) in All(_index.Licenses, "licenses", CocoRecords.ReadLicense)) _licenses.TryAdd(id, license);
            foreach (var category in All(_index.Categories, "categories", CocoRecords.ReadCategory))
                if (!_categories.TryAdd(category.Id, category)) Problems.LeftOut(_name, $"category {category.Id}", Twice, SecondLeftOut);
            Categories = [.. _categories.Values.Where(c => c.Name != PlainNames.Unnamed)];
            Count = _index.Images.Count;
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool HasUniqueIds => true;

    private protected override IEnumerable<AnnotatedImage> Images()
    {
        var (order, firstOf) = ByImage();
        var seen = new HashSet<long>();
        var ids = new HashSet<long>();
        for (int i = 0; i < _index.Images.Count; i++)
        {
            var image = Problems.Try(() => _index.Read(_index.Images[i], $"images[{i}]", CocoRecords.ReadImage), "the image and its annotations are left out");
            if (image is null) continue;
            if (!seen.Add(image.Id))
            {
                Problems.LeftOut(_name, $"image {image.Id}", Twice, SecondLeftOut);
                continue;
            }
            var annotations = new List<Annotation>();
            if (firstOf.Remove(image.Id, out int at))
                for (; at < order.Length && _index.Annotations[order[at]].ImageId == image.Id; at++)
                    if (ReadAnnotation(order[at], image) is { } annotation)
                    {
                        if (annotation.Id is { } id && !ids.Add(id)) Problems.LeftOut(_name, $"annotation {id}", Twice, SecondLeftOut);
                        else annotations.Add(annotation);
                    }
            yield return new()
            {
                FileName = image.FileName, Width = image.Width, Height = image.Height, Id = image.Id, Source = image.Source,
                License = LicenseOf(image), Annotations = annotations,
            };
        }
        foreach (var (image, at) in firstOf.OrderBy(p => p.Value))
            for (int j = at; j < order.Length && _index.Annotations[order[j]].ImageId == image; j++)
                Problems.LeftOut(_name, $"annotations[{order[j]}]", image == long.MinValue
                    ? "key 'image_id' is missing or not a whole number"
                    : $"image_id {image} is not among the images");
    }

    private protected override void Dispose(bool disposing) => _stream.Dispose();

    /// <summary>Places of annotations, those of an image together and in the file's order; and where each image's begin.</summary>
    private (int[] Order, Dictionary<long, int> FirstOf) ByImage()
    {
        var order = new int[_index.Annotations.Count];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        var images = _index.Annotations.Select(a => a.ImageId).ToArray();
        Array.Sort(order, (a, b) => images[a] != images[b] ? images[a].CompareTo(images[b]) : a.CompareTo(b));
        var first = new Dictionary<long, int>(_index.Images.Count);
        for (int i = 0; i < order.Length; i++) first.TryAdd(images[order[i]], i);
        return (order, first);
    }

    private Annotation? ReadAnnotation(int index, CocoRecords.Image image) => Problems.Try(() => _index.Read(_index.Annotations[index], $"annotations[{index}]", v =>
    {
        if (v.OptionalInteger("id") is { } id) v = new(v.Element, _name, $"annotation {id}");
        long category = v.Integer("category_id");
        if (!_categories.TryGetValue(category, out var named)) throw v.Bad($"category_id {category} is not among the categories");
        Rle mask = Segmentation.Read(v, image.Height, image.Width, Options.Rule ?? PolygonRule.Center);
        return CocoRecords.ReadAnnotation(v, named, mask);
    }));

    private ImageLicense? LicenseOf(CocoRecords.Image image)
    {
        if (image.License is not { } id) return null;
        if (_licenses.TryGetValue(id, out var license)) return license;
        if (_licenses.Count > 0) Problems.Repaired(_name, $"image {image.Id}", $"license {id} is not among the licenses", "it loses it");
        return null;
    }

    private List<T> All<T>(List<CocoIndex.Record> records, string section, Func<JsonValues, T> read)
    {
        var all = new List<T>();
        for (int i = 0; i < records.Count; i++)
            if (Problems.TryRead(() => _index.Read(records[i], $"{section}[{i}]", read), out var item)) all.Add(item);
        return all;
    }
}
