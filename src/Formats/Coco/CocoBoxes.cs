using SemanticSam.Formats.Shapes;

namespace SemanticSam.Formats.Coco;

/// <summary>What the boxes of a set are that stand for masks: many that reach out of their images are two corners, or worth a word.</summary>
internal static class CocoBoxes
{
    /// <summary>Whether they are two corners.</summary>
    /// <param name="index">The annotations, whose images are known.</param>
    /// <param name="set">The images.</param>
    /// <param name="sizeOf">The size of an image of a name, where the file does not say it.</param>
    /// <param name="report">Told of what was changed.</param>
    public static bool AreCorners(CocoIndex index, CocoIndex set, Func<string, (int Width, int Height)?> sizeOf, FormatReport report)
    {
        if (index.BoxesAlone.Count == 0 || index.IsMarked && !report.Refuses || index.IsPanoptic) return false;
        var wanted = index.BoxesAlone.Select(i => index.Annotations[i].ImageId).ToHashSet();
        var sizes = new Dictionary<long, (int Width, int Height)>();
        foreach (var image in set.Glance().Where(i => wanted.Contains(i.Id)))
            if ((image is { Width: { } w, Height: { } h } ? (w, h) : sizeOf(image.FileName)) is { } size) sizes.TryAdd(image.Id, size);
        var corners = new BoxCorners();
        foreach (int i in index.BoxesAlone)
        {
            if (!sizes.TryGetValue(index.Annotations[i].ImageId, out var size)) continue;
            try
            {
                index.Read(index.Annotations[i], "", v =>
                {
                    if (!Segmentation.IsThere(v) && BoxField.Plain(v) is var (box, isSized)) corners.Add(box, size.Height, size.Width, isSized);
                    return true;
                });
            }
            catch (AnnotationFileException)
            {
                // It is told when it is read.
            }
        }
        if (corners.Are) report.Repaired(index.File, "", corners.Why, "they are taken as corners");
        else if (corners.AreOutside) report.Noted(index.File, "", corners.Outside, "they are cut at the images' edges");
        return corners.Are;
    }
}
