using System.Text;

namespace SemanticSam.Foundation.Characters;

/// <summary>Unicode normalization form C (UAX 15), of Unicode 14.</summary>
internal static class CanonicalComposition
{
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7, LCount = 19, VCount = 21, TCount = 28;
    private const int SCount = LCount * VCount * TCount;

    /// <summary>The composed text. Lone surrogates are kept.</summary>
    public static string Compose(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\u0300', '\uFFFF')) return text; // everything below U+0300 is composed already
        var tables = CharacterTables.Instance;
        var codes = new List<(int Code, byte Class)>(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            int code = text[i];
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                code = char.ConvertToUtf32(text[i], text[++i]);
            Decompose(code, codes, tables);
        }
        Order(codes);
        Compose(codes, tables);
        var result = new StringBuilder(text.Length);
        foreach (var (code, _) in codes)
        {
            if (code < 0x10000) result.Append((char)code);
            else result.Append(char.ConvertFromUtf32(code));
        }
        return result.ToString();
    }

    private static void Decompose(int code, List<(int Code, byte Class)> to, CharacterTables tables)
    {
        int syllable = code - SBase;
        if (syllable is >= 0 and < SCount)
        {
            to.Add((LBase + syllable / (VCount * TCount), 0));
            to.Add((VBase + syllable % (VCount * TCount) / TCount, 0));
            if (syllable % TCount != 0) to.Add((TBase + syllable % TCount, 0));
        }
        else if (tables.Decomposition.TryGetValue(code, out var parts))
        {
            Decompose(parts.Left, to, tables);
            if (parts.Right != 0) Decompose(parts.Right, to, tables);
        }
        else
        {
            to.Add((code, tables.CombiningClass.GetValueOrDefault(code)));
        }
    }

    /// <summary>Sorts each run of combining marks by class, keeping the order of equals.</summary>
    private static void Order(List<(int Code, byte Class)> codes)
    {
        for (int i = 1; i < codes.Count; i++)
        {
            if (codes[i].Class == 0) continue;
            var mark = codes[i];
            int at = i;
            for (; at > 0 && codes[at - 1].Class > mark.Class; at--) codes[at] = codes[at - 1];
            codes[at] = mark;
        }
    }

    private static void Compose(List<(int Code, byte Class)> codes, CharacterTables tables)
    {
        int starter = -1, kept = 0;
        for (int i = 0; i < codes.Count; i++)
        {
            var (code, combining) = codes[i];
            // What lies between blocks a mark when it has the same class or a higher one; a starter is blocked by anything.
            bool blocked = starter < 0 || kept - 1 > starter && (codes[kept - 1].Class >= combining);
            if (!blocked && Pair(codes[starter].Code, code, tables) is { } composed)
            {
                codes[starter] = (composed, 0);
                continue;
            }
            codes[kept] = (code, combining);
            if (combining == 0) starter = kept;
            kept++;
        }
        codes.RemoveRange(kept, codes.Count - kept);
    }

    private static int? Pair(int left, int right, CharacterTables tables)
    {
        if (left - LBase is >= 0 and < LCount && right - VBase is >= 0 and < VCount)
            return SBase + ((left - LBase) * VCount + right - VBase) * TCount;
        if (left - SBase is >= 0 and < SCount && (left - SBase) % TCount == 0 && right - TBase is > 0 and < TCount)
            return left + right - TBase;
        return tables.Composition.TryGetValue((left, right), out int composed) ? composed : null;
    }
}
