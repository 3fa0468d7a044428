using SemanticSam.Formats;

namespace SemanticSam.Training.Data;

/// <summary>
/// Images with masks of wholes, parts, stuff and regions, from annotation files of any format that can be read. What is repaired or left out is
/// told; where nobody listens a set with a fault is refused, since it should not be trained on unnoticed.
/// </summary>
public sealed class WholePartDataset
{
    private WholePartDataset(IEnumerable<AnnotatedImage> images, IEnumerable<AnnotationCategory> declared)
    {
        Images = [.. images];
        Declared = [.. declared];
        var used = Images.SelectMany(i => i.Annotations).Select(CategoryKey.Of).OfType<CategoryKey>().ToHashSet();
        var categories = Declared.Where(c => used.Remove(CategoryKey.Of(c))).OrderBy(c => c.Id).ToList();
        // Names that the file does not declare are counted on, in the order of their letters.
        long last = categories.Count == 0 ? 0 : categories[^1].Id;
        foreach (var (name, supercategory, isPart) in used.OrderBy(k => k.Name, StringComparer.Ordinal)
            .ThenBy(k => k.Supercategory, StringComparer.Ordinal).ThenBy(k => k.IsPart))
            categories.Add(new(++last, name, supercategory, isPart ? AnnotationRole.Part : AnnotationRole.Whole));
        Categories = categories;
    }

    /// <summary>
    /// Sources of the compact whole/part set in which not every object of a named class is labeled: there the absence of a mask does
    /// not mean absence of the thing.
    /// </summary>
    internal static IReadOnlySet<string> IncompleteSources { get; } = new HashSet<string>
    {
        "mixed14", "medical", "davis", "smallitem", "teacher", "wildanimal", "pug", "firetruck", "indofood",
    };

    /// <summary>In the order of the file. Each has a <see cref="AnnotatedImage.Path"/>, and each annotation a <see cref="Annotation.Role"/>.</summary>
    public IReadOnlyList<AnnotatedImage> Images { get; }

    /// <summary>The names in use, by id.</summary>
    public IReadOnlyList<AnnotationCategory> Categories { get; }

    /// <summary>The names that the set declares, also those that no annotation has.</summary>
    internal IReadOnlyList<AnnotationCategory> Declared { get; }

    /// <summary>Reads annotations.</summary>
    /// <param name="annotations">File or folder, of any format that <see cref="AnnotationReader.Open"/> reads.</param>
    /// <param name="images">The folder of the images; they are not decoded here.</param>
    /// <param name="problem">Told of what is repaired, left out or assumed; null refuses the set at the first fault.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    /// <exception cref="AnnotationFileException">It cannot be read; the message names the file and the place.</exception>
    public static WholePartDataset Load(string annotations, string images, Action<FormatProblem>? problem = null)
    {
        ArgumentNullException.ThrowIfNull(annotations);
        ArgumentNullException.ThrowIfNull(images);
        return Load(new(annotations, images), problem);
    }

    /// <summary>Reads one split of a folder.</summary>
    /// <param name="root">
    /// The folder: annotations_SPLIT.json with images/SPLIT, or as COCO, Roboflow and Ultralytics lay sets out; or a file or folder without splits, which is
    /// taken whole.
    /// </param>
    /// <param name="split">"train" or "val"; others' names for it, such as "valid", are understood.</param>
    /// <param name="problem">As for <see cref="Load(string, string, Action{FormatProblem})"/>.</param>
    /// <inheritdoc cref="Load(string, string, Action{FormatProblem})" path="/exception"/>
    public static WholePartDataset LoadSplit(string root, string split, Action<FormatProblem>? problem = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(split);
        return Load(DatasetLayout.Of(root, split, problem), problem);
    }

    /// <summary>The split "train" of a folder that has splits, else annotations of any format, whole.</summary>
    /// <param name="data">Folder or file.</param>
    /// <param name="images">The folder of the images; null where <see cref="DatasetLayout.ImagesOf"/> says.</param>
    /// <param name="problem">As for <see cref="Load(string, string, Action{FormatProblem})"/>.</param>
    internal static WholePartDataset LoadAny(string data, string? images, Action<FormatProblem>? problem)
    {
        if (File.Exists(Path.Combine(data, "annotations_train.json"))) return LoadSplit(data, "train", problem);
        if (images is not null || DatasetLayout.Split(data, "train") is not { } split) return Load(data, images ?? DatasetLayout.ImagesOf(data), problem);
        problem?.Invoke(new(Path.GetFileName(Path.GetFullPath(data)), "", "it has splits", FormatOutcome.Noted, "'train' is taken"));
        return Load(split, problem);
    }

