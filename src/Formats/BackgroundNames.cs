namespace SemanticSam.Formats;

/// <summary>What programs call the class of pixels that belong to nothing.</summary>
internal static class BackgroundNames
{
    private static readonly HashSet<string> All =
        new(StringComparer.OrdinalIgnoreCase) { "background", "_background_", "__background__", "bg", "__ignore__" };

    public static bool Contains(string name) => All.Contains(name);
}
