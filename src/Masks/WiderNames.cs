namespace SemanticSam.Masks;

/// <summary>Names that say less than a name, whatever they are: "animal" of "cat".</summary>
internal static class WiderNames
{
    /// <summary>All of them, the next wider first; the name itself is none of them.</summary>
    /// <param name="name">The narrow name.</param>
    /// <param name="next">The next wider names of a name.</param>
    public static IReadOnlyList<string> Of(string name, Func<string, IReadOnlyList<string>> next)
    {
        var found = new List<string>();
        for (int at = -1; at < found.Count; at++)
            foreach (string wide in next(at < 0 ? name : found[at]))
                if (wide != name && !found.Contains(wide)) found.Add(wide);
        return found;
    }
}
