namespace SemanticSam.Formats.Png;

/// <summary>
/// The masks of a folder whose pixels are numbers of classes: its PNGs, or, where it has none, what other images say by name or place that they are masks.
/// </summary>
/// <param name="Files">The masks.</param>
/// <param name="Images">The image of each mask that has one beside it.</param>
internal sealed record PlainMasks(IReadOnlyList<string> Files, IReadOnlyDictionary<string, string> Images)
{
    /// <summary>In which every value stays as it was written, so that all files of a folder may be masks.</summary>
    private static readonly string[] Exact = [".bmp", ".tif", ".tiff", ".gif"], Lossy = [".jpg", ".jpeg", ".jfif"];

    /// <summary>Those of a folder.</summary>
    /// <param name="folder">The folder.</param>
    public static PlainMasks Of(string folder)
    {
        if (FormatFiles.Below(folder, ".png") is { Count: > 0 } pngs && PairedMasks.Of(folder, ".png") is var besides
            && pngs.Except(besides.Values).ToArray() is { Length: > 0 } masks && (besides.Count > 0 || PairedMasks.Of(folder, [.. Exact, .. Lossy]).Count == 0))
            return new(masks, besides);
        var paired = PairedMasks.Of(folder, [.. Exact, .. Lossy]);
        if (paired.Count > 0) return new([.. paired.Keys.Except(paired.Values)], paired);
        return new(FormatFiles.Below(folder, Exact), paired); // a folder of JPEGs is one of photos
    }
}
