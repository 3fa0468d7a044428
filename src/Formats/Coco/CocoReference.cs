using System.Text.Json;

namespace SemanticSam.Formats.Coco;

/// <summary>A list of COCO results names images and categories by numbers; this finds the file that says what they are.</summary>
internal static class CocoReference
{
    /// <summary>The file that the caller names, else the only one beside the list that declares its images; null when there is none.</summary>
    public static string? Of(string path, AnnotationReadOptions options, CocoIndex list, CocoIds ids, FormatReport report)
    {
        if (options.Reference is { } given)
            return File.Exists(given) ? given : throw new FileNotFoundException($"There is no file '{given}'.", given);
        var named = list.Annotations.Select(a => a.ImageId).Take(1000).Distinct().Select(id => (id, ids.TextOf(id))).ToList();
        var found = new List<string>();
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (string beside in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Take(20))
            if (Path.GetFullPath(beside) != Path.GetFullPath(path) && Declares(beside, named, options)) found.Add(beside);
        // What this program has written there is no truth to be compared with.
        if (found.Count > 1 && found.Where(f => !IsOurs(f)).ToList() is { Count: 1 } foreign) found = foreign;
        if (found.Count == 1)
        {
            report.Noted(list.File, "", "it is a list of COCO results",
                $"images and categories are those of {Path.GetFileName(found[0])}, which lies beside it");
            return found[0];
        }
        report.Noted(list.File, "", found.Count == 0
            ? "it is a list of COCO results, which names images and categories by numbers, and no COCO file beside it declares them"
            : $"it is a list of COCO results, and {found.Count} COCO files beside it declare its images",
                "numbers are taken as names; a reference file would tell");
        return null;
    }

    private static bool IsOurs(string path)
    {
        using var index = CocoIndex.Of(path, null, new(), new(_ => { }));
        return index.IsMarked; // nothing is refused here, so the file says so itself
    }

    private static bool Declares(string path, List<(long Id, string? Text)> named, AnnotationReadOptions options)
    {
        try
        {
            if (FormatRecognition.OfJson(path) != AnnotationFormat.Coco) return false;
            // Texts have numbers of their own in each file, so they are compared as such: ids, or names of images.
            using var index = CocoIndex.Of(path, options.Encoding, new(), new(_ => { }));
            if (index.IsList) return false;
            var images = new CocoImageNames<CocoRecords.Image>(index.Glance().Select(i => (i, (long?)i.Id, index.TextOf(i.Id), i.FileName)));
            return named.TrueForAll(n => n.Text is null ? images.ImageOf(n.Id) is not null : images.ImageOf(n.Text, out bool several) is not null || several);
        }
        catch (Exception e) when (e is AnnotationFileException or JsonException or IOException)
        {
            return false;
        }
    }
}
