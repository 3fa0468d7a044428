using SemanticSam.TextEncoder.Names;

namespace SemanticSam.TextEncoder.Sentences;

/// <summary>
/// The names of a model with their synonyms, kinds and relations, from a file written by hand. Resolves what people type: "couch" is
/// "sofa", "the car's wheels" and "wheel of a car" are "wheel" of "car".
/// </summary>
internal sealed class NameVocabulary
{
    private static readonly HashSet<string> Prepositions =
    [
        "of", "with", "without", "in", "on", "at", "from", "under", "over", "above", "below", "behind", "before", "beside", "between", "near", "next",
        "against", "by", "for", "to", "inside", "outside", "around", "through", "along", "across", "that", "which", "who", "whose", "wearing", "holding",
        "carrying", "riding", "sitting", "standing", "lying", "made",
    ];
    private static readonly string[] Articles = ["a ", "an ", "the ", "some "];

    private readonly Dictionary<string, NameEntry> _wholes, _parts;
    private readonly Dictionary<string, (NameEntry Entry, NameMatch Match)> _wholeWords = new(StringComparer.Ordinal), _partWords = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Word, string Whole), NameEntry> _ownWords = [];
    private readonly Dictionary<string, NameSlice> _sliceWords = new(StringComparer.Ordinal);

    private readonly IReadOnlyList<IReadOnlyDictionary<string, string[]>> _apart;
    private readonly IReadOnlyDictionary<string, string[]> _senses;
    private readonly List<Dictionary<string, string>> _placeOf = []; // of each name, for each division

    private NameVocabulary(IEnumerable<NameEntry> wholes, IEnumerable<NameEntry> parts, IEnumerable<NameSlice> slices,
        IReadOnlyList<IReadOnlyDictionary<string, string[]>> apart, IReadOnlyDictionary<string, string[]> senses, bool knowsEnglish = false)
    {
        KnowsEnglish = knowsEnglish;
        Wholes = [.. wholes];
        Parts = [.. parts];
        Slices = [.. slices];
        (_apart, _senses) = (apart, senses);
        _wholes = Wholes.ToDictionary(e => e.Name, StringComparer.Ordinal);
        _parts = Parts.ToDictionary(e => e.Name, StringComparer.Ordinal);
        Index(Wholes, _wholeWords);
        Index(Parts, _partWords);
        foreach (var slice in Slices)
            foreach (string word in slice.Synonyms.Prepend(slice.Name)) _sliceWords.TryAdd(word, slice);
        foreach (var part in Parts)
            foreach (var (whole, words) in part.Also)
                foreach (string word in words) _ownWords.TryAdd((word, whole), part);
        foreach (var division in apart) _placeOf.Add(PlacesOf(division));
    }

    /// <summary>Objects and stuff.</summary>
    public IReadOnlyList<NameEntry> Wholes { get; }

    /// <summary>Parts; one entry a name, whatever it belongs to.</summary>
    public IReadOnlyList<NameEntry> Parts { get; }

    /// <summary>Names of slices of parts. One that is also a whole's or a part's name is that.</summary>
    public IReadOnlyList<NameSlice> Slices { get; }

    /// <summary>
    /// Whether what is not in the file is looked up among <see cref="EnglishNouns"/>, and of a phrase the noun that it is about: "dachshund" is "dog",
    /// "red car" and "car in the rain" are "car". For files whose names mean what the embedded model's mean.
    /// </summary>
    public bool KnowsEnglish { get; }

    /// <summary>This vocabulary, which <see cref="KnowsEnglish"/>.</summary>
    public NameVocabulary WithEnglish() => new(Wholes, Parts, Slices, _apart, _senses, knowsEnglish: true);

    /// <summary>Reads a vocabulary file.</summary>
    /// <exception cref="InvalidDataException">It is no such file, a name is missing or occurs twice.</exception>
    public static NameVocabulary Read(Stream json)
    {
        var file = VocabularyFile.Read(json);
        return new(file.Wholes, file.Parts, file.Slices, file.Apart, file.Senses);
    }

    /// <summary>This vocabulary and another: entries of one name and kind become one, with the words of both; new ones come last.</summary>
    /// <param name="other">What is added.</param>
    public NameVocabulary With(NameVocabulary other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new(Merged(Wholes, other.Wholes), Merged(Parts, other.Parts), other.Slices.Concat(Slices).DistinctBy(s => s.Name), [.. _apart, .. other._apart],
            other._senses.Concat(_senses).DistinctBy(s => s.Key).ToDictionary(), KnowsEnglish);

        static IEnumerable<NameEntry> Merged(IReadOnlyList<NameEntry> own, IReadOnlyList<NameEntry> added) =>
            own.Concat(added).GroupBy(e => e.Name, StringComparer.Ordinal).Select(g => g.Aggregate((a, b) => a.With(b)));
    }

    /// <summary>The entry of an object's or stuff's plain name; null where there is none.</summary>
    public NameEntry? Whole(string name) => _wholes.GetValueOrDefault(name);

    /// <summary>The entry of a part's plain name; null where there is none.</summary>
    public NameEntry? Part(string name) => _parts.GetValueOrDefault(name);

    /// <summary>
    /// Whether what one part's name says and what another's says share no pixel: a mouth is no part of a shoe. The divisions of the file say it; narrower
    /// names count as the wider ones.
    /// </summary>
    public bool AreApart(string part, string other) =>
        _placeOf.Exists(p => p.TryGetValue(part, out string? a) && p.TryGetValue(other, out string? b) && a != b);

    /// <summary>
    /// What a text means, what it means first in front: a "cap" is a bottle's, and a hat where an image shows no bottle's; a "wall" is a wall, or the part of
    /// a building that is called so. Empty where it means nothing here.
    /// </summary>
    /// <param name="text">A name as people type it.</param>
    public IReadOnlyList<NameResolution> Meanings(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] others = Spellings(Plain(text)).Select(n => _senses.GetValueOrDefault(n)).FirstOrDefault(s => s is not null) ?? [];
        var entries = others.Select(n => Whole(n) ?? Part(n)).OfType<NameEntry>();
        var first = Resolve(text);
        var further = entries.Where(e => e != first?.Entry).Select(e => new NameResolution(e, null, NameMatch.Synonym));
        return [.. first is null ? further : [first, .. Namesakes(first), .. further]];
    }

    /// <summary>
    /// What has the very name of what was found: the part of a whole's name, if it is of one whole, since nothing else tells the two apart in words; and of a
    /// part those that were learned apart from it.
    /// </summary>
    private IEnumerable<NameResolution> Namesakes(NameResolution found) => found switch
    {
        { Entry.IsPart: false } => Part(found.Entry.Name) is { Of: [var only] } part ? [new(part, only, found.Match)] : [],
        { Whole: null, Slice: null } => found.Entry.LearnedApart.Select(whole => new NameResolution(found.Entry, whole, found.Match)),
        _ => [],
    };

    /// <summary>What a text means; null where it means nothing here.</summary>
    /// <param name="text">A name as people type it.</param>
    public NameResolution? Resolve(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string name = Plain(text);
        return Known(name) ?? OfSlice(name) ?? OfPair(name) ?? (KnowsEnglish ? English(name) : null) ?? OfThing(name) ?? (KnowsEnglish ? OfPhrase(name) : null);
    }

    /// <summary>A word is what it says before it is the plural of another: "glasses" are worn, and not several of what one drinks from.</summary>
    private NameResolution? Known(string name)
    {
        foreach (string candidate in Spellings(name))
            if (_wholeWords.TryGetValue(candidate, out var found) || _partWords.TryGetValue(candidate, out found)) return new(found.Entry, null, found.Match);
        return null;
    }

    private NameResolution? OfSlice(string name)
    {
        var slice = Spellings(name).Select(n => _sliceWords.GetValueOrDefault(n)).FirstOrDefault(s => s is not null);
        return slice is not null && Part(slice.Of) is { } part ? new(part, null, NameMatch.Slice) { Slice = slice } : null;
    }

    private NameResolution? OfPair(string name)
    {
        foreach (var (partText, wholeText) in Pairs(name))
        {
            if ((Find(_wholeWords, wholeText)?.Entry ?? EnglishWhole(wholeText)) is not { } owner) continue;
            if (Own(partText, owner.Name) is { } own) return new(own, owner.Name, NameMatch.Synonym);
            if (Find(_partWords, partText) is { } of && of.Entry.Of.Contains(owner.Name)) return new(of.Entry, owner.Name, of.Match);
            if (OfSlice(partText) is { } slice && slice.Entry.Of.Contains(owner.Name)) return slice with { Whole = owner.Name };
        }
        return null;
    }

    /// <summary>What is counted or shown, or what holds something.</summary>
    private NameResolution? OfThing(string name)
    {
        if (CountedThings.ThingOf(name) is not { } thing || Resolve(thing) is not { } found) return null;
        bool isHolder = name.StartsWith(thing, StringComparison.Ordinal); // a cup of coffee is a narrower thing than a cup, a pair of jeans is jeans
        return found.Match == NameMatch.Name ? found with { Match = isHolder ? NameMatch.Kind : NameMatch.Synonym } : found;
    }

    private NameEntry? EnglishWhole(string name) =>
        KnowsEnglish && !name.Split(' ').Any(Prepositions.Contains) && (English(name) ?? OfPhrase(name)) is { Entry: { IsPart: false } entry } ? entry : null;

    private NameResolution? English(string name)
    {
        foreach (string candidate in Spellings(name))
            if (EnglishNouns.KindOf(candidate) is { } kind && (kind.IsPart ? Part(kind.Name) : Whole(kind.Name)) is { } entry)
                return new(entry, null, NameMatch.Kind);
        return null;
    }

    /// <summary>
    /// A phrase is about its last noun before "with", "in" and the like, and a kind of it: what stands before it narrows. A part behind a whole ("car roof")
    /// is no such phrase, nor is "roof of a car": they ask for a part that the vocabulary does not give that whole.
    /// </summary>
    private NameResolution? OfPhrase(string name)
    {
        string[] words = name.Split(' ');
        int end = Array.FindIndex(words, Prepositions.Contains);
        if (end < 0) end = words.Length;
        if (end == 0 || name.Contains("'s ", StringComparison.Ordinal) || end < words.Length && words[end] == "of") return null;
        for (int start = end < words.Length ? 0 : 1; start < end; start++)
        {
            string head = string.Join(' ', words[start..end]);
            if (Noun(head) is not { } found) continue;
            bool isOfAWhole = found.Entry.IsPart && start > 0 && Noun(string.Join(' ', words[..start])) is { Entry.IsPart: false };
            return isOfAWhole ? null : found with { Match = NameMatch.Kind };
        }
        return null;

        NameResolution? Noun(string text) => Known(text) ?? English(text);
    }

    private NameEntry? Own(string word, string whole) =>
        Spellings(word).Select(w => _ownWords.GetValueOrDefault((w, whole))).FirstOrDefault(e => e is not null);

    /// <summary>How a file may have a word: as it stands, in the singular ("dogs"), in the plural ("finger" of "fingers"), without hyphens.</summary>
    private static IEnumerable<string> Spellings(string name)
    {
        var forms = Plurals.Singulars(name).Prepend(name);
        string plural = EnglishPlural.Of(name);
        if (plural != name) forms = forms.Append(plural);
        return name.Contains('-') ? forms.Concat(Spellings(name.Replace('-', ' '))) : forms;
    }

    private static (NameEntry Entry, NameMatch Match)? Find(Dictionary<string, (NameEntry, NameMatch)> words, string name)
    {
        foreach (string candidate in Spellings(name))
            if (words.TryGetValue(candidate, out var found)) return found;
        return null;
    }

    /// <summary>(part, whole) as "wheel of a car", "car's wheel" and "car wheel" say it.</summary>
    private static IEnumerable<(string Part, string Whole)> Pairs(string name)
    {
        int of = name.IndexOf(" of ", StringComparison.Ordinal);
        if (of > 0) yield return (Plain(name[..of]), Plain(name[(of + 4)..]));
        foreach (string mark in new[] { "'s ", "' " })
        {
            int at = name.IndexOf(mark, StringComparison.Ordinal);
            if (at > 0) yield return (Plain(name[(at + mark.Length)..]), Plain(name[..at]));
        }
        for (int space = name.IndexOf(' '); space > 0; space = name.IndexOf(' ', space + 1))
            yield return (name[(space + 1)..], name[..space]);
    }

    private static string Plain(string text)
    {
        string name = string.Join(' ', text.ToLowerInvariant().Replace('\u2019', '\'').Replace('_', ' ')
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        foreach (string article in Articles)
            if (name.StartsWith(article, StringComparison.Ordinal)) return name[article.Length..];
        return name;
    }

    private static void Index(IReadOnlyList<NameEntry> entries, Dictionary<string, (NameEntry, NameMatch)> words)
    {
        foreach (var entry in entries) words[entry.Name] = (entry, NameMatch.Name);
        foreach (var entry in entries) Add(entry.Synonyms.Concat(entry.HeldOut), entry, NameMatch.Synonym);
        foreach (var entry in entries) Add(entry.Kinds, entry, NameMatch.Kind);
        foreach (var (word, found) in words.Where(w => w.Key.Contains('-')).ToArray()) words.TryAdd(word.Replace('-', ' '), found); // "t shirt"

        void Add(IEnumerable<string> others, NameEntry entry, NameMatch match)
        {
            foreach (string word in others) words.TryAdd(word, (entry, match));
        }
    }

    private Dictionary<string, string> PlacesOf(IReadOnlyDictionary<string, string[]> division)
    {
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (place, names) in division)
            foreach (string name in names)
                if (!places.TryAdd(name, place) && places[name] != place)
                    throw new InvalidDataException($"The vocabulary's 'apart' has '{name}' at two places of one division, '{places[name]}' and '{place}'.");
        foreach (var part in Parts) // a narrower name goes with the wider one
            if (!places.ContainsKey(part.Name) && part.IsA.Where(places.ContainsKey).Select(w => places[w]).Distinct().ToArray() is [var only])
                places[part.Name] = only;
        return places;
    }
}
