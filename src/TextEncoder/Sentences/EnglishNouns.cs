namespace SemanticSam.TextEncoder.Sentences;

/// <summary>
/// What English nouns are kinds of: "dachshund" of "dog", "gondola" of "boat", some 27,000 words and 160 names. From WordNet 3.0 (Princeton University;
/// its license lies beside the list) by scripts/nouns.cs, for the meanings that the embedded model's vocabulary gives its names.
/// </summary>
internal static class EnglishNouns
{
    private const string Resource = "SemanticSam.TextEncoder.nouns.txt", PartMark = " (part)";

    private static readonly Lazy<Dictionary<string, (string Name, bool IsPart)>> Kinds = new(Read);

    /// <summary>The name that a noun is a kind of, and whether that is a part's; null for a noun that is not in the list.</summary>
    /// <param name="noun">In lower case, singular.</param>
    public static (string Name, bool IsPart)? KindOf(string noun) => Kinds.Value.TryGetValue(noun, out var kind) ? kind : null;

    private static Dictionary<string, (string, bool)> Read()
    {
        using var stream = typeof(EnglishNouns).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"{Resource} is missing.");
        using var reader = new StreamReader(stream);
        var kinds = new Dictionary<string, (string, bool)>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            bool isPart = line[..colon].EndsWith(PartMark, StringComparison.Ordinal);
            string name = isPart ? line[..(colon - PartMark.Length)] : line[..colon];
            foreach (string word in line[(colon + 2)..].Split(", ")) kinds.TryAdd(word, (name, isPart));
        }
        return kinds;
    }
}
