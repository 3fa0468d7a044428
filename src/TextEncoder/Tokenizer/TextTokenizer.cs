using System.Text;
using System.Text.Json;
using Microsoft.ML.Tokenizers;
using SemanticSam.Foundation;

namespace SemanticSam.TextEncoder.Tokenizer;

/// <summary>
/// CLIP's way from text to token ids, with any vocabulary of its kind: cleaning (<see cref="TextCleaner"/>), CLIP's word pattern,
/// byte-level byte-pair encoding with <c>&lt;/w&gt;</c> at the end of words, a start and an end token. Safe for use by many threads.
/// </summary>
internal sealed class TextTokenizer
{
    /// <summary>The token before every text.</summary>
    public const string StartToken = "<|startoftext|>";

    /// <summary>The token after every text; its id is the largest of the vocabulary, by which the encoder finds it.</summary>
    public const string EndToken = "<|endoftext|>";

    /// <summary>Marks tokens that end a word.</summary>
    public const string EndOfWord = "</w>";

    /// <summary>Name of the vocabulary's file in a model's folder: a JSON object of token to id.</summary>
    public const string VocabularyFile = "vocab.json";

    /// <summary>Name of the merges' file in a model's folder: two tokens and a space between them a line, the first merge first.</summary>
    public const string MergesFile = "merges.txt";

    private readonly BpeTokenizer _bpe;
    private readonly string[] _tokens;

    private TextTokenizer(IReadOnlyDictionary<string, int> vocabulary, IEnumerable<string> merges, string source)
    {
        _tokens = new string[vocabulary.Count];
        foreach (var (token, id) in vocabulary)
        {
            if ((uint)id >= (uint)_tokens.Length || _tokens[id] is not null)
                throw new InvalidDataException($"{source}: the id {id} of '{token}' is taken twice or is not in 0 to {_tokens.Length - 1}.");
            _tokens[id] = token;
        }
        StartId = Special(StartToken);
        EndId = Special(EndToken);
        if (EndId != _tokens.Length - 1)
            throw new InvalidDataException($"{source}: the id of {EndToken} is {EndId}; it must be the largest, {_tokens.Length - 1}.");
        try
        {
            _bpe = BpeTokenizer.Create(new BpeOptions(vocabulary)
            {
                Merges = merges,
                ByteLevel = true,
                EndOfWordSuffix = EndOfWord,
                Normalizer = ClipNormalizer.Instance,
                PreTokenizer = ClipPreTokenizer.Instance,
                SpecialTokens = new Dictionary<string, int> { [StartToken] = StartId, [EndToken] = EndId },
            });
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException($"{source}: {e.Message}", e);
        }

        int Special(string token) => vocabulary.TryGetValue(token, out int id) ? id
            : throw new InvalidDataException($"{source}: the vocabulary lacks {token}.");
    }

    /// <summary>Id of <see cref="StartToken"/>.</summary>
    public int StartId { get; }

    /// <summary>Id of <see cref="EndToken"/>.</summary>
    public int EndId { get; }

    /// <summary>Number of tokens; ids are 0 to this less 1.</summary>
    public int VocabularySize => _tokens.Length;

    /// <summary>Makes a tokenizer of a vocabulary and its merges ("left right", the first merge first).</summary>
    /// <exception cref="InvalidDataException">Ids with gaps, no start or end token, or a merge of unknown tokens.</exception>
    public static TextTokenizer Create(IReadOnlyDictionary<string, int> vocabulary, IEnumerable<string> merges)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(merges);
        return new TextTokenizer(vocabulary, merges, "vocabulary");
    }

    /// <summary>Reads <see cref="VocabularyFile"/> and <see cref="MergesFile"/> of a model's folder.</summary>
    /// <exception cref="FileNotFoundException">One of the two files is not there.</exception>
    /// <exception cref="InvalidDataException">A file is not of its format, or the two do not fit together.</exception>
    public static TextTokenizer Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        using var vocabulary = Open(Path.Combine(folder, VocabularyFile));
        using var merges = Open(Path.Combine(folder, MergesFile));
        return Load(vocabulary, merges, folder);

        static FileStream Open(string path) => File.Exists(path) ? RegularFile.OpenBounded(path, RegularFile.LargestText)
            : throw new FileNotFoundException($"The tokenizer's file {path} does not exist.", path);
    }

    /// <summary>Reads a vocabulary and merges from streams in the formats of the two files.</summary>
    /// <param name="vocabulary">JSON object of token to id.</param>
    /// <param name="merges">Lines "left right"; lines that start with "#version" and empty lines do not count.</param>
    /// <param name="source">Where they are from, for messages.</param>
    /// <exception cref="InvalidDataException">A stream is not of its format, or the two do not fit together.</exception>
    public static TextTokenizer Load(Stream vocabulary, Stream merges, string source = "tokenizer")
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(merges);
        try
        {
            var tokens = JsonSerializer.Deserialize<Dictionary<string, int>>(vocabulary)
                ?? throw new InvalidDataException($"{source}: the vocabulary is JSON null.");
            return new TextTokenizer(tokens, Lines(merges), source);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{source}: the vocabulary is not a JSON object of token to id: {JsonMessage.Of(e)}.", e);
        }

        static IEnumerable<string> Lines(Stream stream)
        {
            using var reader = new StreamReader(stream, leaveOpen: true);
            while (reader.ReadLine() is { } line)
                if (line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal)) yield return line;
        }
    }

    /// <summary>The ids of a text, without start and end token; empty for an empty text.</summary>
    public IReadOnlyList<int> EncodeToIds(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _bpe.EncodeToIds(text);
    }

    /// <summary>One row of ids: start, the text's tokens, end, padding.</summary>
    /// <returns><see cref="TextContext.Length"/> ids.</returns>
    /// <exception cref="ArgumentException">The text is too long and the context says to refuse such.</exception>
    public int[] Encode(string text, TextContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfLessThan(context.Length, 2);
        var ids = EncodeToIds(text);
        if (ids.Count + 2 > context.Length && context.Overflow == TextOverflow.Throw)
            throw new ArgumentException(
                $"The text has {ids.Count + 2} tokens, start and end included; the context holds {context.Length}: '{Shorten(text)}'.", nameof(text));
        var row = new int[context.Length];
        if (context.Padding == TextPadding.EndToken) Array.Fill(row, EndId);
        int kept = Math.Min(ids.Count, context.Length - 2);
        row[0] = StartId;
        for (int i = 0; i < kept; i++) row[i + 1] = ids[i];
        row[kept + 1] = EndId;
        return row;
    }

    /// <summary>
    /// The text of ids: words in lower case, a space between them; start and end tokens are left out, as is what pads after the first end token.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var text = new StringBuilder();
        var word = new List<int>();
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)_tokens.Length)
                throw new ArgumentOutOfRangeException(nameof(ids), id, $"Ids are 0 to {_tokens.Length - 1}.");
            if (id == EndId) break;
            if (id == StartId) continue;
            word.Add(id);
            if (!_tokens[id].EndsWith(EndOfWord, StringComparison.Ordinal)) continue;
            text.Append(_bpe.Decode(word)).Append(' ');
            word.Clear();
        }
        return text.Append(_bpe.Decode(word)).ToString().TrimEnd(' ');
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "...";
}

/// <summary><see cref="TextCleaner"/> as the tokenizer's first step.</summary>
internal sealed class ClipNormalizer : Normalizer
{
    public static ClipNormalizer Instance { get; } = new();

    public override string Normalize(string original) => TextCleaner.Clean(original);

    public override string Normalize(ReadOnlySpan<char> original) => TextCleaner.Clean(new string(original));
}
