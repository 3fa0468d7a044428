namespace SemanticSam.TextEncoder.Names;

/// <summary>From English plurals to what they may be plurals of.</summary>
internal static class Plurals
{
    private static readonly Dictionary<string, string> Irregular = new(StringComparer.OrdinalIgnoreCase)
    {
        ["people"] = "person", ["men"] = "man", ["women"] = "woman", ["children"] = "child", ["feet"] = "foot", ["teeth"] = "tooth",
        ["mice"] = "mouse", ["geese"] = "goose", ["knives"] = "knife", ["lives"] = "life", ["wives"] = "wife", ["leaves"] = "leaf",
        ["wolves"] = "wolf", ["calves"] = "calf", ["halves"] = "half", ["shelves"] = "shelf", ["loaves"] = "loaf", ["scarves"] = "scarf",
        ["hooves"] = "hoof", ["oxen"] = "ox",
    };

    /// <summary>Candidates for the singular of a name's last word, the likeliest first; none for a word that is no plural.</summary>
    public static IEnumerable<string> Singulars(string name)
    {
        int start = name.LastIndexOf(' ') + 1;
        string before = name[..start], word = name[start..];
        if (Irregular.TryGetValue(word, out string? irregular)) yield return before + irregular;
        else if (word.EndsWith("men", StringComparison.OrdinalIgnoreCase)) yield return before + word[..^2] + "an"; // firemen
        if (word.Length < 3 || !word.EndsWith('s') && !word.EndsWith('S') || word.EndsWith("ss", StringComparison.OrdinalIgnoreCase)) yield break;
        if (word.EndsWith("ies", StringComparison.OrdinalIgnoreCase)) yield return before + word[..^3] + "y";
        yield return before + word[..^1];
        if (word.EndsWith("es", StringComparison.OrdinalIgnoreCase)) yield return before + word[..^2];
    }
}
