namespace SemanticSam.TextEncoder.Sentences;

/// <summary>A name that a model was taught, and what else it is called.</summary>
internal sealed record NameEntry
{
    /// <summary>The plain name: lower case, singular.</summary>
    public required string Name { get; init; }

    /// <summary>True for a part of something.</summary>
    public bool IsPart { get; init; }

    /// <summary>True for what has no instances, such as sky.</summary>
    public bool IsStuff { get; init; }

    /// <summary>True for a thing of which what touches is one, such as a neck: it was learned as an area, and clicks would divide it.</summary>
    public bool InPieces { get; init; }

    /// <summary>For a part: the wholes it belongs to.</summary>
    public IReadOnlyList<string> Of { get; init; } = [];

    /// <summary>Other words for the same thing.</summary>
    public IReadOnlyList<string> Synonyms { get; init; } = [];

    /// <summary>Narrower words, whose things are found under this name.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>Synonyms that training never sees: they measure what the sentence encoder alone understands.</summary>
    public IReadOnlyList<string> HeldOut { get; init; } = [];

    /// <summary>Broader names, whose masks hold this one's.</summary>
    public IReadOnlyList<string> IsA { get; init; } = [];

    /// <summary>Names of which nothing may be concluded where this one is labeled, and the other way round.</summary>
    public IReadOnlyList<string> Unsure { get; init; } = [];

    /// <summary>True for things so ordinary that a photo may show them unlabeled.</summary>
    public bool IsCommon { get; init; }

    /// <summary>For a part: further words of it for one whole.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Also { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>
    /// For a part: wholes whose part of this name was learned from other annotations than the rest. The plain name is asked of these as well.
    /// </summary>
    public IReadOnlyList<string> LearnedApart { get; init; } = [];

    /// <summary>This entry with the words and relations of another of the same name.</summary>
    public NameEntry With(NameEntry other) => this with
    {
        IsStuff = IsStuff || other.IsStuff, InPieces = InPieces || other.InPieces, IsCommon = IsCommon || other.IsCommon,
        Of = [.. Of.Union(other.Of)], Synonyms = [.. Synonyms.Union(other.Synonyms)], Kinds = [.. Kinds.Union(other.Kinds)],
        HeldOut = [.. HeldOut.Union(other.HeldOut)], LearnedApart = [.. LearnedApart.Union(other.LearnedApart)],
        IsA = [.. IsA.Union(other.IsA)], Unsure = [.. Unsure.Union(other.Unsure)],
        Also = Also.Concat(other.Also).GroupBy(p => p.Key).ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.SelectMany(p => p.Value).Distinct()]),
    };
}

/// <summary>How a text was found in a <see cref="NameVocabulary"/>.</summary>
internal enum NameMatch
{
    /// <summary>It is the name, perhaps in the plural or with an article.</summary>
    Name,

    /// <summary>It is another word for the name.</summary>
    Synonym,

    /// <summary>It is a narrower word.</summary>
    Kind,

    /// <summary>It is a slice of the name's things.</summary>
    Slice,
}

/// <summary>What a text means in a <see cref="NameVocabulary"/>.</summary>
/// <param name="Entry">The name.</param>
/// <param name="Whole">For a part whose whole was said: the whole's name.</param>
/// <param name="Match">How it was found.</param>
internal sealed record NameResolution(NameEntry Entry, string? Whole, NameMatch Match)
{
    /// <summary>Which slice of the name's things; null for all of them.</summary>
    public NameSlice? Slice { get; init; }

    /// <summary>"wheel of car" where the whole was said, else the name.</summary>
    public string FullName => Whole is null ? Entry.Name : $"{Entry.Name} of {Whole}";
}
