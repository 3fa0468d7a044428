namespace SemanticSam.Formats.Coco;

/// <summary>
/// Sets of objects and their parts in one file, as PACO is published: "mug" is a category, and so is "mug:handle", whose annotations say in
/// <c>obj_ann_id</c> which object they are a part of. A name with a colon whose beginning is no category is a name like any other.
/// </summary>
internal static class CocoPartNames
{
    public const string ObjectKey = "obj_ann_id";

    private const char Between = ':';

    /// <summary>The categories, with parts as such.</summary>
    /// <param name="categories">As they are written.</param>
    /// <param name="file">What messages call the file.</param>
    /// <param name="report">Told of what was assumed.</param>
    public static IEnumerable<AnnotationCategory> Read(IReadOnlyCollection<AnnotationCategory> categories, string file, FormatReport report)
    {
        var names = categories.Select(c => NameBlanks.Tidy(c.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var category in categories)
        {
            string name = NameBlanks.Tidy(category.Name);
            int first = name.IndexOf(Between, StringComparison.Ordinal), last = name.LastIndexOf(Between);
            string whole = first < 0 ? "" : name[..first].TrimEnd(), part = name[(last + 1)..].TrimStart();
            if (category.Role is not null || first <= 0 || part.Length == 0 || !names.Contains(whole) || !names.Contains(name[..last].TrimEnd()))
            {
                yield return category;
                continue;
            }
            report.NotedOnce(file, $"categories are called 'object{Between}part', and the objects are categories, too", "they are parts of these objects");
            yield return category with { Name = part, Supercategory = whole, Role = AnnotationRole.Part };
        }
    }

    /// <summary>Gives parts that do not say whose they are the object of their kind in which most of them lies, if that is more than half.</summary>
    public static List<Annotation> WithParents(List<Annotation> annotations)
    {
        var wholes = annotations.Where(a => a is { Part: null, Whole: not null, Id: not null }).ToLookup(a => NameBlanks.Tidy(a.Whole!.Value.Name));
        for (int i = 0; i < annotations.Count; i++)
        {
            if (annotations[i] is not { Part: not null, Parent: null, Whole: { } name, Mask: { IsEmpty: false } mask } a) continue;
            var (best, most, area) = ((long?)null, mask.Area / 2, 0);
            foreach (var whole in wholes[name.Name])
            {
                var (theirs, own) = (whole.Mask.Bounds, mask.Bounds);
                if (theirs.Left >= own.Right || own.Left >= theirs.Right || theirs.Top >= own.Bottom || own.Top >= theirs.Bottom) continue;
                int shared = whole.Mask.IntersectionArea(mask);
                // Of two that hold it alike it belongs to the smaller.
                if (shared > most || best is not null && shared == most && whole.Mask.Area < area) (best, most, area) = (whole.Id, shared, whole.Mask.Area);
            }
            if (best is not null) annotations[i] = a with { Parent = best };
        }
        return annotations;
    }
}
