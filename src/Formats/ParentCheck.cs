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
        var cut = RingStarts(annotations, parentOf);
        for (int i = 0; i < annotations.Length; i++)
        {
            if (annotations[i] is not { Parent: { } parent } a) continue;
            string? fault = !parentOf.ContainsKey(parent) ? $"parent {parent} is not among the annotations of its image"
                : a.Id is { } start && cut.Contains(start) ? "its parents lead back to itself"
                : null;
            if (fault is null) continue;
            if (own) report.Repaired(file, a.Id is { } id ? $"annotation {id}" : $"{image.FileName}, annotation {i + 1}", fault, "it loses its parent");
            annotations[i] = a with { Parent = null };
            if (a.Id is { } self) parentOf[self] = null;
        }
        return image with { Annotations = annotations };
    }

    /// <summary>
    /// Of each ring of parents the member that comes first. Each annotation is passed once, however long the chains are; what only leads to a ring keeps its
    /// parent, since the ring is cut.
    /// </summary>
    private static HashSet<long> RingStarts(IReadOnlyList<Annotation> annotations, Dictionary<long, long?> parentOf)
    {
        var place = new Dictionary<long, int>();
        for (int i = 0; i < annotations.Count; i++)
            if (annotations[i].Id is { } id) place.TryAdd(id, i);
        var starts = new HashSet<long>();
        var passedFrom = new Dictionary<long, int>();
        for (int i = 0; i < annotations.Count; i++)
        {
            long? at = annotations[i].Id;
            while (at is { } id && parentOf.ContainsKey(id) && passedFrom.TryAdd(id, i)) at = parentOf[id];
            if (at is not { } met || !passedFrom.TryGetValue(met, out int from) || from != i) continue; // it ends, or leads where somebody was before
            long first = met;
            for (long? member = parentOf[met]; member is { } id && id != met; member = parentOf[id])
                if (place[id] < place[first]) first = id;
            starts.Add(first);
        }
        return starts;
    }
}
