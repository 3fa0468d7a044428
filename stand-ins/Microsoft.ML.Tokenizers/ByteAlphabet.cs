using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>
/// GPT-2's way to write bytes as printable characters: a byte that is a printable Latin-1 character stands for itself,
/// the other 68 are numbered upwards from U+0100.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] CharOfByte = new char[256];
    private static readonly short[] ByteOfChar = new short[256 + 68];

    static ByteAlphabet()
    {
        Array.Fill(ByteOfChar, (short)-1);
        int next = 256;
        for (int b = 0; b < 256; b++)
        {
            bool printable = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
            CharOfByte[b] = printable ? (char)b : (char)next++;
            ByteOfChar[CharOfByte[b]] = (short)b;
        }
    }

    /// <summary>The byte behind a character of the alphabet, or -1.</summary>
    public static int ToByte(char c) => c < ByteOfChar.Length ? ByteOfChar[c] : -1;

    /// <summary>UTF-8 bytes of a text as alphabet characters; <paramref name="source"/> gets, for each, the index of the text's character.</summary>
    public static string Transform(ReadOnlySpan<char> text, List<int> source)
    {
        var result = new StringBuilder(text.Length + 8);
        Span<byte> utf8 = stackalloc byte[4];
        for (int i = 0; i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text[i..], out var rune, out int used) != System.Buffers.OperationStatus.Done)
                rune = Rune.ReplacementChar; // a lone surrogate
            int count = rune.EncodeToUtf8(utf8);
            for (int b = 0; b < count; b++)
            {
                result.Append(CharOfByte[utf8[b]]);
                source.Add(i);
            }
            i += used;
        }
        return result.ToString();
    }
}
