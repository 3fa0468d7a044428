using System.IO.Compression;

namespace SemanticSam.TextEncoder.Tokenizer;

/// <summary>
/// OpenAI CLIP's tokenizer: 49,408 tokens, start 49406, end 49407. The merges are CLIP's own file (MIT license), embedded;
/// Semantic-SAM and OpenSeeD use the same vocabulary.
/// </summary>
internal static class ClipTokenizer
{
    private const string Resource = "SemanticSam.TextEncoder.bpe_simple_vocab_16e6.txt.gz";
    private const int MergeCount = 49_152 - 256 - 2; // the original takes so many lines after the first and leaves the rest of the file
    private static readonly Lazy<TextTokenizer> Shared = new(Load);

    /// <summary>The tokenizer, made at first use and shared.</summary>
    public static TextTokenizer Instance => Shared.Value;

    private static TextTokenizer Load()
    {
        using var file = typeof(ClipTokenizer).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {Resource}.");
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        reader.ReadLine(); // a comment
        var merges = new string[MergeCount];
        for (int i = 0; i < merges.Length; i++)
            merges[i] = reader.ReadLine() ?? throw new InvalidDataException($"{Resource} ends after {i} merges; {MergeCount} are needed.");
        return TextTokenizer.Create(Vocabulary(merges), merges);
    }

    /// <summary>Byte characters, the same at the end of a word, what each merge makes, start, end.</summary>
    internal static Dictionary<string, int> Vocabulary(IReadOnlyList<string> merges)
    {
        var vocabulary = new Dictionary<string, int>(merges.Count + 514, StringComparer.Ordinal);
        foreach (string symbol in ByteAlphabet.InVocabularyOrder) vocabulary.Add(symbol, vocabulary.Count);
        foreach (string symbol in ByteAlphabet.InVocabularyOrder) vocabulary.Add(symbol + TextTokenizer.EndOfWord, vocabulary.Count);
        foreach (string merge in merges) vocabulary.Add(merge.Replace(" ", "", StringComparison.Ordinal), vocabulary.Count);
        vocabulary.Add(TextTokenizer.StartToken, vocabulary.Count);
        vocabulary.Add(TextTokenizer.EndToken, vocabulary.Count);
        return vocabulary;
    }
}
