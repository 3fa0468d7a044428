using System.Text.RegularExpressions;

namespace SemanticSam.Formats.Png;

/// <summary>
/// Folders in which masks lie beside their images: images/ and masks/, train/ and trainannot/ (SegNet), images/training/ and annotations/training/ (ADE20K),
/// a.jpg and a_mask.png. There an image is called by its own name, and a PNG that is an image is no mask.
/// </summary>
internal static partial class PairedMasks
{
    private const int MostFolders = 1000;

    /// <summary>The image of each mask that has one.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="kinds">Extensions of masks, with dot.</param>
    public static IReadOnlyDictionary<string, string> Of(string root, params string[] kinds)
    {
        var byPlace = new Dictionary<(string Folder, string Stem), string>();
        var folders = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string image in ImageFolder.Below(root))
        {
            string folder = FolderOf(root, image);
            folders.Add(folder);
            var place = (folder, Path.GetFileNameWithoutExtension(image));
            // A photo before a PNG of the same name, which is its mask.
            if (!byPlace.TryGetValue(place, out string? other) || IsPng(other)) byPlace[place] = image;
        }
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        var places = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (string mask in FormatFiles.Below(root, kinds))
        {
            string folder = FolderOf(root, mask), stem = Path.GetFileNameWithoutExtension(mask);
            var names = Names(stem);
            if (!places.TryGetValue(folder, out var known)) places[folder] = known = [.. Places(folder, folders).Distinct()];
            foreach (string place in names.Count == 1 ? known : [.. known, folder])
                if (names.Select(n => Image(place, n)).OfType<string>().FirstOrDefault() is { } image)
                {
                    pairs[mask] = image;
                    break;
                }

            string? Image(string place, string name) => byPlace.TryGetValue((place, name), out string? found) && found != mask ? found : null;
        }
        return pairs;
    }

    /// <summary>What the image of a mask may be called, both without an ending.</summary>
    public static IReadOnlyList<string> Names(string mask)
    {
        if (Cityscapes().Match(mask) is { Success: true } city) return [mask, mask[..city.Index] + "_leftImg8bit", mask[..city.Index]];
        string plain = MaskEnding().Replace(mask, "");
        return plain == mask ? [mask] : [mask, plain];
    }

    /// <summary>Folders in which the images of a folder of masks may lie, the likeliest first.</summary>
    private static IEnumerable<string> Places(string folder, SortedSet<string> folders)
    {
        string[] parts = folder.Split('/');
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            if (!Ending().IsMatch(parts[i])) continue;
            string before = string.Concat(parts[..i].Select(p => p + "/")), behind = string.Concat(parts[(i + 1)..].Select(p => "/" + p));
            string named = Ending().Replace(parts[i], "");
            if (named.Length > 0) yield return before + named + behind;
            else if (behind.Length > 0) yield return before + behind[1..]; // stuffthingmaps/train2017/ beside train2017/
            foreach (string images in (string[])["images", "image", "imgs", "img", "JPEGImages"])
            {
                yield return before + images + behind;
                yield return before + images;
            }
            foreach (string other in folders.Count <= MostFolders ? folders : [])
                if (other.StartsWith(before, StringComparison.Ordinal) && other.EndsWith(behind, StringComparison.Ordinal)
                    && other.Length > before.Length + behind.Length && other[before.Length..(other.Length - behind.Length)] is var part
                    && !part.Contains('/') && !Ending().IsMatch(part)) yield return other;
        }
    }

    private static bool IsPng(string path) => path.EndsWith(".png", StringComparison.OrdinalIgnoreCase);

    /// <summary>Below the root, with slashes; "." for the root itself.</summary>
    private static string FolderOf(string root, string file) => Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Replace('\\', '/');

    [GeneratedRegex("(_?ann(ot(ation)?s?)?|_?labels?|_?masks?|_?gts?|gtFine|gtCoarse|_?ground_?truths?|_?targets?|_?segmentations?|_?trimaps?"
        + "|_?stuffthingmaps|_?pixelmaps?)(_dir|_png)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Ending();

    [GeneratedRegex("_gt(Fine|Coarse)_(labelIds|labelTrainIds)$", RegexOptions.CultureInvariant)]
    private static partial Regex Cityscapes();

    [GeneratedRegex("(_L|_labels?|_masks?|_gt|_seg|_segmentation|_annotation)$", RegexOptions.CultureInvariant)]
    private static partial Regex MaskEnding();
}
