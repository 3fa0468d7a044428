using SemanticSam.Formats;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>An image with what is there.</summary>
/// <param name="Id">What detections are kept by: the id that the set gives it, or else a negative number that no set has.</param>
/// <param name="TextId">Its id, where that is a text.</param>
/// <param name="FileName">Its name.</param>
/// <param name="Path">Where it lies.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Truths">In the order of the set.</param>
internal sealed record CocoImage(long Id, string? TextId, string FileName, string Path, int Width, int Height, IReadOnlyList<CocoTruth> Truths);

/// <summary>
/// Annotations as COCO's evaluation wants them, of a set of any format. Of COCO files areas and boxes are taken as they are written, which need not be those
/// of the masks; of others they follow from the masks.
/// </summary>
/// <param name="Images">By id.</param>
/// <param name="Classes">By id; their order is that of <see cref="CocoTruth.Class"/>.</param>
internal sealed record CocoSet(IReadOnlyList<CocoImage> Images, IReadOnlyList<AnnotationCategory> Classes)
{
    /// <summary>A written box is read otherwise where it then has this IoU with the mask's box, and as it is written at most half of it.</summary>
    private const double Sure = 0.9;

    /// <summary>Makes it of annotations.</summary>
    /// <param name="set">The annotations.</param>
    /// <param name="problem">Told of boxes that are written in another way; null takes them as they are.</param>
    public static CocoSet Of(WholePartDataset set, Action<FormatProblem>? problem = null)
    {
        var classes = ClassesOf(set);
        var byId = classes.Select((c, i) => (c, i)).ToDictionary(p => (p.c.Id, p.c.Name), p => p.i);
        var byKey = new Dictionary<CategoryKey, int>();
        for (int i = 0; i < classes.Length; i++) byKey.TryAdd(CategoryKey.Of(classes[i]), i);
        long counted = 0;
        return new([.. set.Images.Select(image => new CocoImage(image.Id ?? --counted, image.TextId, image.FileName, image.Path ?? image.FileName, image.Width,
            image.Height, [.. image.Annotations.Select(a => Truth(image, a))])).OrderBy(i => i.Id)], classes);

        CocoTruth Truth(AnnotatedImage image, Annotation a)
        {
            int @class = a.Written.Category is { } c && byId.TryGetValue((c.Id, c.Name), out int found) ? found : byKey[KeyOf(a)];
            var extent = CocoBox.Of(a.Mask);
            var box = a.Written.Box is var (x, y, width, height) ? new(x, y, width, height) : extent;
            if (problem is not null && Otherwise(box, extent, image) is { } how)
            {
                problem(new(image.FileName, a.Id is { } id ? FormattableString.Invariant($"annotation {id}") : "",
                    $"its box is no [x, y, width, height] of its outline, but would be {how}", FormatOutcome.Repaired, "the outline's is taken"));
                box = extent;
            }
            return new(@class, box, a.Written.Area ?? (a.Written.IsBoxAlone ? box.Area : a.Mask.Area), a.Written.IsBoxAlone ? null : a.Mask, a.IsCrowd);
        }
    }

    /// <summary>Those that the set declares, and those that its annotations have besides.</summary>
    private static AnnotationCategory[] ClassesOf(WholePartDataset set)
    {
        var classes = set.Declared.DistinctBy(c => (c.Id, c.Name)).ToList();
        var known = classes.Select(c => (c.Id, c.Name)).ToHashSet();
        var keys = classes.Select(CategoryKey.Of).ToHashSet();
        var numbers = classes.Select(c => c.Id).ToHashSet();
        var others = new SortedDictionary<string, AnnotationCategory>(StringComparer.Ordinal);
        foreach (var a in set.Images.SelectMany(i => i.Annotations))
        {
            if (a.Written.Category is { } written && known.Contains((written.Id, written.Name)) || !keys.Add(KeyOf(a))) continue;
            var key = KeyOf(a);
            others.Add($"{key.Name}\n{key.Supercategory}\n{key.IsPart}", new(a.Written.Category?.Id ?? 0, key.Name, key.Supercategory,
                key.IsPart ? AnnotationRole.Part : AnnotationRole.Whole));
        }
        long next = classes.Select(c => c.Id).DefaultIfEmpty(0).Max();
        foreach (var other in others.Values)
        {
            long id = other.Id;
            if (id <= 0 || !numbers.Add(id))
                do id = ++next;
                while (!numbers.Add(id));
            classes.Add(other with { Id = id });
        }
        return [.. classes.OrderBy(c => c.Id)];
    }

    private static CategoryKey KeyOf(Annotation a) => CategoryKey.Of(a) ?? new(PlainNames.Unnamed, null, false);

    /// <summary>How a box has to be read to be that of the outline; null where it is, or nothing else suits better.</summary>
    private static string? Otherwise(CocoBox box, CocoBox extent, AnnotatedImage image)
    {
        if (extent.Area == 0 || box.IoU(extent, isCrowd: false) > Sure / 2) return null;
        if (new CocoBox(box.X, box.Y, box.Width - box.X, box.Height - box.Y) is { Width: > 0, Height: > 0 } corners && corners.IoU(extent, false) > Sure)
            return "two corners";
        if (new CocoBox(box.X - box.Width / 2, box.Y - box.Height / 2, box.Width, box.Height).IoU(extent, false) > Sure) return "its center and its size";
        return new CocoBox(box.X * image.Width, box.Y * image.Height, box.Width * image.Width, box.Height * image.Height).IoU(extent, false) > Sure
            ? "shares of the image's sides" : null;
    }
}
