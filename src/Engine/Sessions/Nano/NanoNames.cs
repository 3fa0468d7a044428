using SemanticSam.TextEncoder.Names;
using SemanticSam.TextEncoder.Sentences;
using static TorchSharp.torch;
using Entry = SemanticSam.TextEncoder.Sentences.NameEntry;
using Match = SemanticSam.TextEncoder.Sentences.NameMatch;

namespace SemanticSam.Engine.Sessions.Nano;

/// <summary>
/// The embedded model's names: users' words are looked up in its vocabulary first; what stands there is asked by its plain name, since
/// that is what was trained most. Other words are asked by their meaning if a known word is near, and refused else. Safe for several threads.
/// </summary>
internal sealed class NanoNames : INameBook, IDisposable
{
    private const int NearestShown = 3;
    private const float LeaningSharpness = 30, LeaningWeight = 2;

    private readonly NameVocabulary _vocabulary;
    private readonly Vocabulary _embeddings;
    private readonly SentenceText _text;
    private readonly ConceptParser _parser;
    private readonly double _nearness;
    private readonly (string Text, string Name, bool IsPart)[] _known;
    private readonly HashSet<string> _learned;
    private readonly Lazy<Tensor> _learnedEmbeddings; // [learned, SentenceWidth]; those of _known are the first of them

    /// <param name="vocabulary">Names and relations.</param>
    /// <param name="text">Encodes texts; becomes this object's.</param>
    /// <param name="remembered">Embeddings of texts that were encoded before.</param>
    /// <param name="settings">How near an unknown word must be to a known one.</param>
    public NanoNames(NameVocabulary vocabulary, SentenceText text, IEnumerable<(string Text, float[] Embedding)> remembered, InferenceSettings settings)
    {
        (_vocabulary, _text, _nearness) = (vocabulary, text, settings.NearnessThreshold);
        _embeddings = new Vocabulary(text, new VocabularyOptions { Prompts = PromptStyle.BareName, StripMarks = false });
        _embeddings.Remember(remembered);
        _parser = new ConceptParser(
            new ConceptParserOptions { Wholes = [.. vocabulary.Wholes.Select(e => e.Name)], Parts = [.. vocabulary.Parts.Select(e => e.Name)] });
        _known = [.. vocabulary.Wholes.Concat(vocabulary.Parts).SelectMany(e => Words(e).Select(w => (w, e.Name, e.IsPart))).DistinctBy(p => p.w)];
        string[] learned = [.. TextsOf(vocabulary)];
        _learned = [.. learned];
        _learnedEmbeddings = new(() => _embeddings.Embed(learned).DetachFromDisposeScope());
        Names = [.. vocabulary.Wholes.Concat(vocabulary.Parts).Select(e => new VocabularyName
        {
            Name = e.Name, IsPart = e.IsPart, IsStuff = e.IsStuff, Of = e.Of, Synonyms = [.. e.Synonyms.Concat(e.HeldOut)], Kinds = e.Kinds, Wider = e.IsA,
        }).Concat(vocabulary.Slices.Where(s => vocabulary.Part(s.Of) is not null).Select(s => new VocabularyName
        {
            Name = s.Name, IsPart = true, Of = vocabulary.Part(s.Of)!.Of, Synonyms = s.Synonyms, SliceOf = s.Of,
        }))];
        Own = [.. Names.Where(n => n.SliceOf is null).Select(n => new LabelName(n.Name, n.IsPart)).Distinct()];
    }

    public IReadOnlyList<VocabularyName> Names { get; }

    /// <summary>The names of the vocabulary, to label masks with.</summary>
    public IReadOnlyList<LabelName> Own { get; }

    /// <summary>All texts that the vocabulary gives to encode: names, other words for them, parts of their wholes.</summary>
    public static IEnumerable<string> TextsOf(NameVocabulary vocabulary) =>
        vocabulary.Wholes.Concat(vocabulary.Parts).SelectMany(Words)
            .Concat(vocabulary.Parts.SelectMany(p => p.Of.Select(whole => Pair(p.Name, whole)))).Distinct();

