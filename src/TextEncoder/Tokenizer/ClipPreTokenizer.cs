using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace SemanticSam.TextEncoder.Tokenizer;

/// <summary>
/// Splits a cleaned text as CLIP's pattern does:
/// <c>&lt;\|startoftext\|&gt;|&lt;\|endoftext\|&gt;|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+</c>, ignoring case.
/// Written out by hand because .NET's regular expressions see UTF-16 units, to which no letter outside the basic plane is a letter.
/// </summary>
internal sealed class ClipPreTokenizer : PreTokenizer
{
    private static readonly string[] Specials = [TextTokenizer.StartToken, TextTokenizer.EndToken];
    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    // A mark whose capital is a letter: ignoring case, the original's pattern takes it for neither, and drops it.
    private const char IotaSubscript = '\u0345';

    private enum Kind { Space, Letter, Number, Other }

    public static ClipPreTokenizer Instance { get; } = new();

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => PreTokenize(new string(text));

    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            var kind = KindAt(text, i, out int length);
            if (kind == Kind.Space)
            {
                i += length;
                continue;
            }
            int end = i + length;
            if (text[i] == '<' && Prefix(text, i, Specials) is { } special) end = i + special.Length;
            else if (text[i] == '\'' && Prefix(text, i, Contractions) is { } contraction) end = i + contraction.Length;
            else if (kind != Kind.Number) // digits go one by one
                while (end < text.Length && KindAt(text, end, out length) == kind) end += length;
            yield return (i, end - i);
            i = end;
        }
    }

    private static string? Prefix(string text, int at, string[] candidates)
        => Array.Find(candidates, c => at + c.Length <= text.Length && EqualIgnoringCase(text.AsSpan(at, c.Length), c));

    private static bool EqualIgnoringCase(ReadOnlySpan<char> text, string lower)
    {
        for (int i = 0; i < lower.Length; i++)
        {
            char c = text[i] == 'ſ' ? 's' : text[i]; // the long s is another case of s to the original's pattern
            if (char.IsAsciiLetterUpper(c)) c = (char)(c | 0x20);
            if (c != lower[i]) return false;
        }
        return true;
    }

    private static Kind KindAt(string text, int at, out int length)
    {
        char c = text[at];
        length = 1;
        if (c < 128)
            return char.IsAsciiLetter(c) ? Kind.Letter : char.IsAsciiDigit(c) ? Kind.Number : c is ' ' or >= '\t' and <= '\r' ? Kind.Space : Kind.Other;
        if (c == IotaSubscript) return Kind.Space;
        if (!Rune.TryGetRuneAt(text, at, out var rune)) return Kind.Other; // half of a surrogate pair
        length = rune.Utf16SequenceLength;
        if (Rune.IsWhiteSpace(rune)) return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }
}
