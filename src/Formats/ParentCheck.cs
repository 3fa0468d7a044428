namespace SemanticSam.Formats;

/// <summary>Ids that occur twice, and parents that name nothing or lead back to themselves, are reported and taken away.</summary>
internal static class ParentCheck
{
    public static AnnotatedImage Sound(AnnotatedImage image, string file, FormatReport report)
    {
        if (image.Annotations.All(a => a.Id is null && a.Parent is null)) return image;
        var parentOf = new Dictionary<long, long?>();
        var annotations = image.Annotations.ToArray();
        for (int i = 0; i < annotations.Length; i++)
        {
            if (annotations[i].Id is not { } id || parentOf.TryAdd(id, annotations[i].Parent)) continue;
            report.Repaired(file, $"annotation {id}", "this id occurs twice in one image", "the second loses it");
            annotations[i] = annotations[i] with { Id = null };
        }
        var sound = new HashSet<long>();
        for (int i = 0; i < annotations.Length; i++)
        {
            if (annotations[i] is not { Parent: { } parent } a) continue;
            string? fault = !parentOf.ContainsKey(parent) ? $"parent {parent} is not among the annotations of its image"
                : Loops(a, parentOf, sound) ? "its parents lead back to itself"
                : null;
            if (fault is null) continue;
            report.Repaired(file, a.Id is { } id ? $"annotation {id}" : $"{image.FileName}, annotation {i + 1}", fault, "it loses its parent");
            annotations[i] = a with { Parent = null };
            if (a.Id is { } own) parentOf[own] = null;
        }
        return image with { Annotations = annotations };
    }

    /// <summary>
    /// Whether an annotation is among its own ancestors. What was found to lead out is remembered, so that a chain is walked once and not once for each of
    /// its members.
    /// </summary>
    /// <param name="annotation">The annotation; it has a parent.</param>
    /// <param name="parentOf">Parents by id.</param>
    /// <param name="sound">Ids that lead to an end; grows.</param>
    private static bool Loops(Annotation annotation, Dictionary<long, long?> parentOf, HashSet<long> sound)
    {
        if (annotation.Id is not { } start) return false; // nobody's parent
        var passed = new List<long>();
        var here = new HashSet<long>();
        bool loops = false;
        for (long? up = start; up is { } id && !sound.Contains(id); up = parentOf.GetValueOrDefault(id))
        {
            if (!here.Add(id))
            {
                loops = id == start; // else a ring further up, whose own members are told
                break;
            }
            passed.Add(id);
        }
        // A ring that this one only leads to is cut when its own first member comes, and then it leads to an end, too.
        sound.UnionWith(loops ? passed.Skip(1) : passed);
        return loops;
    }
}
