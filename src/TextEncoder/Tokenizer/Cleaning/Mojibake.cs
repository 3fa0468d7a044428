using System.Text;
using System.Text.RegularExpressions;

namespace SemanticSam.TextEncoder.Tokenizer.Cleaning;

/// <summary>
/// Mends text whose UTF-8 was read as a single-byte encoding ("cafÃ©"), by the rules of ftfy 6: what looks bad is written back as bytes in
/// each code page that can, and read as UTF-8.
/// </summary>
internal static class Mojibake
{
    // UTF-8 whose byte A0 became a plain space.
    private static readonly Regex Altered = Bytes(
        "[\xC2\xC3\xC5\xCE\xD0\xD9] |[\xE2\xE3] [\x80-\x84\x86-\x9F\xA1-\xBF]|[\xE0-\xE3][\x80-\x84\x86-\x9F\xA1-\xBF] "
        + "|\xF0 [\x80-\xBF][\x80-\xBF]|\xF0[\x80-\xBF] [\x80-\xBF]|\xF0[\x80-\xBF][\x80-\xBF] ");

    // "à" as a word of its own, but not the Portuguese "às", "àquele", "àquela", "àquilo".
    private static readonly Regex GraveWord = Bytes("\xC3 (?! |quele|quela|quilo|s )");

    // UTF-8 and CESU-8 with continuation bytes that were lost: byte 1A, sometimes a question mark.
    private static readonly Regex Lossy = Bytes(
        "[\xC2-\xDF]\x1A|[\xC2-\xC3][?]"
        + "|\xED[\xA0-\xAF][\x1A?]\xED[\xB0-\xBF][\x1A?\x80-\xBF]|\xED[\xA0-\xAF][\x1A?\x80-\xBF]\xED[\xB0-\xBF][\x1A?]"
        + "|[\xE0-\xEF][\x1A?][\x1A\x80-\xBF]|[\xE0-\xEF][\x1A\x80-\xBF][\x1A?]"
        + "|[\xF0-\xF4][\x1A?][\x1A\x80-\xBF][\x1A\x80-\xBF]|[\xF0-\xF4][\x1A\x80-\xBF][\x1A?][\x1A\x80-\xBF]|[\xF0-\xF4][\x1A\x80-\xBF][\x1A\x80-\xBF][\x1A?]"
        + "|\x1A");

    private static readonly Regex EmbeddedUtf8 = MakeEmbeddedUtf8();

    /// <summary>Repeats one step until nothing changes.</summary>
    public static string Fix(string text)
    {
        while (true)
        {
            string before = text;
            text = Step(text);
            if (text == before) return text;
        }
    }

    /// <summary>C1 control characters become what Windows-1252 has in their place.</summary>
    public static string FixC1Controls(string text)
        => text.AsSpan().ContainsAnyInRange('\x80', '\x9F')
            ? string.Create(text.Length, text, (chars, t) =>
            {
                for (int i = 0; i < t.Length; i++) chars[i] = t[i] is >= '\x80' and <= '\x9F' ? CodePage.Windows1252.Decode((byte)t[i]) : t[i];
            })
            : text;

    private static string Step(string text)
    {
        if (Ascii.IsValid(text) || !Badness.IsBad(text)) return text;
        foreach (var page in CodePage.Tried)
        {
            if (page.TryEncode(text) is not { } bytes) continue;
            string raw = Encoding.Latin1.GetString(bytes);
            if (page != CodePage.MacRoman && Altered.IsMatch(raw)) // there, an en dash and a space would match
                raw = Altered.Replace(GraveWord.Replace(raw, "\xC3\xA0 "), m => m.Value.Replace(' ', '\xA0'));
            if (page.IsSloppy) raw = Lossy.Replace(raw, "\xEF\xBF\xBD"); // U+FFFD in UTF-8
            if (Utf8.TryDecode(Encoding.Latin1.GetBytes(raw)) is { } decoded) return decoded;
        }

        string embedded = EmbeddedUtf8.Replace(text, m => m.Length < text.Length && Badness.IsBad(m.Value) ? Fix(m.Value) : m.Value);
        if (embedded != text) return embedded;

        // Latin-1 that was meant as Windows-1252, unless it uses bytes that Windows-1252 does not assign; those become
        // the characters of their own number here, which is what mending the C1 controls alone gives too.
        return FixC1Controls(text);
    }

    /// <summary>Runs of what UTF-8 sequences look like in code pages; a space may stand for byte A0.</summary>
    private static Regex MakeEmbeddedUtf8()
    {
        string first2 = Set((0xC2, 0xDF)), first3 = Set((0xE0, 0xEF)), first4 = Set((0xF0, 0xF0), (0xF3, 0xF3));
        string continuation = Set((0x80, 0xBF));
        // Dashes, quotation marks, bullet and ellipsis stand for themselves next to mojibake too.
        string strict = string.Concat(continuation.Where(c => !"–—―‘’‚“”„•…".Contains(c)));
        return new Regex($"(?<![{strict}])(?:[{first2}][{continuation} ]|[{first3}][{continuation} ]{{2}}|[{first4}][{continuation} ]{{3}})+",
            RegexOptions.CultureInvariant);

        static string Set(params (byte First, byte Last)[] ranges)
        {
            CodePage[] pages = [CodePage.Latin1, CodePage.Windows1250, CodePage.Windows1251, CodePage.Windows1252, CodePage.Windows1253,
                CodePage.Windows1254, CodePage.Windows1257];
            return string.Concat(ranges.SelectMany(r => pages.SelectMany(p => p.Characters(r.First, r.Last))).Distinct().Order());
        }
    }

    private static Regex Bytes(string pattern) => new(pattern, RegexOptions.CultureInvariant);
}