    public IReadOnlyList<ReadName> Read(IReadOnlyList<string> names) => [.. Parse(names).Select(Understand)];

    /// <summary>Embeddings of texts, [texts, SentenceWidth], in the caller's dispose scope; each text is encoded once in the life of the model.</summary>
    public Tensor Embed(IReadOnlyList<string> texts)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor own = _embeddings.Embed(texts);
        bool[] isKnown = [.. texts.Select(_learned.Contains)];
        if (_learned.Count > 0 && !isKnown.All(k => k)) own = Leaning(own, isKnown);
        return own.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The projection was trained on a few hundred words, and between them it is any guess. So the embedding of a text that is not among them leans toward
    /// the mean of those that are, weighed by nearness.
    /// </summary>
    private Tensor Leaning(Tensor own, bool[] isKnown)
    {
        Tensor known = _learnedEmbeddings.Value, near = own.matmul(known.t()).mul(LeaningSharpness).softmax(-1).matmul(known); // [texts, SentenceWidth]
        Tensor weight = tensor(Array.ConvertAll(isKnown, k => k ? 0 : LeaningWeight)).unsqueeze(1).to(own.device);
        return nn.functional.normalize(own + near * weight, 2, -1);
    }

    /// <summary>Names to label masks with; null takes the vocabulary. Slices label nothing: their text was never taught.</summary>
    /// <exception cref="PromptException">They cannot be read.</exception>
    public IReadOnlyList<LabelName> Labels(IReadOnlyList<string>? names) => names is null ? Own
        : names.Count == 0 ? [] : [.. Read(names).Where(n => n.IsAsked && n.Slice is null)
            .Select(n => new LabelName(n.Part ?? n.Whole!, n.Part is not null) { Asked = n.Asked })];

    /// <summary>The next wider names of a name: "animal" of "cat"; none where it is not in the vocabulary.</summary>
    public IReadOnlyList<string> WiderOf(string name, bool isPart) => (isPart ? _vocabulary.Part(name) : _vocabulary.Whole(name))?.IsA ?? [];

    /// <summary>The parts that a whole has, as if each had been asked for; none where it is not in the vocabulary.</summary>
    public IReadOnlyList<ReadName> PartsOf(string whole) => _vocabulary.Resolve(whole)?.Entry.Name is { } name
        ? [.. _vocabulary.Parts.Where(p => p.Of.Contains(name)).Select(p => PartName(p, whole))] : [];

    /// <summary>The taught parts that share no pixel with a part, as the vocabulary says.</summary>
    public IReadOnlyList<string> PartsApartFrom(string part) => [.. _vocabulary.Parts.Select(p => p.Name).Where(p => _vocabulary.AreApart(part, p))];

    /// <summary>The wholes that have a part, by name; none where it is not in the vocabulary.</summary>
    public IReadOnlyList<string> WholesOf(string part) => _vocabulary.Part(part)?.Of ?? [];

    public void Dispose()
    {
        if (_learnedEmbeddings.IsValueCreated) _learnedEmbeddings.Value.Dispose();
        _text.Dispose();
    }

    /// <summary>"wheel of a car", as training says it.</summary>
    public static string Pair(string part, string whole) => $"{part} of {("aeiou".Contains(whole[0]) ? "an" : "a")} {whole}";

    private static ReadName PartName(Entry part, string whole) => AskedBothWays(
        new($"{part.Name} of {whole}", NameMatch.Name, Pair(part.Name, whole), $"{part.Name} of {whole}", whole, part.Name, false, [])
        {
            TaughtPart = part.Name, InPieces = part.InPieces,
        }, part);

    /// <summary>
    /// The part of a whole. Where it was learned apart, and nothing else has such a part, the plain name says the same to what learned the rest, and is asked
    /// as well.
    /// </summary>
    private static ReadName AskedBothWays(ReadName pair, Entry part) =>
        part is { Of.Count: 1, LearnedApart.Count: 1 } ? pair with { Otherwise = [pair with { Asked = part.Name }] } : pair;

