using System.Text;

namespace SemanticSam.TextEncoder.Tokenizer.Cleaning;

/// <summary>Strict UTF-8, and its variants CESU-8 (surrogates encoded one by one) and Java's two-byte zero.</summary>
internal static class Utf8
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The text, or null when the bytes are not UTF-8 or one of the variants.</summary>
    public static string? TryDecode(byte[] bytes)
    {
        try
        {
            return bytes.AsSpan().IndexOfAny<byte>(0xC0, 0xED) < 0 ? Strict.GetString(bytes) : Variants(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string Variants(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            int special = bytes.IndexOfAny<byte>(0xC0, 0xED);
            int take = special < 0 ? bytes.Length : special;
            if (take == 0 && bytes[0] == 0xC0 && bytes.Length > 1)
            {
                text.Append('\0');
                take = 2;
            }
            else if (take == 0 && IsSurrogatePair(bytes))
            {
                text.Append((char)(0xD000 | (bytes[1] & 0x3F) << 6 | bytes[2] & 0x3F)).Append((char)(0xD000 | (bytes[4] & 0x3F) << 6 | bytes[5] & 0x3F));
                take = 6;
            }
            else
            {
                if (take == 0) take = bytes.Length < 6 ? bytes.Length : 3;
                text.Append(Strict.GetString(bytes[..take]));
            }
            bytes = bytes[take..];
        }
        return text.ToString();
    }

    private static bool IsSurrogatePair(ReadOnlySpan<byte> b) => b.Length >= 6
        && b[0] == 0xED && b[1] is >= 0xA0 and <= 0xAF && b[2] is >= 0x80 and <= 0xBF
        && b[3] == 0xED && b[4] is >= 0xB0 and <= 0xBF && b[5] is >= 0x80 and <= 0xBF;
}
