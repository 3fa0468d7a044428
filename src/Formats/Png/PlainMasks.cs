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
        IReadOnlyDictionary<string, string>? paired = null;
        if (FormatFiles.Below(folder, ".png") is { Count: > 0 } pngs)
        {
            var besides = PairedMasks.Of(folder, ".png");
            string[] masks = [.. pngs.Except(besides.Values).Except(Other(pngs))];
            if (masks.Length > 0 && (besides.Count > 0 || (paired = PairedMasks.Of(folder, [.. Exact, .. Lossy])).Count == 0)) return new(masks, besides);
        }
        paired ??= PairedMasks.Of(folder, [.. Exact, .. Lossy]);
        if (paired.Count > 0) return new([.. paired.Keys.Except(paired.Values)], paired);
        return new(FormatFiles.Below(folder, Exact), paired); // a folder of JPEGs is one of photos
    }

    /// <summary>What Cityscapes has beside its numbers of labels: the same as colors, and numbers of objects.</summary>
    private static IEnumerable<string> Other(IReadOnlyList<string> pngs)
    {
        const string Labels = "_labelIds.png";
        var known = pngs.Where(p => p.EndsWith(Labels, StringComparison.Ordinal)).Select(p => p[..^Labels.Length]).ToHashSet(StringComparer.Ordinal);
        if (known.Count == 0) yield break;
        foreach (string png in pngs)
            if (((string[])["_color.png", "_instanceIds.png", "_labelTrainIds.png", "_instanceTrainIds.png"])
                .Any(e => png.EndsWith(e, StringComparison.Ordinal) && known.Contains(png[..^e.Length]))) yield return png;
    }
}
