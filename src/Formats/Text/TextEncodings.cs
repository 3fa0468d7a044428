using System.Text;

namespace SemanticSam.Formats.Text;

/// <summary>Which encoding a text file has, as far as its bytes tell.</summary>
internal static class TextEncodings
{
    /// <summary>Encodings that text of years ago has, in the order in which they are guessed; each refuses bytes that it does not have.</summary>
    private static readonly (string Name, int CodePage)[] Candidates =
        [("gb18030", 54936), ("shift_jis", 932), ("euc-kr", 51949), ("big5", 950), ("windows-1251", 1251), ("windows-1252", 1252)];

    static TextEncodings() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>An encoding by its name, such as "gb18030", "shift_jis" or "windows-1252"; null for an unknown one.</summary>
    public static Encoding? Find(string name)
    {
        try
        {
            return Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>UTF-16 or UTF-32, by their marks or by the zeros that they put between the letters of JSON, XML and lists; null for anything else.</summary>
    public static Encoding? Wide(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0])) return new UTF32Encoding(false, true, true);
        if (start.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xFE, 0xFF])) return new UTF32Encoding(true, true, true);
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE])) return new UnicodeEncoding(false, true, true);
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])) return new UnicodeEncoding(true, true, true);
        return start is [not 0, 0, not 0, 0, ..] ? new UnicodeEncoding(false, false, true)
            : start is [0, not 0, 0, not 0, ..] ? new UnicodeEncoding(true, false, true) : null;
    }

    /// <summary>The first byte that is no UTF-8; -1 when there is none.</summary>
    public static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes)) return -1;
        for (int at = 0; at < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[at..], out _, out int used) != System.Buffers.OperationStatus.Done) return at;
            at += used;
        }
        return -1;
    }

    /// <summary>Names of encodings in which the bytes are a text, likeliest first.</summary>
    /// <param name="bytes">A piece of the file around the first byte that is no UTF-8.</param>
    public static IReadOnlyList<string> Guess(ReadOnlySpan<byte> bytes)
    {
        var fits = new List<string>();
        byte[] piece = bytes.ToArray();
        foreach (var (name, page) in Candidates)
        {
            try
            {
                string text = Encoding.GetEncoding(page, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback).GetString(piece);
                if (!text.Any(c => char.IsControl(c) && c is not ('\t' or '\r' or '\n')
                    || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.PrivateUse))
                    fits.Add(name);
            }
            catch (DecoderFallbackException)
            {
                // not this one
            }
        }
        return fits;
    }
}
