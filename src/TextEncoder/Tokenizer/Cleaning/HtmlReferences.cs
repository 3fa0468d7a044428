using System.Globalization;
using System.Text.RegularExpressions;
using SemanticSam.Foundation.Characters;

namespace SemanticSam.TextEncoder.Tokenizer.Cleaning;

/// <summary>HTML character references as Python's <c>html.unescape</c> and as ftfy read them.</summary>
internal static partial class HtmlReferences
{
    [GeneratedRegex(@"&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")]
    private static partial Regex Any();

    [GeneratedRegex("&#?[0-9A-Za-z]{1,24};")]
    private static partial Regex Closed();

    /// <summary>HTML 5's rules, also for references without a semicolon ("&amp;copy 2020", "&amp;notit;").</summary>
    public static string Unescape(string text) => text.Contains('&') ? Any().Replace(text, m => Reference(m.Groups[1].Value)) : text;

    /// <summary>Only references that end in a semicolon, and capital spellings such as "&amp;EACUTE;".</summary>
    public static string UnescapeClosed(string text) => text.Contains('&') ? Closed().Replace(text, ClosedReference) : text;

    private static string ClosedReference(Match match)
    {
        string whole = match.Value, name = whole[1..];
        var tables = CharacterTables.Instance;
        if (tables.Entities.TryGetValue(name, out string? text) || tables.CapitalEntities.TryGetValue(name, out text)) return text;
        if (name[0] != '#') return whole;
        string unescaped = Unescape(whole);
        return unescaped.Contains(';') ? whole : unescaped;
    }

    private static string Reference(string name)
    {
        if (name[0] == '#') return Number(name);
        var entities = CharacterTables.Instance.Entities;
        if (entities.TryGetValue(name, out string? text)) return text;
        for (int length = name.Length - 1; length > 1; length--)
            if (entities.TryGetValue(name[..length], out text)) return text + name[length..];
        return "&" + name;
    }

    private static string Number(string name)
    {
        var digits = name.AsSpan(1).TrimEnd(';');
        bool hex = digits[0] is 'x' or 'X';
        long code = 0;
        foreach (char digit in hex ? digits[1..] : digits)
            code = Math.Min(code * (hex ? 16 : 10) + int.Parse([digit], NumberStyles.HexNumber, CultureInfo.InvariantCulture), 0x110000);
        if (code == 0) return "\uFFFD";
        if (code == 0x0D) return "\r";
        if (code is >= 0x80 and <= 0x9F) return CodePage.Windows1252.Decode((byte)code).ToString();
        if (code is >= 0xD800 and <= 0xDFFF or > 0x10FFFF) return "\uFFFD";
        bool invalid = code is < 0x09 or 0x0B or >= 0x0E and <= 0x1F or 0x7F or >= 0xFDD0 and <= 0xFDEF || (code & 0xFFFE) == 0xFFFE;
        return invalid ? "" : char.ConvertFromUtf32((int)code);
    }
}
