using System.Text.RegularExpressions;

namespace SemanticSam.Formats.Voc;

/// <summary>
/// Sets in the layout of CamVid, which are PNGs of classes with a list of colors beside their folders: train/ and trainannot/ (SegNet, CVAT), train/ and
/// train_labels/, 701_StillsRaw_full/ and LabeledApproved_full/ (CamVid itself, whose masks are called as their images with _L behind), images/ and masks/.
/// </summary>
internal static partial class CamVidLayout
{
    private const int MostFolders = 100;

    /// <summary>Lists of colors, in the order in which they are looked for.</summary>
    public static readonly string[] Lists = ["label_colors.txt", "class_dict.csv"];

    /// <summary>Whether a folder is such a set.</summary>
    public static bool Is(string folder) => Lists.Any(l => File.Exists(Path.Combine(folder, l))) && MaskFolders(folder).Any();

    /// <summary>Its masks, with their images where these are at hand.</summary>
    public static IEnumerable<VocLayout.Item> Items(string root)
    {
        var masks = MaskFolders(root).ToList();
        var others = Folders(root).Except(masks).ToList();
        foreach (string folder in masks)
        {
            string paired = Path.Combine(root, Ending().Replace(Path.GetFileName(folder), ""));
            string[] places = [paired, Path.Combine(root, "images"), .. others];
            foreach (string mask in FormatFiles.Below(folder, ".png"))
            {
                string stem = Path.ChangeExtension(Path.GetRelativePath(folder, mask), null), plain = MaskEnding().Replace(stem, "");
                string? image = places.Where(Directory.Exists).SelectMany(p => (string[])[Path.Combine(p, stem), Path.Combine(p, plain)])
                    .SelectMany(p => Formats.ImageFolder.Extensions.Select(e => p + e)).FirstOrDefault(File.Exists);
                string named = image is null ? Path.Combine(Path.GetFileName(folder), plain) : Path.ChangeExtension(Path.GetRelativePath(root, image), null);
                yield return new(named.Replace('\\', '/'), mask, null, null, image);
            }
        }
    }

    private static IEnumerable<string> MaskFolders(string root) =>
        Folders(root).Where(f => Ending().IsMatch(Path.GetFileName(f)) && FormatFiles.Below(f, ".png").Count > 0);

    private static IEnumerable<string> Folders(string root) =>
        ReadableFolders.In(root, links: false).Take(MostFolders);

    [GeneratedRegex("(_?annot(ation)?s?|_?labels?|_?masks?|LabeledApproved_full)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Ending();

    [GeneratedRegex("(_L|_label|_mask)$", RegexOptions.CultureInvariant)]
    private static partial Regex MaskEnding();
}
