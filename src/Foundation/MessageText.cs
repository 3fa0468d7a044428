using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SemanticSam.Foundation;

/// <summary>
/// Words that files bring into messages. A message goes to a terminal: an escape sequence in the name of a tensor could clear it, set its title or its
/// clipboard, and a direction mark could make a name look like another. And no value floods it.
/// </summary>
internal static partial class MessageText
{
    /// <summary>Characters of a value that are shown.</summary>
    public const int LongestValue = 100;

    private const int LongestMessage = 1500, Head = 1100, Tail = 300;

    /// <summary>
    /// A message as one line that is safe to print: line breaks become spaces, long quoted values and overlong messages are cut, the rest is
    /// <see cref="Escaped"/>.
    /// </summary>
    public static string OneLine(string message)
    {
        string line = Breaks().Replace(message, " ");
        line = LongQuote().Replace(line, m => $"'{m.Groups[1].Value[..LongestValue]}...{m.Groups[1].Value[^40..]}'");
        if (line.Length > LongestMessage)
            line = string.Create(CultureInfo.InvariantCulture, $"{line[..Head]} ... ({line.Length - Head - Tail} characters left out) ... {line[^Tail..]}");
        return Escaped(line);
    }

    /// <summary>
    /// The first line of an exception's message without what .NET puts behind it, the name of a parameter. Of files, that is an entry, which is said before:
    /// "click_sizes: ...".
    /// </summary>
    /// <param name="e">The exception.</param>
    /// <param name="entry">Whether the parameter is an entry of a file.</param>
    public static string OfArgument(Exception e, bool entry = false)
    {
        string line = e.Message.ReplaceLineEndings("\n").Split('\n')[0];
        int cut = line.IndexOf(" (Parameter '", StringComparison.Ordinal);
        if (cut > 0) line = line[..cut];
        return entry && e is ArgumentException { ParamName: { Length: > 0 } name } ? $"{JsonNamingPolicy.SnakeCaseLower.ConvertName(name)}: {line}" : line;
    }

    /// <summary>A value for a message: its first hundred characters.</summary>
    public static string Cut(string value) => value.Length <= LongestValue ? value : value[..LongestValue] + "...";

    /// <summary>Numbers for a message: the first few.</summary>
    public static string Cut<T>(IReadOnlyList<T> values) where T : IFormattable
    {
        const int most = 8;
        string shown = string.Join(", ", values.Take(most).Select(v => v.ToString(null, CultureInfo.InvariantCulture)));
        return values.Count <= most ? shown : string.Create(CultureInfo.InvariantCulture, $"{shown}, ... ({values.Count} numbers)");
    }

    /// <summary>A text with its control, escape and direction characters and lone surrogates as \uXXXX.</summary>
    public static string Escaped(string text)
    {
        int first = 0;
        while (first < text.Length && !IsUnsafe(text, first)) first++;
        if (first == text.Length) return text;
        var safe = new StringBuilder(text.Length + 16).Append(text, 0, first);
        for (int i = first; i < text.Length; i++)
        {
            if (IsUnsafe(text, i)) safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:X4}");
            else safe.Append(text[i]);
        }
        return safe.ToString();
    }

    /// <summary>As <see cref="Escaped"/>, with the line breaks of a text of several lines.</summary>
    public static string EscapedLines(string text) => string.Join('\n', text.Split('\n').Select(l => Escaped(l.TrimEnd('\r'))));

    private static bool IsUnsafe(string text, int at) => text[at] switch
    {
        < ' ' or (>= '\u007F' and <= '\u009F') => true,
        '\u200E' or '\u200F' or '\u061C' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') => true, // direction
        '\u2028' or '\u2029' or '\uFEFF' => true,
        >= '\uD800' and <= '\uDBFF' => at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1]),
        >= '\uDC00' and <= '\uDFFF' => at == 0 || !char.IsHighSurrogate(text[at - 1]),
        _ => false,
    };

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex Breaks();

    /// <summary>Not the apostrophe of "image's", which follows a letter.</summary>
    [GeneratedRegex(@"(?<![\p{L}\p{N}])'([^']{161,})'")]
    private static partial Regex LongQuote();
}
