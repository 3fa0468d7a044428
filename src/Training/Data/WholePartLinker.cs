namespace SemanticSam.Training.Data;

/// <summary>An image record with its license not yet looked up.</summary>
internal sealed record RawImage(long Id, string FileName, int Width, int Height, string? Source, long? License);

/// <summary>An annotation record with ids in place of what they name.</summary>
internal sealed class RawAnnotation
{
    public long? Id, ImageId, CategoryId, Parent;
    public AnnotationLevel? Level;
    public AnnotationKind Kind;
    public bool IsWeak, IsDerived, IsCrowd;
    public double? Area;
    public (double, double, double, double)? Box;
    public int Height, Width;
    public byte[]? Text;
    public int[]? Counts;
}

/// <summary>The records of one annotation file.</summary>
internal sealed record WholePartFile(string Name)
{
    public List<DataLicense> Licenses { get; } = [];
    public List<RawImage> Images { get; } = [];
    public List<DataCategory> Categories { get; } = [];
    public List<RawAnnotation> Annotations { get; } = [];
}

/// <summary>Replaces ids by what they name, and refuses those that name nothing.</summary>
internal static class WholePartLinker
{
    public static List<DataImage> Link(WholePartFile file, string imageFolder)
    {
        var licenses = Unique(file, "license", file.Licenses, l => l.Id);
        var categories = Unique(file, "category", file.Categories, c => c.Id);
        var images = Unique(file, "image", file.Images, i => i.Id);
        var annotations = new Dictionary<long, DataAnnotation>(file.Annotations.Count);
        var ofImage = new Dictionary<long, List<DataAnnotation>>(images.Count);
        foreach (var raw in file.Annotations)
        {
            var annotation = Make(file, raw, images, categories);
            if (!annotations.TryAdd(annotation.Id, annotation)) throw Bad(file, annotation.Id, "this id occurs twice");
            if (!ofImage.TryGetValue(annotation.ImageId, out var list)) ofImage[annotation.ImageId] = list = [];
            list.Add(annotation);
        }
        LinkParents(file, annotations);
        var result = new List<DataImage>(images.Count);
        foreach (var image in file.Images)
        {
            DataLicense? license = null;
            if (image.License is { } id && !licenses.TryGetValue(id, out license))
                throw new InvalidDataException($"{file.Name}: image {image.Id}: license {id} is not among the licenses.");
            result.Add(new(image.Id, image.FileName, image.Width, image.Height, image.Source, license)
            {
                Path = Path.Combine(imageFolder, image.FileName),
                Annotations = ofImage.TryGetValue(image.Id, out var list) ? list : [],
            });
        }
        return result;
    }

    private static DataAnnotation Make(WholePartFile file, RawAnnotation raw, Dictionary<long, RawImage> images, Dictionary<long, DataCategory> categories)
    {
        long id = raw.Id!.Value;
        if (!images.TryGetValue(raw.ImageId!.Value, out var image)) throw Bad(file, id, $"image_id {raw.ImageId} is not among the images");
        if (!categories.TryGetValue(raw.CategoryId!.Value, out var category)) throw Bad(file, id, $"category_id {raw.CategoryId} is not among the categories");
        if (raw.Height != image.Height || raw.Width != image.Width)
            throw Bad(file, id, $"its mask is {raw.Height} x {raw.Width}, but image {image.Id} is {image.Height} x {image.Width} (height x width)");
        return new(file.Name, raw.Height, raw.Width, raw.Text, raw.Counts)
        {
            Id = id, ImageId = image.Id, Category = category, Level = raw.Level!.Value, Kind = raw.Kind,
            IsWeak = raw.IsWeak, IsDerived = raw.IsDerived, IsCrowd = raw.IsCrowd, Area = raw.Area!.Value, BoxXywh = raw.Box!.Value,
        };
    }

    private static void LinkParents(WholePartFile file, Dictionary<long, DataAnnotation> annotations)
    {
        foreach (var raw in file.Annotations)
        {
            if (raw.Parent is not { } parentId) continue;
            var annotation = annotations[raw.Id!.Value];
            if (!annotations.TryGetValue(parentId, out var parent)) throw Bad(file, annotation.Id, $"parent {parentId} is not among the annotations");
            if (parent.ImageId != annotation.ImageId) throw Bad(file, annotation.Id, $"parent {parentId} is on another image, {parent.ImageId}");
            annotation.Parent = parent;
        }
        foreach (var annotation in annotations.Values)
        {
            int steps = 0;
            for (var up = annotation.Parent; up is not null; up = up.Parent)
                if (ReferenceEquals(up, annotation) || ++steps > annotations.Count) throw Bad(file, annotation.Id, "its parents lead back to itself");
        }
    }

    private static Dictionary<long, T> Unique<T>(WholePartFile file, string what, List<T> items, Func<T, long> idOf)
    {
        var byId = new Dictionary<long, T>(items.Count);
        foreach (var item in items)
            if (!byId.TryAdd(idOf(item), item)) throw new InvalidDataException($"{file.Name}: {what} {idOf(item)}: this id occurs twice.");
        return byId;
    }

    private static InvalidDataException Bad(WholePartFile file, long annotation, string what) => new($"{file.Name}: annotation {annotation}: {what}.");
}
