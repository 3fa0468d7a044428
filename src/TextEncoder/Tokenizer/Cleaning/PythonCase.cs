using System.Text;
using SemanticSam.Foundation.Characters;

namespace SemanticSam.TextEncoder.Tokenizer.Cleaning;

/// <summary>Lower case as Python's <c>str.lower</c>: Unicode's full mapping, a capital sigma by its place in the word.</summary>
internal static class PythonCase
{
    private const int CapitalSigma = 0x3A3;

    public static string Lower(string text)
    {
        if (Ascii.IsValid(text)) return text.ToLowerInvariant();
        Rune[] runes = [.. text.EnumerateRunes()];
        var lower = new StringBuilder(text.Length);
        for (int i = 0; i < runes.Length; i++)
        {
            if (runes[i].Value == 0x130) lower.Append("i\u0307"); // the one character whose full mapping is longer
            else if (runes[i].Value == CapitalSigma) lower.Append(IsFinal(runes, i) ? 'ς' : 'σ');
            else lower.Append(Rune.ToLowerInvariant(runes[i]));
        }
        return lower.ToString();
    }

    /// <summary>A letter before and none after, looking through apostrophes, marks and the like.</summary>
    private static bool IsFinal(Rune[] runes, int at)
    {
        var tables = CharacterTables.Instance;
        int before = at - 1, after = at + 1;
        while (before >= 0 && tables.IsCaseIgnorable(runes[before].Value)) before--;
        while (after < runes.Length && tables.IsCaseIgnorable(runes[after].Value)) after++;
        return before >= 0 && tables.IsCased(runes[before].Value) && !(after < runes.Length && tables.IsCased(runes[after].Value));
    }
}
