namespace SemanticSam.TextEncoder.Tokenizer;

/// <summary>Bytes as printable characters, in the order of CLIP's vocabulary: first the 188 that stand for themselves, then the others.</summary>
internal static class ByteAlphabet
{
    /// <summary>256 one-character strings in vocabulary order.</summary>
    public static IReadOnlyList<string> InVocabularyOrder { get; }

    /// <summary>The character of each byte.</summary>
    public static IReadOnlyList<char> OfByte { get; }

    static ByteAlphabet()
    {
        var ofByte = new char[256];
        var first = new List<string>(256);
        var rest = new List<string>(68);
        for (int b = 0; b < 256; b++)
        {
            bool printable = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
            ofByte[b] = printable ? (char)b : (char)(256 + rest.Count);
            (printable ? first : rest).Add(ofByte[b].ToString());
        }
        OfByte = ofByte;
        InVocabularyOrder = [.. first, .. rest];
    }
}
