namespace SemanticSam.Formats.Coco;

/// <summary>Gives every name its COCO category: those that the source declares keep their ids, new ones are counted on.</summary>
internal sealed class CocoCategories
{
    private readonly Dictionary<(CategoryKey Name, bool NeedsRole), AnnotationCategory> _byKey = [];
    private readonly List<AnnotationCategory> _all = [];
    private readonly HashSet<long> _ids = [];
    private long _last;

    /// <summary>Of two that are declared alike the first is used, and the other would be a class without annotations.</summary>
    public CocoCategories(IEnumerable<AnnotationCategory> declared)
    {
        foreach (var category in declared)
            if (_ids.Add(category.Id) && !_byKey.ContainsKey((CategoryKey.Of(category), false))) Add((CategoryKey.Of(category), false), category);
    }

    /// <summary>In order of id.</summary>
    public IEnumerable<AnnotationCategory> All => _all.OrderBy(c => c.Id);

    public AnnotationCategory Of(Annotation a)
    {
        var key = (Name: CategoryKey.Of(a) ?? new(PlainNames.Unnamed, null, false), NeedsRole: false);
        // Without a level of the category, an annotation of the level "part" would be read as a part's name.
        bool needsRole = a.Part is null && a.Role == AnnotationRole.Part;
        if (_byKey.TryGetValue(key, out var found) && !(needsRole && found.Role is null)) return found;
        if (needsRole)
        {
            key.NeedsRole = true;
            if (_byKey.TryGetValue(key, out found)) return found;
        }
        var role = key.Name.IsPart ? AnnotationRole.Part : needsRole ? AnnotationRole.Whole : a.Role;
        return Add(key, new(FreeId(), key.Name.Name, key.Name.Supercategory, role));
    }

    /// <summary>The category of a name that a source declares.</summary>
    public AnnotationCategory Of(AnnotationCategory declared)
    {
        var key = (CategoryKey.Of(declared), false);
        if (_byKey.TryGetValue(key, out var found)) return found;
        return Add(key, declared with { Id = FreeId() });
    }

    private long FreeId()
    {
        while (!_ids.Add(++_last)) { }
        return _last;
    }

    private AnnotationCategory Add((CategoryKey Name, bool NeedsRole) key, AnnotationCategory category)
    {
        _last = Math.Max(_last, Math.Min(category.Id, long.MaxValue / 2));
        _byKey.Add(key, category);
        _all.Add(category);
        return category;
    }
}