    private static WholePartDataset Load(DatasetLayout layout, Action<FormatProblem>? problem)
    {
        using var reader = AnnotationFiles.Open(layout.Annotations, options: new() { Images = layout.Images, Names = layout.Names, Problem = problem });
        return new(reader.Read().Where(layout.Keeps ?? (_ => true))
            .Select(image => image with { Annotations = [.. image.Annotations.Select(WithRole)] }), reader.Categories);
    }

    /// <summary>The images that pass, and of these the annotations that pass. Images left without annotations are dropped.</summary>
    /// <param name="image">Which images to take, such as those of a license (<see cref="AnnotatedImage.License"/>).</param>
    /// <param name="annotation">Which annotations to take, such as those that are not weak; null takes all.</param>
    public WholePartDataset Where(Func<AnnotatedImage, bool> image, Func<Annotation, bool>? annotation = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new(Images.Where(image).Select(i => i with { Annotations = [.. i.Annotations.Where(annotation ?? (_ => true))] })
            .Where(i => i.Annotations.Count > 0), Declared);
    }

    /// <summary>The set with what a file says besides of the same images; images that only the file has are left out.</summary>
    /// <param name="further">File of any format that names its images; the pixels are the set's.</param>
    /// <param name="problem">As for <see cref="Load(string, string, Action{FormatProblem})"/>.</param>
    /// <exception cref="AnnotationFileException">It cannot be read, or speaks of none of the images.</exception>
    internal WholePartDataset Join(string further, Action<FormatProblem>? problem)
    {
        using var reader = AnnotationFiles.Open(further, options: new() { Problem = problem });
        var more = new Dictionary<string, AnnotatedImage>(StringComparer.Ordinal);
        foreach (var image in reader.Read()) more.TryAdd(Path.GetFileName(image.FileName), image);
        long last = Images.SelectMany(i => i.Annotations).Max(a => a.Id) ?? 0, lastCategory = Declared.Select(c => c.Id).DefaultIfEmpty(0).Max();
        int joined = 0;
        AnnotatedImage[] images = [.. Images.Select(Joined)];
        if (joined == 0) throw new AnnotationFileException(Path.GetFileName(further), "", "it speaks of none of the set's images");
        if (more.Count - joined is > 0 and var others)
            problem?.Invoke(new(Path.GetFileName(further), "", $"{others} of its images {(others == 1 ? "is" : "are")} not in the set", FormatOutcome.LeftOut,
                FormatReport.JustLeftOut));
        return new(images, [.. Declared, .. reader.Categories.Select(c => c with { Id = c.Id + lastCategory })]);

        AnnotatedImage Joined(AnnotatedImage image)
        {
            if (!more.TryGetValue(Path.GetFileName(image.FileName), out var of)) return image;
            joined++;
            if ((of.Width, of.Height) != (image.Width, image.Height))
            {
                string what = $"it is {of.Width} x {of.Height}, and the set's image of that name {image.Width} x {image.Height}";
                if (problem is null) throw new AnnotationFileException(Path.GetFileName(further), of.FileName, what);
                problem(new(Path.GetFileName(further), of.FileName, what, FormatOutcome.LeftOut, FormatReport.JustLeftOut));
                return image;
            }
            return image with
            {
                Annotations = [.. image.Annotations, .. of.Annotations.Select(WithRole).Select(a => a with { Id = last + a.Id, Parent = last + a.Parent })],
                AbsentCategories = [.. image.AbsentCategories, .. of.AbsentCategories],
            };
        }
    }

    /// <summary>Plain COCO does not say what is a whole: what has no other role is one.</summary>
    private static Annotation WithRole(Annotation a) => a.Role is null ? a with { Role = Annotation.RoleOf(a.Whole is not null, a.Part is not null) } : a;
}
