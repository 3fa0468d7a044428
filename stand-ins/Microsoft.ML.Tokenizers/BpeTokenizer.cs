using System.Buffers;
using System.Collections.Concurrent;
using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>Byte-pair encoding with the options of the real package that CLIP-like vocabularies need.</summary>
public sealed class BpeTokenizer : Tokenizer
{
    private const int LongestCachedWord = 15;
    private const int MostCachedWords = 10_000;
    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<int, string> _tokens = [];
    private readonly Dictionary<int, string>? _specialOfId;
    private readonly BpeMerger _merger = new();
    private readonly PreTokenizer? _preTokenizer;
    private readonly Normalizer? _normalizer;
    private readonly int? _unknownId, _beginId, _endId;
    private readonly string? _endToken;
    private readonly ConcurrentDictionary<string, (int Id, int Start)[]> _cache = new(StringComparer.Ordinal);

    private BpeTokenizer(BpeOptions options)
    {
        _vocabulary = new(options.Vocabulary, StringComparer.Ordinal);
        if (_vocabulary.Count == 0) throw new InvalidOperationException("The vocabulary cannot be empty.");
        foreach (var (token, id) in _vocabulary) _tokens.Add(id, token);
        SpecialTokens = options.SpecialTokens;
        _specialOfId = options.SpecialTokens?.ToDictionary(t => t.Value, t => t.Key);
        UnknownToken = options.UnknownToken;
        if (UnknownToken is not null)
            _unknownId = _vocabulary.TryGetValue(UnknownToken, out int unknown) ? unknown
                : throw new InvalidOperationException($"Unknown Token '{UnknownToken}' was not present in 'Vocabulary'.");
        FuseUnknownTokens = options.FuseUnknownTokens;
        ContinuingSubwordPrefix = options.ContinuingSubwordPrefix;
        EndOfWordSuffix = options.EndOfWordSuffix;
        ByteLevel = options.ByteLevel;
        _preTokenizer = options.PreTokenizer ?? PreTokenizer.CreateWordOrNonWord();
        _normalizer = options.Normalizer;
        BeginningOfSentenceToken = options.BeginningOfSentenceToken;
        _beginId = Sentence(options.BeginningOfSentenceToken, "beginning");
        _endToken = options.EndOfSentenceToken;
        _endId = Sentence(options.EndOfSentenceToken, "end");
        foreach (string merge in options.Merges ?? []) AddMerge(merge);
    }

    public IReadOnlyDictionary<string, int>? SpecialTokens { get; }

    public string? UnknownToken { get; }

    public string? ContinuingSubwordPrefix { get; }

    public string? EndOfWordSuffix { get; }

    public bool FuseUnknownTokens { get; }

    public bool ByteLevel { get; }

    public string? BeginningOfSentenceToken { get; }

    public override PreTokenizer? PreTokenizer => _preTokenizer;

    public override Normalizer? Normalizer => _normalizer;

    public IReadOnlyDictionary<string, int> Vocabulary => _vocabulary;

    public static BpeTokenizer Create(BpeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new BpeTokenizer(options);
    }

    public static BpeTokenizer Create(string vocabFile, string? mergesFile) => new(new BpeOptions(vocabFile, mergesFile));

    public static BpeTokenizer Create(Stream vocabStream, Stream? mergesStream)
    {
        ArgumentNullException.ThrowIfNull(vocabStream);
        return new BpeTokenizer(new BpeOptions(BpeFiles.ReadVocabulary(vocabStream))
        {
            Merges = mergesStream is null ? null : BpeFiles.ReadMerges(mergesStream),
        });
    }

    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        text ??= new string(textSpan);
        if (text.Length == 0) return new EncodeResults<EncodedToken> { Tokens = [] };
        string? normalized = settings.ConsiderNormalization && _normalizer is not null ? _normalizer.Normalize(text) : null;
        text = normalized ?? text;

