using SemanticSam.Formats;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Nano;

/// <summary>
/// What can be asked of a data set, which masks answer it, and what an image surely does not show. A mask that is missing says little:
/// the thing may be of a kind that this source does not label, a part whose whole is there, or a narrower or wider word for what is
/// labeled. Names that an image's own labels make likely are not asked as absent; those that its source merely does not label are asked
/// with less weight, for a name that is never absent would come to be answered everywhere. A part that is not
/// labeled is at least not where another one is that it shares no pixel with ("mouth" on a shoe).
/// </summary>
internal sealed class NanoNames
{
    private const int KindsToBeLabeled = 4;
    private const float OrdinaryThing = 0.4f, OrdinaryStuff = 0.15f, IncompleteSource = 0.3f;

    private readonly Dictionary<CategoryKey, bool[]> _answers = [], _clouds = [], _apart = [];
    private readonly Dictionary<string, float[]> _certainty = new(StringComparer.Ordinal);
    private readonly NameVocabulary _vocabulary;

    public NanoNames(IReadOnlyList<AnnotatedImage> images, NameVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        var categories = KeysOf(images.SelectMany(i => i.Annotations)).Distinct().OrderBy(c => c.Name, StringComparer.Ordinal)
            .ThenBy(c => c.Supercategory, StringComparer.Ordinal).ToList();
        var names = categories.SelectMany(c => Entry(c).IsA.Prepend(c.Name)).Distinct().Order(StringComparer.Ordinal)
            .Select(n => (Name: n, Whole: (string?)null));
        var pairs = categories.Where(IsPart).SelectMany(c => Entry(c).IsA.Prepend(c.Name).Select(n => (Name: n, Whole: c.Supercategory)))
            .Distinct().OrderBy(p => p.Whole, StringComparer.Ordinal).ThenBy(p => p.Name, StringComparer.Ordinal);
        Queries = [.. names.Concat(pairs).Select((p, i) => new NanoQuery(i, p.Name, p.Whole))];
        foreach (var category in categories)
        {
            _answers[category] = [.. Queries.Select(q => Answers(category, q))];
            _clouds[category] = [.. Queries.Select(q => Clouds(category, q))];
            _apart[category] = [.. Queries.Select(q => IsApart(category, q))];
        }
        foreach (var image in images)
            foreach (int q in Shown(KeysOf(image.Annotations))) Queries[q].Images++;
        foreach (var source in images.GroupBy(i => i.Source ?? ""))
        {
            var labeled = KeysOf(source.SelectMany(i => i.Annotations)).Distinct().ToList();
            float most = labeled.Count == 0 ? 0 : WholePartDataset.IncompleteSources.Contains(source.Key) ? IncompleteSource : 1;
            _certainty[source.Key] = [.. Queries.Select(q => Math.Min(most, Certainty(labeled, q)))];
        }
    }

    /// <summary>Plain names first, then parts of one whole.</summary>
    public IReadOnlyList<NanoQuery> Queries { get; }

    /// <summary>What annotations are called; regions have no name.</summary>
    public static IEnumerable<CategoryKey> KeysOf(IEnumerable<Annotation> annotations) => annotations.Where(a => a.Role != AnnotationRole.Region)
        .Select(CategoryKey.Of).OfType<CategoryKey>();

    /// <summary>The vocabulary's entry for a query.</summary>
    public NameEntry Entry(NanoQuery query) => (query.Whole is null ? _vocabulary.Whole(query.Name) : null) ?? _vocabulary.Part(query.Name)
        ?? new NameEntry { Name = query.Name };

    /// <summary>All entries of a plain name: "tie" is an object and a part of a person.</summary>
    public IEnumerable<NameEntry> Entries(string name) => new[] { _vocabulary.Whole(name), _vocabulary.Part(name) }.OfType<NameEntry>();

    /// <summary>The entry of a whole; null where the vocabulary has none.</summary>
    public NameEntry? Whole(string name) => _vocabulary.Whole(name);

    /// <summary>Whether a mask of a category answers a query.</summary>
    public bool Answers(CategoryKey category, int query) => _answers.TryGetValue(category, out var answers) && answers[query];

    /// <summary>Indices of the queries that masks of these categories answer.</summary>
    public IEnumerable<int> Shown(IEnumerable<CategoryKey> categories)
    {
        var found = new SortedSet<int>();
        foreach (var category in categories.Distinct())
            if (_answers.TryGetValue(category, out var answers))
                for (int q = 0; q < answers.Length; q++)
                    if (answers[q]) found.Add(q);
        return found;
    }

