using System.Text;

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

    public static CodePage Windows1252 { get; } = Of(1252, sloppy: true);

    public static CodePage Windows1251 { get; } = Of(1251, sloppy: true);

    public static CodePage Windows1250 { get; } = Of(1250, sloppy: true);

    public static CodePage Windows1253 { get; } = Of(1253, sloppy: true);

    public static CodePage Windows1254 { get; } = Of(1254, sloppy: true);

    public static CodePage Windows1257 { get; } = Of(1257, sloppy: true);

    public static CodePage Iso88592 { get; } = Of(28592, sloppy: false);

    public static CodePage MacRoman { get; } = Of(10000, sloppy: false);

    public static CodePage Cp437 { get; } = Of(437, sloppy: false);

    /// <summary>Those whose mix-ups with UTF-8 are mended, in the order they are tried.</summary>
    public static IReadOnlyList<CodePage> Tried { get; } =
        [Latin1, Windows1252, Windows1251, Windows1250, Windows1253, Windows1254, Windows1257, Iso88592, MacRoman, Cp437];

    /// <summary>.NET's table of a code page, where it differs from Python's made to agree.</summary>
    private static CodePage Of(int number, bool sloppy)
    {
        byte[] bytes = new byte[128];
        for (int b = 0; b < 128; b++) bytes[b] = (byte)(128 + b);
        char[] high = CodePagesEncodingProvider.Instance.GetEncoding(number)!.GetChars(bytes);
        for (int b = 0; b < 128; b++)
            high[b] = high[b] switch
            {
                >= '\uF8F0' and < '\uF8FF' => (char)(128 + b), // unassigned: .NET takes characters for private use
                '\u2126' => 'Ω', // the sign of the unit Ohm, which is the letter
                var c => c,
            };
        return new(sloppy, new string(high));
    }

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
