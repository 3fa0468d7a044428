using System.Text;
using SemanticSam.TextEncoder.Tokenizer.Cleaning;

namespace SemanticSam.TextEncoder.Tokenizer;

/// <summary>
/// Text cleaning as OpenAI's CLIP does it before tokenizing: <c>ftfy.fix_text</c> with its defaults, HTML references twice,
/// white space, lower case.
/// </summary>
/// <remarks>
/// Of ftfy 6.3 all default steps are covered: HTML references (also in capitals) where the text has no "&lt;"; mojibake of UTF-8 read as Latin-1,
/// Windows-1250, 1251, 1252, 1253, 1254, 1257, ISO 8859-2, MacRoman or code page 437, with lost bytes, spaces in place of A0, and inside
/// sound text; C1 controls; Latin ligatures; full and half width; quotation marks; line breaks; lone surrogates; terminal escapes; control
/// characters; normalization form C. HTML references follow HTML 5 as Python's <c>html.unescape</c>; lower case is Python's <c>str.lower</c>.
/// Normalization and HTML names are of Unicode 14 and Python 3.11; letters that Unicode added later are lower-cased and split as the .NET
/// runtime knows them. Not covered: ftfy's cut of lines after a million characters.
/// </remarks>
internal static class TextCleaner
{
    /// <summary>The text as the tokenizer splits it: mended, one space between words, none at the ends, lower case.</summary>
    public static string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!IsPlain(text)) text = HtmlReferences.Unescape(HtmlReferences.Unescape(TextFixer.Fix(text)));
        return PythonCase.Lower(SingleSpaces(text));
    }

    /// <summary>Printable ASCII and white space without "&amp;": nothing there to mend.</summary>
    private static bool IsPlain(string text)
    {
        foreach (char c in text)
            if (c is '&' or > '~' or < ' ' and not ('\t' or '\n' or '\r' or '\f')) return false;
        return true;
    }

    private static string SingleSpaces(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (!char.IsWhiteSpace(c)) result.Append(c);
            else if (result.Length > 0 && result[^1] != ' ') result.Append(' ');
        }
        if (result.Length > 0 && result[^1] == ' ') result.Length--;
        return result.ToString();
    }
}
