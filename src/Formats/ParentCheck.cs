namespace SemanticSam.Formats;

/// <summary>
/// Ids that occur twice, and parents that name nothing or lead back to themselves, are taken away; and reported where they are the engine's own, since
/// another program may mean something else by them.
/// </summary>
internal static class ParentCheck
{
    public static AnnotatedImage Sound(AnnotatedImage image, string file, FormatReport report, bool own = true)
    {
        if (image.Annotations.All(a => a.Id is null && a.Parent is null)) return image;
        var parentOf = new Dictionary<long, long?>();
        var annotations = image.Annotations.ToArray();
        for (int i = 0; i < annotations.Length; i++)
        {
            if (annotations[i].Id is not { } id || parentOf.TryAdd(id, annotations[i].Parent)) continue;
            if (own) report.Repaired(file, $"annotation {id}", "this id occurs twice in one image", "the second loses it");
            annotations[i] = annotations[i] with { Id = null };
        }
        for (int i = 0; i < annotations.Length; i++)
        {
            if (annotations[i] is not { Parent: { } parent } a) continue;
            string? fault = !parentOf.ContainsKey(parent) ? $"parent {parent} is not among the annotations of its image"
                : Loops(a, parentOf) ? "its parents lead back to itself"
                : null;
            if (fault is null) continue;
            if (own) report.Repaired(file, a.Id is { } id ? $"annotation {id}" : $"{image.FileName}, annotation {i + 1}", fault, "it loses its parent");
            annotations[i] = a with { Parent = null };
            if (a.Id is { } self) parentOf[self] = null;
        }
        return image with { Annotations = annotations };
    }

    private static bool Loops(Annotation annotation, Dictionary<long, long?> parentOf)
    {
        long? up = annotation.Parent;
        for (int steps = 0; up is { } id; steps++)
        {
            if (id == annotation.Id || steps > parentOf.Count) return true;
            up = parentOf.GetValueOrDefault(id);
        }
        return false;
    }
}
