using System.Globalization;
using System.Text;
using SemanticSam.Foundation.Characters;

namespace SemanticSam.TextEncoder.Sentences;

/// <summary>
/// Lower case without accents, as BERT's uncased models want it. Done here with tables of our own, since without ICU the runtime does not
/// decompose characters.
/// </summary>
internal static class AccentStripping
{
    /// <summary>Stands for characters beyond the basic plane, which the tokenizer would drop; a letter of the Yi script, so its word becomes unknown.</summary>
    private const char Unknown = '\uA000';

    public static string Apply(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            if (rune.IsAscii) plain.Append((char)rune.Value);
            else Append(rune, plain);
        return plain.ToString().ToLowerInvariant();
    }

    private static void Append(Rune rune, StringBuilder plain)
    {
        if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark) return;
        if (CharacterTables.Instance.Decomposition.TryGetValue(rune.Value, out var parts))
        {
            Append(new Rune(parts.Left), plain);
            if (parts.Right != 0) Append(new Rune(parts.Right), plain);
        }
        else if (rune.IsBmp) plain.Append((char)rune.Value);
        else plain.Append(Unknown);
    }
}
