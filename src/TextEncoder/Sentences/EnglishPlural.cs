namespace SemanticSam.TextEncoder.Sentences;

/// <summary>From an English singular to its plural, for phrases to train on.</summary>
internal static class EnglishPlural
{
    private static readonly Dictionary<string, string> Irregular = new(StringComparer.Ordinal)
    {
        ["person"] = "people", ["man"] = "men", ["woman"] = "women", ["child"] = "children", ["foot"] = "feet", ["mouse"] = "mice", ["knife"] = "knives",
        ["leaf"] = "leaves", ["scarf"] = "scarves", ["hoof"] = "hooves", ["sheep"] = "sheep", ["deer"] = "deer", ["calf"] = "calves", ["ox"] = "oxen",
    };

    /// <summary>The plural; a text whose last word has one already, or none, comes back as it is.</summary>
    public static string Of(string name)
    {
        int start = name.LastIndexOf(' ') + 1;
        string before = name[..start], word = name[start..];
        if (Irregular.TryGetValue(word, out string? plural)) return before + plural;
        if (word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) && word is not ("bus" or "octopus" or "walrus")) return name;
        if (word.EndsWith('y') && word.Length > 1 && !"aeiou".Contains(word[^2])) return before + word[..^1] + "ies";
        bool hisses = word.EndsWith('s') || word.EndsWith('x') || word.EndsWith("ch", StringComparison.Ordinal)
            || word.EndsWith("sh", StringComparison.Ordinal);
        return before + word + (hisses ? "es" : "s");
    }
}