        var tokens = new List<EncodedToken>();
        if (_beginId is { } begin) tokens.Add(new EncodedToken(begin, BeginningOfSentenceToken!, 0..0));
        if (settings.ConsiderPreTokenization && _preTokenizer is not null)
            foreach (var (offset, length) in _preTokenizer.PreTokenize(text)) Encode(text.AsSpan(offset, length), offset, tokens);
        else
            Encode(text, 0, tokens);
        if (_endId is { } end) tokens.Add(new EncodedToken(end, _endToken!, text.Length..text.Length));
        return new EncodeResults<EncodedToken> { Tokens = tokens, NormalizedText = normalized, CharsConsumed = text.Length };
    }

    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.MaxTokenCount);
        return base.EncodeToIds(text, textSpan, settings);
    }

    public override string? Decode(IEnumerable<int> ids) => Decode(ids, considerSpecialTokens: true);

    public string? Decode(IEnumerable<int> ids, bool considerSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var result = new StringBuilder();
        foreach (string? piece in Pieces(ids, considerSpecialTokens))
        {
            if (piece is null) return null;
            result.Append(piece);
        }
        return result.ToString();
    }

    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
        => Decode(ids, destination, considerSpecialTokens: true, out idsConsumed, out charsWritten);

    public OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, bool considerSpecialTokens, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        (idsConsumed, charsWritten) = (0, 0);
        foreach (string? piece in Pieces(ids, considerSpecialTokens))
        {
            if (piece is null) return OperationStatus.InvalidData;
            if (!piece.TryCopyTo(destination[charsWritten..])) return OperationStatus.DestinationTooSmall;
            charsWritten += piece.Length;
            idsConsumed++;
        }
        return OperationStatus.Done;
    }

    /// <summary>The text that each id adds; null for an id that is not in the vocabulary.</summary>
    private IEnumerable<string?> Pieces(IEnumerable<int> ids, bool considerSpecialTokens)
    {
        var utf8 = Encoding.UTF8.GetDecoder(); // keeps the bytes of a character that several tokens share
        var chars = new char[16];
        bool space = false;
        foreach (int id in ids)
        {
            if (_specialOfId is not null && _specialOfId.TryGetValue(id, out string? special))
            {
                yield return considerSpecialTokens ? special : "";
                continue;
            }
            if (!considerSpecialTokens && id == _unknownId)
            {
                yield return "";
                continue;
            }
            if (!_tokens.TryGetValue(id, out string? token))
            {
                yield return ByteLevel ? null : "";
                continue;
            }
            bool ends = EndOfWordSuffix is { Length: > 0 } suffix && token.EndsWith(suffix, StringComparison.Ordinal);
            if (ends) token = token[..^EndOfWordSuffix!.Length];
            if (ContinuingSubwordPrefix is { Length: > 0 } prefix && token.StartsWith(prefix, StringComparison.Ordinal)) token = token[prefix.Length..];
            if (!ByteLevel)
            {
                yield return space ? " " + token : token; // words are joined by spaces only here, as in the real package
                space = ends;
                continue;
            }
            var bytes = new byte[token.Length];
            bool known = true;
            for (int i = 0; i < bytes.Length; i++)
            {
                int value = ByteAlphabet.ToByte(token[i]);
                known &= value >= 0;
                bytes[i] = (byte)value;
            }
            if (chars.Length < bytes.Length + 4) chars = new char[bytes.Length + 4];
            yield return known ? new string(chars, 0, utf8.GetChars(bytes, chars, flush: false)) : null;
        }
    }

    private void Encode(ReadOnlySpan<char> word, int offset, List<EncodedToken> tokens)
    {
        if (SpecialTokens is not null && SpecialTokens.TryGetValue(new string(word), out int special))
        {
            tokens.Add(new EncodedToken(special, new string(word), offset..(offset + word.Length)));
            return;
        }
        List<int>? source = ByteLevel ? [] : null;
        string symbols = source is null ? new string(word) : ByteAlphabet.Transform(word, source);
        var merged = Merge(symbols);
        for (int i = 0; i < merged.Length; i++)
        {
            int from = Source(merged[i].Start), to = i + 1 < merged.Length ? Source(merged[i + 1].Start) : word.Length;
            tokens.Add(new EncodedToken(merged[i].Id, _tokens[merged[i].Id], (offset + from)..(offset + to)));
        }

        int Source(int index) => source is null ? index : source[index];
    }

    private (int Id, int Start)[] Merge(string word)
    {
        if (_cache.TryGetValue(word, out var known)) return known;
        var symbols = new List<(int Id, int Start)>(word.Length);
        bool afterUnknown = false;
        for (int i = 0; i < word.Length;)
        {
            int length = char.IsHighSurrogate(word[i]) && i + 1 < word.Length && char.IsLowSurrogate(word[i + 1]) ? 2 : 1;
            string symbol = word.Substring(i, length);
            if (i > 0 && ContinuingSubwordPrefix is not null) symbol = ContinuingSubwordPrefix + symbol;
            if (i + length >= word.Length && EndOfWordSuffix is not null) symbol += EndOfWordSuffix;
            if (_vocabulary.TryGetValue(symbol, out int id))
            {
                symbols.Add((id, i));
                afterUnknown = false;
            }
            else if (_unknownId is { } unknown)
            {
                if (!(afterUnknown && FuseUnknownTokens)) symbols.Add((unknown, i));
                afterUnknown = true;
            }
            i += length;
        }
        _merger.Merge(symbols);
        var result = symbols.ToArray();
        if (word.Length <= LongestCachedWord && _cache.Count < MostCachedWords) _cache.TryAdd(word, result);
        return result;
    }

    private void AddMerge(string merge)
    {
        int space = merge is null ? throw new InvalidOperationException("The merge entries cannot be null.") : merge.IndexOf(' ');
        if (space < 0 || space == merge.Length - 1 || merge.IndexOf(' ', space + 1) >= 0)
            throw new InvalidOperationException("Invalid merger file format");
        string left = merge[..space], right = merge[(space + 1)..];
        int prefix = ContinuingSubwordPrefix?.Length ?? 0;
        if (right.Length <= prefix)
            throw new InvalidOperationException($"The merge value '{right}' is too short to be merged with a prefix of length {prefix}.");
        _merger.Add(Known(left), Known(right), Known(left + right[prefix..]));

        int Known(string token) => _vocabulary.TryGetValue(token, out int id) ? id
            : throw new InvalidOperationException($"Trying to merge a token '{token}' which not exist in the vocabulary.");
    }

    private int? Sentence(string? token, string which)
    {
        if (token is null) return null;
        if (_vocabulary.TryGetValue(token, out int id) || SpecialTokens?.TryGetValue(token, out id) is true) return id;
        throw new InvalidOperationException($"The {which} of sentence token '{token}' was not present in the vocabulary.");
    }
}
