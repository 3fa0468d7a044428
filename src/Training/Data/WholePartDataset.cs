using SemanticSam.Formats;

namespace SemanticSam.Training.Data;

/// <summary>
/// Images with masks of wholes, parts, stuff and regions, from annotation files of any format that can be read. What a conversion
/// would report and leave out is refused here: a set with a fault should not be trained on unnoticed.
/// </summary>
public sealed class WholePartDataset
{
    private WholePartDataset(IEnumerable<AnnotatedImage> images, IEnumerable<AnnotationCategory> declared)
    {
        Images = [.. images];
        var used = Images.SelectMany(i => i.Annotations).Select(CategoryKey.Of).OfType<CategoryKey>().ToHashSet();
        var categories = declared.Where(c => used.Remove(CategoryKey.Of(c))).OrderBy(c => c.Id).ToList();
        // Names that the file does not declare are counted on, in the order of their letters.
        long last = categories.Count == 0 ? 0 : categories[^1].Id;
        foreach (var (name, supercategory, isPart) in used.OrderBy(k => k.Name, StringComparer.Ordinal).ThenBy(k => k.Supercategory, StringComparer.Ordinal).ThenBy(k => k.IsPart))
            categories.Add(new(++last, name, supercategory, isPart ? AnnotationRole.Part : AnnotationRole.Whole));
        Categories = categories;
    }

    /// <summary>
    /// Sources of the compact whole/part set in which not every object of a named class is labeled: there the absence of a mask does
    /// not mean absence of the thing.
    /// </summary>
    public static IReadOnlySet<string> IncompleteSources { get; } = new HashSet<string>
    {
        "mixed14", "medical", "davis", "smallitem", "teacher", "wildanimal", "pug", "firetruck", "indofood",
    };

    /// <summary>In the order of the file. Each has a <see cref="AnnotatedImage.Path"/>, and each annotation a <see cref="Annotation.Role"/>.</summary>
    public IReadOnlyList<AnnotatedImage> Images { get; }

    /// <summary>The names in use, by id.</summary>
    public IReadOnlyList<AnnotationCategory> Categories { get; }

    /// <summary>Reads annotations.</summary>
    /// <param name="annotations">File or folder, of any format that <see cref="AnnotationFiles.Open"/> reads.</param>
    /// <param name="images">The folder of the images; they are not opened here.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    /// <exception cref="AnnotationFileException">Anything in it is damaged or contradicts itself; the message names the file and the place.</exception>
    public static WholePartDataset Load(string annotations, string images)
    {
        using var reader = AnnotationFiles.Open(annotations, options: new() { Images = images });
        return new(reader.Read().Select(image => image.Path is null
            ? throw new AnnotationFileException(Path.GetFileName(annotations), $"image '{image.FileName}'", "its name is not a path below the folder of images")
            : image with { Annotations = [.. image.Annotations.Select(WithRole)] }), reader.Categories);
    }

    /// <summary>Reads one split of a folder laid out as annotations_SPLIT.json and images/SPLIT.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="split">"train" or "val".</param>
    /// <inheritdoc cref="Load(string, string)" path="/exception"/>
    public static WholePartDataset LoadSplit(string root, string split) =>
        Load(Path.Combine(root, $"annotations_{split}.json"), Path.Combine(root, "images", split));

    /// <summary>The images and annotations that a filter lets through. Images left without annotations are dropped.</summary>
    public WholePartDataset Where(DatasetFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return new(Images.Where(filter.Takes).Select(i => i with { Annotations = [.. i.Annotations.Where(filter.Annotations ?? (_ => true))] })
            .Where(i => i.Annotations.Count > 0), Categories);
    }

    /// <summary>Plain COCO does not say what is a whole: what has no other role is one.</summary>
    private static Annotation WithRole(Annotation a) => a.Role is null ? a with { Role = Annotation.RoleOf(a.Whole is not null, a.Part is not null) } : a;
}