    /// <summary>A whole, as if it had been asked for.</summary>
    public static ReadName WholeName(string whole) => new(whole, NameMatch.Name, whole, whole, whole, null, false, []);

    private static IEnumerable<string> Words(Entry entry) => [entry.Name, .. entry.Synonyms, .. entry.Kinds, .. entry.HeldOut];

    private ReadName Understand(Concept concept)
    {
        string text = concept.Kind == ConceptKind.PartOfWhole ? $"{concept.Part} of {concept.Whole}" : concept.Whole ?? concept.Part!;
        var found = _vocabulary.Meanings(text);
        if (found.Count == 0) return ByMeaning(concept, text);
        var first = Understood(concept, text, found[0]);
        if (found[0].Whole is not null) first = AskedBothWays(first, found[0].Entry);
        return first with { Otherwise = [.. first.Otherwise, .. found.Skip(1).Select(f => Understood(concept, text, f))] };
    }

    private static ReadName Understood(Concept concept, string text, NameResolution found)
    {
        var match = found.Match switch { Match.Name => NameMatch.Name, Match.Synonym => NameMatch.Synonym, Match.Slice => NameMatch.Slice,
            _ => NameMatch.Kind };
        var entry = found.Entry;
        if (found.Whole is { } whole)
            return new(concept.Text, match, Pair(entry.Name, whole), found.FullName, concept.Kind == ConceptKind.PartOfWhole ? concept.Whole : whole,
            concept.Kind == ConceptKind.PartOfWhole ? concept.Part : found.Slice?.Name ?? entry.Name, false, [])
            {
                Slice = found.Slice, TaughtPart = entry.Name, InPieces = entry.InPieces,
            };
        return new(concept.Text, match, entry.Name, entry.Name, entry.IsPart ? null : text, entry.IsPart ? text : null, entry.IsStuff, [])
        {
            Slice = found.Slice, TaughtPart = entry.IsPart ? entry.Name : null, InPieces = entry.InPieces,
        };
    }

    private ReadName ByMeaning(Concept concept, string text)
    {
        string asked = concept.Kind == ConceptKind.PartOfWhole ? Pair(concept.Part!, concept.Whole!) : text;
        var nearest = Nearest(asked);
        bool near = nearest.Count > 0 && nearest[0].Nearness >= _nearness;
        bool isPart = concept.Kind == ConceptKind.Part || concept.Kind == ConceptKind.Any && near && nearest[0].IsPart;
        return new(concept.Text, near ? NameMatch.Near : NameMatch.Unknown, asked, text, isPart ? null : concept.Whole,
            isPart || concept.Kind == ConceptKind.PartOfWhole ? concept.Part : null, false, [.. nearest.Select(n => n.Name)]);
    }

    /// <summary>The nearest names of the vocabulary by the meaning of any of their words, nearest first.</summary>
    internal IReadOnlyList<(string Name, bool IsPart, double Nearness)> Nearest(string text)
    {
        if (_known.Length == 0) return [];
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor own = _embeddings.Embed([text]), known = _learnedEmbeddings.Value.slice(0, 0, _known.Length, 1);
        float[] near = [.. known.matmul(own.squeeze(0)).cpu().data<float>()];
        return [.. Enumerable.Range(0, near.Length).OrderByDescending(i => near[i]).Select(i => (_known[i].Name, _known[i].IsPart, (double)near[i]))
            .DistinctBy(n => n.Name).Take(NearestShown)];
    }

    private IReadOnlyList<Concept> Parse(IReadOnlyList<string> names)
    {
        try
        {
            return _parser.Parse(names);
        }
        catch (ConceptException e)
        {
            throw new PromptException(names.All(string.IsNullOrWhiteSpace) ? PromptError.Empty : PromptError.Malformed, e.Message, e);
        }
    }
}

/// <summary>A name to label masks with.</summary>
/// <param name="Name">The label.</param>
/// <param name="IsPart">Whether it is a part's.</param>
internal sealed record LabelName(string Name, bool IsPart)
{
    /// <summary>The text that is encoded.</summary>
    public string Asked { get; init; } = Name;
}
