namespace SemanticSam.TextEncoder.Tokenizer.Cleaning;

/// <summary>A single-byte encoding that agrees with ASCII below 128.</summary>
internal sealed class CodePage
{
    private const char Lost = (char)0x1A; // the byte that stands for U+FFFD in sloppy code pages
    private readonly string _high;
    private readonly Dictionary<char, byte> _bytes = [];

    /// <param name="sloppy">Windows code pages: unassigned bytes are the characters of that number, and U+FFFD is byte 1A.</param>
    /// <param name="high">The characters of bytes 128 to 255.</param>
    private CodePage(bool sloppy, string high)
    {
        IsSloppy = sloppy;
        _high = high;
        for (int b = 0; b < 128; b++) _bytes[b == Lost && sloppy ? '\uFFFD' : (char)b] = (byte)b;
        for (int b = 0; b < 128; b++) _bytes[high[b]] = (byte)(128 + b);
    }

    public bool IsSloppy { get; }

    public static CodePage Latin1 { get; } = new(false, string.Create(128, 0, (chars, _) =>
    {
        for (int i = 0; i < 128; i++) chars[i] = (char)(128 + i);
    }));

    public static CodePage Windows1252 { get; } = new(true,
        "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ\u00A0\u00A1\u00A2\u00A3\u00A4\u00A5\u00A6\u00A7\u00A8\u00A9\u00AA\u00AB\u00AC\u00AD®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ");

    public static CodePage Windows1251 { get; } = new(true,
        "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u0098™љ›њќћџ\u00A0ЎўЈ\u00A4Ґ\u00A6\u00A7Ё\u00A9Є\u00AB\u00AC\u00AD®Ї°±Ііґµ¶·ё№є»јЅѕїАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя");

    public static CodePage Windows1250 { get; } = new(true,
        "€\u0081‚\u0083„…†‡\u0088‰Š‹ŚŤŽŹ\u0090‘’“”•–—\u0098™š›śťžź\u00A0ˇ˘Ł\u00A4Ą\u00A6\u00A7\u00A8\u00A9Ş\u00AB\u00AC\u00AD®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙");

    public static CodePage Windows1253 { get; } = new(true,
        "€\u0081‚ƒ„…†‡\u0088‰\u008A‹\u008C\u008D\u008E\u008F\u0090‘’“”•–—\u0098™\u009A›\u009C\u009D\u009E\u009F\u00A0΅Ά\u00A3\u00A4\u00A5\u00A6\u00A7\u00A8\u00A9\u00AA\u00AB\u00AC\u00AD®―°±²³΄µ¶·ΈΉΊ»Ό½ΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡÒΣΤΥΦΧΨΩΪΫάέήίΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώÿ");

    public static CodePage Windows1254 { get; } = new(true,
        "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008D\u008E\u008F\u0090‘’“”•–—˜™š›œ\u009D\u009EŸ\u00A0\u00A1\u00A2\u00A3\u00A4\u00A5\u00A6\u00A7\u00A8\u00A9\u00AA\u00AB\u00AC\u00AD®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ");

    public static CodePage Windows1257 { get; } = new(true,
        "€\u0081‚\u0083„…†‡\u0088‰\u008A‹\u008C\u00A8ˇ¸\u0090‘’“”•–—\u0098™\u009A›\u009C¯˛\u009F\u00A0\u00A1\u00A2\u00A3\u00A4\u00A5\u00A6\u00A7Ø\u00A9Ŗ\u00AB\u00AC\u00AD®Æ°±²³´µ¶·ø¹ŗ»¼½¾æĄĮĀĆÄÅĘĒČÉŹĖĢĶĪĻŠŃŅÓŌÕÖ×ŲŁŚŪÜŻŽßąįāćäåęēčéźėģķīļšńņóōõö÷ųłśūüżž˙");

    public static CodePage Iso88592 { get; } = new(false,
        "\u0080\u0081\u0082\u0083\u0084\u0085\u0086\u0087\u0088\u0089\u008A\u008B\u008C\u008D\u008E\u008F\u0090\u0091\u0092\u0093\u0094\u0095\u0096\u0097\u0098\u0099\u009A\u009B\u009C\u009D\u009E\u009F\u00A0Ą˘Ł\u00A4ĽŚ\u00A7\u00A8ŠŞŤŹ\u00ADŽŻ°ą˛ł´ľśˇ¸šşťź˝žżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙");

    public static CodePage MacRoman { get; } = new(false,
        "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°\u00A2\u00A3\u00A7•¶ß®\u00A9™´\u00A8≠ÆØ∞±≤≥\u00A5µ∂∑∏π∫\u00AAºΩæø¿\u00A1\u00AC√ƒ≈∆\u00AB»…\u00A0ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\uF8FFÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ");

    public static CodePage Cp437 { get; } = new(false,
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ\u00A2\u00A3\u00A5₧ƒáíóúñÑ\u00AAº¿⌐\u00AC½¼\u00A1\u00AB»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0");

    /// <summary>Those whose mix-ups with UTF-8 are mended, in the order they are tried.</summary>
    public static IReadOnlyList<CodePage> Tried { get; } =
        [Latin1, Windows1252, Windows1251, Windows1250, Windows1253, Windows1254, Windows1257, Iso88592, MacRoman, Cp437];

    public char Decode(byte value) => value >= 128 ? _high[value - 128] : value == Lost && IsSloppy ? '\uFFFD' : (char)value;

    /// <summary>The bytes of a text, or null when it has a character that the code page lacks.</summary>
    public byte[]? TryEncode(string text)
    {
        var bytes = new byte[text.Length];
        for (int i = 0; i < bytes.Length; i++)
            if (!_bytes.TryGetValue(text[i], out bytes[i])) return null;
        return bytes;
    }

    /// <summary>The characters of a range of bytes.</summary>
    public IEnumerable<char> Characters(byte first, byte last)
    {
        for (int b = first; b <= last; b++) yield return Decode((byte)b);
    }
}
