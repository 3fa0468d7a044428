namespace SemanticSam.Formats.Coco;

using By = CocoImageNames<CocoRecords.Image>.By;

/// <summary>
/// Gives annotations whose <c>image_id</c> is none of the images the one that they mean: by a name, in its place or beside it, or by the number in a name. In a
/// list of results, which speaks of images that another file declares, a name also wins over the id of another image.
/// </summary>
internal static class CocoImageMatches
{
    /// <summary>Changes the images of annotations.</summary>
    /// <param name="index">The annotations.</param>
    /// <param name="set">The images.</param>
    /// <param name="report">Told of what was assumed; nothing is where it refuses what is odd.</param>
    /// <returns>By the places of annotations, names that several images have.</returns>
    public static Dictionary<int, string> Take(CocoIndex index, CocoIndex set, FormatReport report)
    {
        var several = new Dictionary<int, string>();
        if (report.Refuses || index.IsPanoptic || set.Images.Count == 0) return several; // the names of panoptic annotations are those of PNGs
        var declared = set.Images.Select(i => i.ImageId).ToHashSet();
        bool names = index.IsList && index.HasImageNames;
        if (!names && index.Annotations.TrueForAll(a => declared.Contains(a.ImageId))) return several;
        var images = new CocoImageNames<CocoRecords.Image>(set.Glance().Select(i => (i, (long?)i.Id, set.TextOf(i.Id), i.FileName)));
        bool areNumbers = index.IsList && images.AreNumbers([.. index.Annotations.Select(a => a.ImageId)
            .Where(id => id != CocoIndex.NoImage && index.TextOf(id) is null).Distinct()]);
        for (int i = 0; i < index.Annotations.Count; i++)
        {
            var record = index.Annotations[i];
            if (!names && !areNumbers && declared.Contains(record.ImageId)) continue;
            var (image, how, name) = images.Find(record.ImageId, index.TextOf(record.ImageId), index.HasImageNames ? NameIn(index, record) : null, areNumbers);
            if (how == By.Several) several[i] = name!;
            if (image is null) continue;
            if (how == By.Name) report.NotedOnce(index.File, "image_id is no id of an image, but a name tells which is meant", "that image is taken");
            if (how == By.Number) report.NotedOnce(index.File, "image_id is no id of an image, but the number in the name of one", "that image is meant");
            if (how == By.NameAgainstId) report.NotedOnce(index.File, "image_id is that of another image than file_name names", "the name is taken");
            if (image.Id != record.ImageId) index.Annotations[i] = record with { ImageId = image.Id };
        }
        return several;
    }

    private static string? NameIn(CocoIndex index, CocoIndex.Record record)
    {
        try
        {
            return index.Read(record, "", v => CocoKeys.Name(v, CocoImageNames<CocoRecords.Image>.Keys));
        }
        catch (AnnotationFileException)
        {
            return null; // it is told when it is read
        }
    }
}
