using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SemanticSam.TextEncoder.Tokenizer;

namespace SemanticSam.Tests.TextEncoder.Tokenizer;

/// <summary>
/// Makes a byte-level byte-pair vocabulary of CLIP's layout from texts (Sennrich et al., arXiv 1508.07909): again and again the most
/// frequent pair of neighboring symbols becomes a symbol. Deterministic: of equally frequent pairs the first in ordinal order wins.
/// </summary>
internal sealed class BpeTrainer
{
    /// <summary>256 bytes, the same at the end of a word, start and end token.</summary>
    public const int SmallestVocabulary = 514;

    private readonly Dictionary<string, long> _words = new(StringComparer.Ordinal);

    /// <summary>Counts the words of a text.</summary>
    /// <param name="text">Any text; it is cleaned and split as <see cref="TextTokenizer"/> does.</param>
    /// <param name="weight">How often the text counts; at least 1.</param>
    public void Add(string text, long weight = 1)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(weight, 1);
        string clean = TextCleaner.Clean(text);
        foreach (var (offset, length) in ClipPreTokenizer.Instance.PreTokenize(clean))
        {
            string word = clean.Substring(offset, length);
            if (word is TextTokenizer.StartToken or TextTokenizer.EndToken) continue;
            _words[word] = _words.GetValueOrDefault(word) + weight;
        }
    }

    /// <summary>The merges that fill a vocabulary, the first merge first, each "left right".</summary>
    /// <param name="vocabularySize">Wanted entries, at least <see cref="SmallestVocabulary"/>; fewer come out when no pair is left that occurs twice.</param>
    public IReadOnlyList<string> Train(int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, SmallestVocabulary);
        var corpus = new Corpus(_words.OrderBy(w => w.Key, StringComparer.Ordinal));
        var merges = new List<string>();
        while (merges.Count < vocabularySize - SmallestVocabulary && corpus.MostFrequentPair() is { } pair)
        {
            corpus.Merge(pair);
            merges.Add($"{pair.Left} {pair.Right}");
        }
        return merges;
    }

    /// <summary>Trains and writes <see cref="TextTokenizer.VocabularyFile"/> and <see cref="TextTokenizer.MergesFile"/> into a folder.</summary>
    public void Write(string folder, int vocabularySize)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var merges = Train(vocabularySize);
        var options = new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, IndentSize = 0 };
        File.WriteAllText(Path.Combine(folder, TextTokenizer.VocabularyFile),
            JsonSerializer.Serialize(ClipTokenizer.Vocabulary(merges), options) + "\n");
        File.WriteAllText(Path.Combine(folder, TextTokenizer.MergesFile), "#version: 0.2\n" + string.Concat(merges.Select(m => m + "\n")));
    }

    /// <summary>The words as symbol lists, with the count of every pair and the words it is in.</summary>
    private sealed class Corpus
    {
        private readonly List<(List<string> Symbols, long Count)> _words = [];
        private readonly Dictionary<(string Left, string Right), long> _counts = [];
        private readonly Dictionary<(string Left, string Right), HashSet<int>> _places = [];
        private readonly HashSet<string> _made = new(StringComparer.Ordinal);

        public Corpus(IEnumerable<KeyValuePair<string, long>> words)
        {
            foreach (var (word, count) in words)
            {
                var symbols = Encoding.UTF8.GetBytes(word).Select(b => ByteAlphabet.OfByte[b].ToString()).ToList();
                symbols[^1] += TextTokenizer.EndOfWord;
                _words.Add((symbols, count));
                Count(_words.Count - 1, 1);
            }
        }

        /// <summary>Null when no pair occurs at least twice.</summary>
        public (string Left, string Right)? MostFrequentPair()
        {
            (string Left, string Right)? best = null;
            long most = 1;
            foreach (var (pair, count) in _counts)
            {
                if (count < most || count < 2) continue;
                if (count == most && best is { } b && Compare(pair, b) >= 0) continue;
                // Two pairs can spell one token ("a"+"bc", "ab"+"c"). A vocabulary has it once, so the later pair stays apart.
                if (_made.Contains(pair.Left + pair.Right)) continue;
                (best, most) = (pair, count);
            }
            return best;
        }

        public void Merge((string Left, string Right) pair)
        {
            _made.Add(pair.Left + pair.Right);
            foreach (int word in _places[pair].ToArray())
            {
                Count(word, -1);
                var symbols = _words[word].Symbols;
                for (int i = 0; i + 1 < symbols.Count; i++)
                {
                    if (symbols[i] != pair.Left || symbols[i + 1] != pair.Right) continue;
                    symbols[i] += symbols[i + 1];
                    symbols.RemoveAt(i + 1);
                }
                Count(word, 1);
            }
        }

        private void Count(int word, int sign)
        {
            var (symbols, count) = _words[word];
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                var pair = (symbols[i], symbols[i + 1]);
                long now = _counts.GetValueOrDefault(pair) + sign * count;
                if (now == 0)
                {
                    _counts.Remove(pair);
                    _places.Remove(pair);
                    continue;
                }
                _counts[pair] = now;
                if (!_places.TryGetValue(pair, out var places)) _places[pair] = places = [];
                if (sign > 0) places.Add(word); // a word that lost the pair stays listed; merging it then changes nothing
            }
        }

        private static int Compare((string Left, string Right) a, (string Left, string Right) b)
            => string.CompareOrdinal(a.Left, b.Left) is var left and not 0 ? left : string.CompareOrdinal(a.Right, b.Right);
    }
}
