using System.Globalization;

namespace SemanticSam.Formats.Png;

/// <summary>
/// Roboflow's "semantic segmentation masks": beside each NAME.jpg a NAME_mask.png whose values are those of _classes.csv, a line "value, class" each; in a
/// folder, or in one for each split.
/// </summary>
internal static class RoboflowMasks
{
    private const string Table = "_classes.csv", Suffix = "_mask.png", Head = "Pixel Value";

    /// <summary>The names by values; null where the folder is no such set.</summary>
    /// <exception cref="AnnotationFileException">A table is damaged, or they contradict each other.</exception>
    public static SortedDictionary<int, string>? Names(string folder, string? encoding)
    {
        SortedDictionary<int, string>? names = null;
        foreach (string table in Tables(folder))
        {
            var read = Read(table, encoding);
            if (names is not null && !names.SequenceEqual(read))
                throw new AnnotationFileException(Path.GetRelativePath(folder, table), "", "it has other classes than those of another split; name one split");
            names = read;
        }
        return names;
    }

    /// <summary>Whether a folder is such a set.</summary>
    public static bool Are(string folder) => Tables(folder).Any() && Masks(folder).Count > 0;

    /// <summary>Its masks.</summary>
    public static IReadOnlyList<string> Masks(string folder) =>
        [.. FormatFiles.Below(folder, ".png").Where(f => f.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase))];

    /// <summary>The image of a mask: the file beside it, or what Roboflow calls that.</summary>
    public static string ImageOf(string mask) =>
        mask[..^Suffix.Length] is var stem && ImageFolder.Extensions.Select(e => stem + e).FirstOrDefault(File.Exists) is { } image ? image : stem + ".jpg";

    private static IEnumerable<string> Tables(string folder) =>
        ReadableFolders.In(folder).Take(100).Prepend(folder).Select(f => Path.Combine(f, Table))
            .Where(t => File.Exists(t) && ClassNames.Lines(t).Values.FirstOrDefault()?.StartsWith(Head, StringComparison.OrdinalIgnoreCase) == true);

    private static SortedDictionary<int, string> Read(string table, string? encoding)
    {
        var names = new SortedDictionary<int, string>();
        foreach (var (number, line) in ClassNames.Lines(table, encoding).Skip(1))
        {
            if (line.Length == 0) continue;
            int comma = line.IndexOf(',');
            if (comma < 0 || !int.TryParse(line.AsSpan(0, comma), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture, out int value) || value is < 0 or > ushort.MaxValue)
                throw new AnnotationFileException(Path.GetFileName(table), $"line {number + 1}", "'value, class' is expected");
            names.TryAdd(value, line[(comma + 1)..].Trim().Trim('"'));
        }
        return names;
    }
}