    /// <summary>For each query how sure it is that an image with masks of these categories does not show it, 0 to 1.</summary>
    /// <param name="image">Says where it comes from, and which names were looked for in it.</param>
    /// <param name="categories">Those of its masks, and of what was pasted into it.</param>
    public float[] Absent(AnnotatedImage image, IEnumerable<CategoryKey> categories)
    {
        var absent = new float[Queries.Count];
        if (!_certainty.TryGetValue(image.Source ?? "", out var certainty)) return absent;
        certainty.CopyTo(absent, 0);
        if (image.AbsentCategories.Count > 0)
        {
            var looked = image.AbsentCategories.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var query in Queries.Where(q => q.Whole is null && looked.Contains(q.Name))) absent[query.Index] = 1;
        }
        foreach (var category in categories.Distinct())
            if (_clouds.TryGetValue(category, out var clouds))
                for (int q = 0; q < absent.Length; q++)
                    if (clouds[q]) absent[q] = 0;
        int[] parts = LookedForParts(image);
        if (parts.Length > 0)
            foreach (int q in parts.Except(Shown(categories))) absent[q] = 1;
        return absent;
    }

    /// <summary>Parts that were looked for, whatever wholes are there: of their whole, and by their plain name where they are of no other one.</summary>
    private int[] LookedForParts(AnnotatedImage image)
    {
        var looked = image.AbsentCategories.Select(CategoryKey.Of).Where(IsPart).ToList();
        return looked.Count == 0 ? [] : [.. Queries
            .Where(q => looked.Exists(c => c.Name == q.Name && (q.Whole is null ? Entry(c).Of.Count == 1 : q.Whole == c.Supercategory))).Select(q => q.Index)];
    }

    /// <summary>Whether no pixel of a mask of this category is what the query asks for.</summary>
    public bool IsApart(CategoryKey category, int query) => _apart.TryGetValue(category, out var apart) && apart[query];

    private static bool IsPart(CategoryKey category) => category is { IsPart: true, Supercategory: not null };

    private NameEntry Entry(CategoryKey category) => (IsPart(category) ? _vocabulary.Part(category.Name) : _vocabulary.Whole(category.Name))
        ?? new NameEntry { Name = category.Name, IsPart = IsPart(category) };

    private bool Answers(CategoryKey category, NanoQuery query) =>
        (category.Name == query.Name || Entry(category).IsA.Contains(query.Name))
            && (query.Whole is null || IsPart(category) && category.Supercategory == query.Whole);

    /// <summary>Whether an image with a mask of this category may show what the query asks for, labeled or not.</summary>
    private bool Clouds(CategoryKey category, NanoQuery query)
    {
        if (Answers(category, query)) return true;
        var shown = ShownWholes(category);
        if (query.Whole is not null) return shown.Contains(query.Whole);
        if (shown.Contains(query.Name) || Related(Entry(category)).Contains(query.Name)) return true;
        return _vocabulary.Part(query.Name) is { } part && part.Of.Any(w => shown.Contains(w) || (_vocabulary.Whole(w)?.IsA.Any(shown.Contains) ?? false));
    }

    private bool IsApart(CategoryKey category, NanoQuery query) =>
        IsPart(category) && query.Whole is null && _vocabulary.Part(query.Name) is not null && _vocabulary.AreApart(category.Name, query.Name);

    /// <summary>Wholes that a mask of this category makes likely: its own, the wider ones, those that may be confused with it.</summary>
    private HashSet<string> ShownWholes(CategoryKey category)
    {
        string name = IsPart(category) ? category.Supercategory! : category.Name;
        return _vocabulary.Whole(name) is { } entry ? [name, .. Related(entry)] : [name];
    }

    private HashSet<string> Related(NameEntry entry) =>
    [
        .. entry.IsA, .. entry.Unsure,
        .. (entry.IsPart ? _vocabulary.Parts : _vocabulary.Wholes).Where(e => e.IsA.Contains(entry.Name) || e.Unsure.Contains(entry.Name)).Select(e => e.Name),
    ];

    /// <summary>How sure it is that a source that labels these categories would have labeled what the query asks for.</summary>
    private float Certainty(List<CategoryKey> labeled, NanoQuery query)
    {
        if (query.Whole is not null) return CertaintyOfWhole(labeled, query.Whole);
        float whole = _vocabulary.Whole(query.Name) is null ? 1 : CertaintyOfWhole(labeled, query.Name);
        return _vocabulary.Part(query.Name) is { Of.Count: > 0 } part ? Math.Min(whole, part.Of.Min(w => CertaintyOfWhole(labeled, w))) : whole;
    }

    private float CertaintyOfWhole(List<CategoryKey> labeled, string name)
    {
        if (labeled.Any(c => c.Name == name && !IsPart(c))) return 1;
        if (_vocabulary.Whole(name) is not { } entry) return OrdinaryThing;
        if (!entry.IsCommon || labeled.Count(c => !IsPart(c) && Entry(c).IsA.Contains(name)) >= KindsToBeLabeled) return 1;
        return entry.IsStuff ? OrdinaryStuff : OrdinaryThing;
    }
}
