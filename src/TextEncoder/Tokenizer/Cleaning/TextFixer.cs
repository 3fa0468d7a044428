using System.Text;
using System.Text.RegularExpressions;
using SemanticSam.Foundation.Characters;

namespace SemanticSam.TextEncoder.Tokenizer.Cleaning;

/// <summary>The steps of <c>ftfy.fix_text</c> with its defaults, line by line, repeated until a line no longer changes.</summary>
internal static partial class TextFixer
{
    [GeneratedRegex("\u001B\\[[0-9;]*[a-zA-Z]")]
    private static partial Regex TerminalEscape();

    public static string Fix(string text)
    {
        var result = new StringBuilder(text.Length);
        bool unescape = true;
        for (int from = 0; from < text.Length;)
        {
            int end = text.IndexOf('\n', from) + 1;
            if (end == 0) end = text.Length;
            string line = text[from..end];
            unescape &= !line.Contains('<'); // a text with tags is taken for HTML, whose references mean themselves
            result.Append(FixLine(line, unescape));
            from = end;
        }
        return result.ToString();
    }

    private static string FixLine(string line, bool unescape)
    {
        while (true)
        {
            string before = line;
            if (unescape) line = HtmlReferences.UnescapeClosed(line);
            line = Mojibake.Fix(line);
            line = Mojibake.FixC1Controls(line);
            line = Replace(line);
            line = TerminalEscape().Replace(line, "");
            line = RemoveControls(line);
            line = CanonicalComposition.Compose(line);
            if (line == before) return line;
        }
    }

    /// <summary>Ligatures, character width, quotation marks, line breaks, lone surrogates: one character each, so one pass in that order.</summary>
    private static string Replace(string text)
    {
        StringBuilder? changed = null;
        for (int i = 0; i < text.Length; i++)
        {
            string? to = text[i] switch
            {
                '\r' => i + 1 < text.Length && text[i + 1] == '\n' ? "" : "\n",
                < '\u0132' => null,
                var c => Substitute(text, i, c),
            };
            if (to is null) changed?.Append(text[i]);
            else (changed ??= new StringBuilder(text, 0, i, text.Length + 8)).Append(to);
        }
        return changed?.ToString() ?? text;
    }

    private static string? Substitute(string text, int at, char c) => c switch
    {
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        'ŉ' => "'n", // its modifier apostrophe is straightened by the quotation step
        'Ǳ' => "DZ",
        'ǲ' => "Dz",
        'ǳ' => "dz",
        'Ǆ' => "DŽ",
        'ǅ' => "Dž",
        'ǆ' => "dž",
        'Ǉ' => "LJ",
        'ǈ' => "Lj",
        'ǉ' => "lj",
        'Ǌ' => "NJ",
        'ǋ' => "Nj",
        'ǌ' => "nj",
        '\uFB00' => "ff",
        '\uFB01' => "fi",
        '\uFB02' => "fl",
        '\uFB03' => "ffi",
        '\uFB04' => "ffl",
        '\uFB05' => "ſt",
        '\uFB06' => "st",
        '\u02BC' or >= '\u2018' and <= '\u201B' => "'",
        >= '\u201C' and <= '\u201F' => "\"",
        '\u2028' or '\u2029' => "\n",
        '\u3000' or >= '\uFF01' and <= '\uFFEF' => CharacterTables.Instance.Width.GetValueOrDefault(c),
        >= '\uD800' and <= '\uDFFF' => IsPaired(text, at) ? null : "\uFFFD",
        _ => null,
    };

    private static bool IsPaired(string text, int at) => char.IsHighSurrogate(text[at])
        ? at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])
        : at > 0 && char.IsHighSurrogate(text[at - 1]);

    private static string RemoveControls(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text;
        var kept = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            bool removed = c is < '\t' or '\v' or >= '\u000E' and <= '\u001F' or '\u007F' or >= '\u206A' and <= '\u206F' or '\uFEFF'
                or >= '\uFFF9' and <= '\uFFFC';
            if (!removed) kept.Append(c);
        }
        return kept.Length == text.Length ? text : kept.ToString();
    }
}
