using System.Text.Json;

namespace Microsoft.ML.Tokenizers;

public sealed class BpeOptions
{
    public BpeOptions(IEnumerable<KeyValuePair<string, int>> vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        Vocabulary = vocabulary;
    }

    /// <summary>Reads a JSON object of token to id and, if given, a text file with one merge ("left right") a line.</summary>
    public BpeOptions(string vocabFile, string? mergesFile = null)
    {
        ArgumentNullException.ThrowIfNull(vocabFile);
        using (var stream = File.OpenRead(vocabFile)) Vocabulary = BpeFiles.ReadVocabulary(stream);
        if (mergesFile is not null)
        {
            using var stream = File.OpenRead(mergesFile);
            Merges = BpeFiles.ReadMerges(stream);
        }
    }

    public IEnumerable<KeyValuePair<string, int>> Vocabulary { get; }

    public IEnumerable<string>? Merges { get; set; }

    public IReadOnlyDictionary<string, int>? SpecialTokens { get; set; }

    public Normalizer? Normalizer { get; set; }

    public PreTokenizer? PreTokenizer { get; set; }

    public string? UnknownToken { get; set; }

    public bool FuseUnknownTokens { get; set; }

    public string? ContinuingSubwordPrefix { get; set; }

    public string? EndOfWordSuffix { get; set; }

    public bool ByteLevel { get; set; }

    public string? BeginningOfSentenceToken { get; set; }

    public string? EndOfSentenceToken { get; set; }
}

internal static class BpeFiles
{
    public static Dictionary<string, int> ReadVocabulary(Stream stream)
        => JsonSerializer.Deserialize<Dictionary<string, int>>(stream) ?? throw new JsonException("The vocabulary is JSON null.");

    public static List<string> ReadMerges(Stream stream)
    {
        var merges = new List<string>();
        using var reader = new StreamReader(stream, leaveOpen: true);
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.StartsWith("#version", StringComparison.Ordinal) || line.Length == 0) continue;
            int space = line.IndexOf(' ');
            if (space < 0 || space == line.Length - 1 || line.IndexOf(' ', space + 1) >= 0)
                throw new InvalidOperationException($"Invalid merger file format at line: {number}");
            merges.Add(line);
        }
        return merges;
    }
}
