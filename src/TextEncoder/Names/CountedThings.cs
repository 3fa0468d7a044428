namespace SemanticSam.TextEncoder.Names;

/// <summary>
/// Phrases with "of" that name no part: they count or show things ("a pair of jeans" are jeans, "a photo of a dog" is a dog), say what holds something ("a
/// cup of coffee" is a cup), or are one name ("chest of drawers").
/// </summary>
internal static class CountedThings
{
    private const string Of = " of ";

    private static readonly HashSet<string> Counts = new(StringComparer.OrdinalIgnoreCase)
    {
        "batch", "bouquet", "bunch", "bundle", "clump", "cluster", "collection", "couple", "crowd", "family", "flock", "group", "handful", "heap", "herd",
        "image", "kind", "loaf", "lot", "lump", "number", "pack", "pair", "patch", "photo", "photograph", "picture", "piece", "pile", "queue", "row", "school",
        "set", "slice", "sort", "stack", "string", "swarm", "team", "type",
    };

    private static readonly HashSet<string> Holders = new(StringComparer.OrdinalIgnoreCase)
    {
        "bag", "basket", "bottle", "bowl", "box", "bucket", "can", "carton", "crate", "cup", "dish", "glass", "jar", "jug", "mug", "packet", "pan", "pitcher",
        "plate", "pot", "rack", "sack", "tin", "tray", "tub", "tube", "vase",
    };

    private static readonly HashSet<string> OneName = new(StringComparer.OrdinalIgnoreCase)
    {
        "bale", "ball", "bar", "bed", "bird", "block", "chest", "pinch", "pool", "sheet",
    };

    /// <summary>Whether "X of Y" is one thing when X ends in this word, which may be a plural.</summary>
    public static bool Begins(string word) => IsIn(Counts, word) || IsIn(Holders, word) || IsIn(OneName, word);

    /// <summary>What a phrase that counts, shows or holds is about; null for any other text.</summary>
    /// <param name="name">Words one space apart.</param>
    public static string? ThingOf(string name)
    {
        int of = name.IndexOf(Of, StringComparison.OrdinalIgnoreCase);
        if (of <= 0) return null;
        string first = name[..of], last = first[(first.LastIndexOf(' ') + 1)..];
        return IsIn(Counts, last) ? name[(of + Of.Length)..] : IsIn(Holders, last) ? first : null;
    }

    private static bool IsIn(HashSet<string> words, string word) => words.Contains(word) || Plurals.Singulars(word).Any(words.Contains);
}
