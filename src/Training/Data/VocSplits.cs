using SemanticSam.Formats;
using SemanticSam.Formats.Voc;

namespace SemanticSam.Training.Data;

/// <summary>The splits of a set in the layout of PASCAL VOC: lists of images in ImageSets/Segmentation.</summary>
internal static class VocSplits
{
    /// <summary>The folder of such a set; null where there is none, or several.</summary>
    public static string? Of(string folder) => VocLayout.Roots(folder) is [var only] ? only : null;

    /// <summary>A split; null where there is no list of it.</summary>
    /// <param name="folder">The set's folder.</param>
    /// <param name="names">The split, by any of its names.</param>
    public static DatasetLayout? Find(string folder, IEnumerable<string> names)
    {
        if (Of(folder) is not { } root) return null;
        string? list = names.Select(n => Path.Combine(root, "ImageSets", "Segmentation", n + ".txt")).FirstOrDefault(File.Exists);
        if (list is null) return null;
        var stems = ClassNames.Lines(list).Values.Where(l => l.Length > 0).ToHashSet(StringComparer.Ordinal);
        return new(root, DatasetLayout.ImagesOf(root), null, image => stems.Contains(Path.ChangeExtension(image.FileName, null)));
    }
}
