using SemanticSam.TextEncoder.Sentences;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>
/// The ways to say each query, with their sentence embeddings: the plain name, its plural and simple phrases, synonyms, kinds; for a part
/// of one whole "car wheel", "wheel of a car", "the car's wheels".
/// </summary>
internal sealed class PhraseBook : IDisposable
{
    private const double PlainShare = 0.6, FormShare = 0.12, SynonymShare = 0.22;
    private const int WordsOfAPair = 3, TextsAtOnce = 256;

    private readonly List<string> _texts = [];
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);
    private readonly Phrases[] _phrases;
    private readonly IReadOnlyList<NanoQuery> _queries;

    public PhraseBook(NanoNames names, SentenceTokenizer tokenizer, SentenceEncoder encoder)
    {
        _queries = names.Queries;
        _phrases = [.. names.Queries.Select(q => q.Whole is null ? OfName(names, q) : OfPair(names, q))];
        Sentences = Encode(_texts, tokenizer, encoder);
    }

    /// <summary>[texts, width], rows of length 1.</summary>
    public Tensor Sentences { get; }

    /// <summary>For each row 1 if it is a phrase of one of these, and neither another plain name nor a part of another whole, else 0.</summary>
    public float[] Belonging(IReadOnlySet<QueryName> wanted)
    {
        var belongs = new float[_texts.Count];
        foreach (var query in _queries.Where(IsOne))
            foreach (int row in _phrases[query.Index].All) belongs[row] = 1;
        foreach (var query in _queries.Where(q => !IsOne(q)))
            foreach (int row in query.Whole is null ? [_phrases[query.Index].Plain] : _phrases[query.Index].All) belongs[row] = 0;
        return belongs;

        bool IsOne(NanoQuery query) => wanted.Contains(query.Named);
    }

    /// <summary>The text of a row.</summary>
    public string Text(int row) => _texts[row];

    /// <summary>The row of a query's plain name.</summary>
    public int Plain(int query) => _phrases[query].Plain;

    /// <summary>A row for a query, drawn: most of them the plain name, so that synonyms do not blur it.</summary>
    public int Draw(int query, Random random)
    {
        var phrases = _phrases[query];
        double at = random.NextDouble();
        int[] choice = at < PlainShare ? [] : at < PlainShare + FormShare ? phrases.Forms : at < PlainShare + FormShare + SynonymShare
            ? phrases.Synonyms : phrases.Kinds;
        return choice.Length == 0 ? phrases.Plain : choice[random.Next(choice.Length)];
    }

    /// <summary>Embeddings of texts, [texts, width].</summary>
    public static Tensor Encode(IReadOnlyList<string> texts, SentenceTokenizer tokenizer, SentenceEncoder encoder)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        int[][] ids = [.. texts.Select(t => tokenizer.Encode(t))];
        int[] byLength = [.. Enumerable.Range(0, ids.Length).OrderBy(i => ids[i].Length)];
        Tensor result = empty([texts.Count, encoder.Config.Width], ScalarType.Float32);
        foreach (int[] chunk in byLength.Chunk(TextsAtOnce))
            result.index_copy_(0, tensor(chunk.Select(i => (long)i).ToArray()), encoder.Encode([.. chunk.Select(i => ids[i])]).cpu());
        return result.MoveToOuterDisposeScope();
    }

    public void Dispose() => Sentences.Dispose();

    private Phrases OfName(NanoNames names, NanoQuery query)
    {
        var entries = names.Entries(query.Name).ToList();
        string[] synonyms = [.. entries.SelectMany(e => e.Synonyms).Distinct()], kinds = [.. entries.SelectMany(e => e.Kinds).Distinct()];
        string name = query.Name;
        return new(Row(name), Rows([EnglishPlural.Of(name), With(name), "the " + name, "a photo of " + With(name), "many " + EnglishPlural.Of(name)]),
            Rows(synonyms.Concat(synonyms.Select(EnglishPlural.Of))), Rows(kinds.Concat(kinds.Select(EnglishPlural.Of))));
    }

    private Phrases OfPair(NanoNames names, NanoQuery query)
    {
        var entry = names.Entry(query);
        string part = query.Name, whole = query.Whole!;
        string[] own = entry.Also.TryGetValue(whole, out var words) ? [.. words] : [];
        string[] wholes = [.. (names.Whole(whole)?.Synonyms ?? []).Take(WordsOfAPair), .. (names.Whole(whole)?.Kinds ?? []).Take(WordsOfAPair)];
        var synonyms = own.Concat(own.Concat(entry.Synonyms.Take(WordsOfAPair)).SelectMany(p => Said(p, whole))).Concat(wholes.SelectMany(w => Said(part, w)));
        return new(Row($"{part} of {With(whole)}"), Rows(Said(part, whole)), Rows(synonyms), []);
    }

    private static IEnumerable<string> Said(string part, string whole) =>
        [$"{whole} {part}", $"{part} of {whole}", $"{part} of {With(whole)}", $"the {whole}'s {part}", $"{whole} {EnglishPlural.Of(part)}",
            $"{EnglishPlural.Of(part)} of {With(whole)}"];

    private static string With(string name) => ("aeiou".Contains(name[0]) ? "an " : "a ") + name;

    private int[] Rows(IEnumerable<string> texts) => [.. texts.Distinct().Select(Row)];

    private int Row(string text)
    {
        if (_rows.TryGetValue(text, out int row)) return row;
        _texts.Add(text);
        return _rows[text] = _texts.Count - 1;
    }

    private sealed record Phrases(int Plain, int[] Forms, int[] Synonyms, int[] Kinds)
    {
        public int[] All => [Plain, .. Forms, .. Synonyms, .. Kinds];
    }
}
