using System.Text.Json;
using SemanticSam.Formats;
using SemanticSam.Formats.Coco;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>An image of a COCO file.</summary>
/// <param name="Id">Its id.</param>
/// <param name="FileName">Its name.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Truths">What is there, in the order of the file.</param>
internal sealed record CocoImage(long Id, string FileName, int Width, int Height, IReadOnlyList<CocoTruth> Truths);

/// <summary>
/// COCO's own files as its evaluation reads them: areas and boxes as they are written, which need not be those of the masks, and lists of
/// detections.
/// </summary>
internal static class CocoFiles
{
    /// <summary>Reads annotations.</summary>
    /// <returns>Images by id, and the classes by id, whose order is that of <see cref="CocoTruth.Class"/>.</returns>
    /// <exception cref="AnnotationFileException">The file is damaged; the message names the place.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static (IReadOnlyList<CocoImage> Images, IReadOnlyList<AnnotationCategory> Classes) ReadTruth(string path)
    {
        var ids = new CocoIds();
        using var index = CocoIndex.Of(path, null, ids, new(null));
        AnnotationCategory[] classes =
            [.. index.Categories.Select((r, i) => index.Read(r, $"categories[{i}]", v => CocoRecords.ReadCategory(v, index.IsMarked))).OrderBy(c => c.Id)];
        var classOf = classes.Select((c, i) => (c.Id, i)).ToDictionary(p => p.Id, p => p.i);
        var images = index.Images.Select((r, i) => index.Read(r, $"images[{i}]", v => Sized(CocoRecords.ReadImage(v, ids), v))).OrderBy(i => i.Id).ToArray();
        var sizes = images.ToDictionary(i => i.Id, i => (i.Height, i.Width));
        var truths = index.Annotations.Select((r, i) => index.Read(r, $"annotations[{i}]", v => (Image: v.Integer("image_id"), Truth: Truth(v))))
            .ToLookup(p => p.Image, p => p.Truth);
        return ([.. images.Select(i => new CocoImage(i.Id, i.FileName, i.Width, i.Height, [.. truths[i.Id]]))], classes);

        CocoTruth Truth(JsonValues v)
        {
            int @class = classOf.TryGetValue(v.Integer("category_id"), out int found) ? found
                : throw v.Bad($"category_id {v.Integer("category_id")} is not among the categories");
            var (height, width) = sizes.TryGetValue(v.Integer("image_id"), out var size) ? size
                : throw v.Bad($"image_id {v.Integer("image_id")} is not among the images");
            Rle? mask = MaskOf(v, height, width);
            CocoBox box = BoxOf(v) ?? (mask is null ? throw v.Bad("it has neither a segmentation nor a bbox") : CocoBox.Of(mask));
            return new(@class, box, v.OptionalNumber("area") ?? mask?.Area ?? box.Area, mask, v.Flag("iscrowd"));
        }
    }

    /// <summary>An image's record, which has to say how large it is: masks are compared, not drawn.</summary>
    private static (long Id, string FileName, int Width, int Height) Sized(CocoRecords.Image image, JsonValues v) =>
        (image.Id, image.FileName, image.Width ?? throw v.Bad("width is missing or no side of an image"),
            image.Height ?? throw v.Bad("height is missing or no side of an image"));

    /// <summary>Reads detections: a list of image_id, category_id, score, and segmentation or bbox or both.</summary>
    /// <param name="path">The file.</param>
    /// <param name="images">What <see cref="ReadTruth"/> gave.</param>
    /// <param name="classes">What <see cref="ReadTruth"/> gave.</param>
    /// <returns>By image id, in the order of the file.</returns>
    /// <exception cref="AnnotationFileException">The file is damaged, or speaks of images or classes that the annotations do not have.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static ILookup<long, CocoDetection> ReadDetections(string path, IReadOnlyList<CocoImage> images, IReadOnlyList<AnnotationCategory> classes)
    {
        string file = Path.GetFileName(path);
        var classOf = classes.Select((c, i) => (c.Id, i)).ToDictionary(p => p.Id, p => p.i);
        var sizes = images.ToDictionary(i => i.Id, i => (i.Height, i.Width));
        using var stream = RegularFile.OpenRead(path);
        using var json = Parse(stream, file);
        if (json.RootElement.ValueKind != JsonValueKind.Array)
            throw new AnnotationFileException(file, "", "detections are a list of objects with image_id, category_id, score, and segmentation or bbox");
        return json.RootElement.EnumerateArray().Select((e, i) => new JsonValues(e, file, $"detection {i}"))
            .Select(v => (Image: v.Integer("image_id"), Found: Detection(v)))
            .ToLookup(p => p.Image, p => p.Found);

        CocoDetection Detection(JsonValues v)
        {
            int @class = classOf.TryGetValue(v.Integer("category_id"), out int found) ? found
                : throw v.Bad($"category_id {v.Integer("category_id")} is not among those of the annotations");
            var (height, width) = sizes.TryGetValue(v.Integer("image_id"), out var size) ? size
                : throw v.Bad($"image_id {v.Integer("image_id")} is not among those of the annotations");
            Rle? mask = MaskOf(v, height, width);
            CocoBox box = BoxOf(v) ?? (mask is null ? throw v.Bad("it has neither a segmentation nor a bbox") : CocoBox.Of(mask));
            return new(@class, v.OptionalNumber("score") ?? throw v.Bad("key 'score' is missing"), box, mask);
        }
    }

    /// <summary>The figures of detections against annotations; of masks only where every annotation and detection has one.</summary>
    public static IReadOnlyList<CocoSummary> Compare(IReadOnlyList<CocoImage> images, IReadOnlyList<AnnotationCategory> classes,
        ILookup<long, CocoDetection> found)
    {
        bool masks = images.All(i => i.Truths.All(t => t.Mask is not null) && found[i.Id].All(d => d.Mask is not null));
        CocoEvaluator[] evaluators = [.. (masks ? new[] { CocoMeasure.Masks, CocoMeasure.Boxes } : [CocoMeasure.Boxes])
            .Select(m => new CocoEvaluator(m, classes.Count))];
        foreach (var image in images)
            foreach (var evaluator in evaluators) evaluator.Add(image.Truths, [.. found[image.Id]]);
        return [.. evaluators.Select(e => e.Summarize())];
    }

    private static JsonDocument Parse(Stream stream, string file)
    {
        try
        {
            return JsonDocument.Parse(stream);
        }
        catch (JsonException e)
        {
            throw new AnnotationFileException(file, "", $"not valid JSON: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static Rle? MaskOf(JsonValues v, int height, int width) => v.Has("segmentation", out var s)
        && !(s.ValueKind == JsonValueKind.Array && s.GetArrayLength() == 0)
        ? Segmentation.Read(v, height, width) : null;

    private static CocoBox? BoxOf(JsonValues v) => v.OptionalBox("bbox") is var (x, y, width, height) ? new(x, y, width, height) : null;
}
