namespace SemanticSam.Tests.StandIns.Surface;

/// <summary>A member's text taken apart.</summary>
internal sealed record ListedMember(bool IsProtected, bool IsStatic, bool IsExtension, string Returns, string Name, string[] Generic, List<ListedParameter> Parameters, bool HasParameters)
{
    public static ListedMember Parse(string text)
    {
        bool isProtected = Take(ref text, "protected "), isStatic = Take(ref text, "static ");
        bool isExtension = text.EndsWith(" [extension]");
        if (isExtension) text = text[..^" [extension]".Length];
        var parameters = new List<ListedParameter>();
        string head = text;
        bool has = text.EndsWith(')');
        if (has)
        {
            int open = Opening(text, text.Length - 1);
            parameters = ListingNames.Split(text[(open + 1)..^1]).ConvertAll(ListedParameter.Parse);
            head = text[..open];
        }
        string[] generic = [];
        if (head.EndsWith('>'))
        {
            int open = Opening(head, head.Length - 1);
            generic = head[(open + 1)..^1].Split(", ");
            head = head[..open];
        }
        int space = head.LastIndexOf(' ');
        return new(isProtected, isStatic, isExtension, space < 0 ? "" : head[..space], head[(space + 1)..], generic, parameters, has);
    }

    private static bool Take(ref string text, string prefix)
    {
        if (!text.StartsWith(prefix)) return false;
        text = text[prefix.Length..];
        return true;
    }

    /// <summary>The bracket that the one at <paramref name="close"/> closes.</summary>
    private static int Opening(string text, int close)
    {
        int depth = 0;
        for (int i = close; i >= 0; i--)
        {
            if (text[i] is ')' or '>' or ']') depth++;
            else if (text[i] is '(' or '<' or '[') depth--;
            if (depth == 0) return i;
        }
        throw new FormatException($"'{text}' has an unmatched bracket.");
    }
}

internal sealed record ListedParameter(string Way, string Type, string Name, string? Default)
{
    public static ListedParameter Parse(string text)
    {
        string? value = null;
        int equals = text.IndexOf(" = ", StringComparison.Ordinal);
        if (equals >= 0) (text, value) = (text[..equals], text[(equals + 3)..]);
        string way = "";
        foreach (string w in new[] { "params ", "out ", "ref ", "in " })
        {
            if (text.StartsWith(w)) (way, text) = (w, text[w.Length..]);
        }
        int space = text.LastIndexOf(' ');
        return new(way, text[..space], text[(space + 1)..], value);
    }
}
