namespace SemanticSam.Formats;

/// <summary>What programs call the class of pixels that belong to nothing.</summary>
internal static class BackgroundNames
{
    private static readonly HashSet<string> All =
        new(StringComparer.OrdinalIgnoreCase) { "background", "_background_", "__background__", "bg", "__ignore__" };

    /// <summary>What lists of the values of masks begin with besides, for the pixels that nobody named.</summary>
    private static readonly HashSet<string> First = new(StringComparer.OrdinalIgnoreCase)
    {
        "void", "unlabeled", "unlabelled", "no-data", "nodata", "no data", "no_data", "ignore", "ignored", "none", "nothing", "unknown", "undefined", "other",
        "others", "clutter", "unannotated",
    };

    public static bool Contains(string name) => All.Contains(name);

    /// <summary>Whether the first of a list of names may be that of the value 0 in masks, which is no class.</summary>
    public static bool MayBeFirst(string name) => name.Length == 0 || Contains(name.Trim()) || First.Contains(name.Trim());
}
