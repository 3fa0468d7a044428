using SemanticSam.Engine.Batch;
using SemanticSam.Formats;
using SemanticSam.Formats.Coco;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;

namespace SemanticSam.Training.Data;

/// <summary>
/// Reads the records of one annotation file for training, by the COCO reader of the formats. What others may forgive is refused here:
/// a training set with a fault should not be trained on unnoticed.
/// </summary>
internal static class WholePartReader
{
    /// <summary>The records of a file, not yet linked.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="stream">Its content, which can be sought in.</param>
    /// <exception cref="InvalidDataException">Not JSON, or not this format; the message names the file and the place.</exception>
    public static WholePartFile Read(string file, Stream stream)
    {
        try
        {
            var index = CocoIndex.Of(file, stream);
            var result = new WholePartFile(file);
            ReadAll(index, index.Licenses, "licenses", result.Licenses, License);
            ReadAll(index, index.Categories, "categories", result.Categories, Category);
            ReadAll(index, index.Images, "images", result.Images, Image);
            var sizes = new Dictionary<long, (int, int)>(result.Images.Count);
            foreach (var image in result.Images) sizes.TryAdd(image.Id, (image.Height, image.Width));
            ReadAll(index, index.Annotations, "annotations", result.Annotations, v => Annotation(v, file, sizes));
            return result;
        }
        catch (AnnotationFileException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private static void ReadAll<T>(CocoIndex index, List<CocoIndex.Record> records, string section, List<T> into, Func<JsonValues, T> read)
    {
        into.Capacity = records.Count;
        for (int i = 0; i < records.Count; i++) into.Add(index.Read(records[i], $"{section}[{i}]", read));
    }

    private static DataLicense License(JsonValues v) => new(v.Integer("id"), v.Text("name"), v.OptionalText("source"), v.OptionalText("statement"));

    private static DataCategory Category(JsonValues v)
    {
        var category = CocoRecords.ReadCategory(v);
        return new(category.Id, category.Name, category.Supercategory, Level(category.Role ?? AnnotationRole.Whole));
    }

    private static RawImage Image(JsonValues v)
    {
        var image = CocoRecords.ReadImage(v);
        string name = image.FileName;
        if (name.Length == 0 || Path.IsPathRooted(name) || name.Split('/', '\\').Contains(".."))
            throw v.Bad($"file_name '{name}' has to be a path below the folder of images");
        return new(image.Id, name, image.Width, image.Height, image.Source, image.License);
    }

    private static RawAnnotation Annotation(JsonValues v, string file, Dictionary<long, (int Height, int Width)> sizes)
    {
        v = new(v.Element, file, v.Has("id", out _) ? $"annotation {v.Integer("id")}" : v.Place);
        var a = new RawAnnotation
        {
            Id = v.Integer("id"), ImageId = v.Integer("image_id"), CategoryId = v.Integer("category_id"), Parent = v.OptionalInteger("parent"),
            Level = Level(AnnotationFields.RoleOf(v.Text("level")) ?? throw v.Bad($"level is '{v.Text("level")}'; whole, part, stuff and region are known")),
            Kind = v.OptionalText("kind") is { } kind ? Kind(v, kind) : AnnotationKind.Single,
            IsWeak = v.Flag("weak"), IsDerived = v.Flag("derived"), IsCrowd = v.Flag("iscrowd"),
            Area = v.OptionalNumber("area") ?? throw v.Bad("key 'area' is missing"), Box = v.OptionalBox("bbox") ?? throw v.Bad("key 'bbox' is missing"),
        };
        ReadMask(v, a, sizes);
        return a;
    }

    /// <summary>Run lengths stay as they are until the mask is asked for; polygons are filled now.</summary>
    private static void ReadMask(JsonValues v, RawAnnotation a, Dictionary<long, (int Height, int Width)> sizes)
    {
        if (v.Need("segmentation").ValueKind == System.Text.Json.JsonValueKind.Array)
        {
            if (!sizes.TryGetValue(a.ImageId!.Value, out var image)) return; // the linker names the image that is missing
            var mask = Segmentation.Read(v, image.Height, image.Width);
            (a.Height, a.Width, a.Counts) = (image.Height, image.Width, mask.Counts.ToArray());
            return;
        }
        (a.Height, a.Width, a.Text, a.Counts) = Segmentation.Runs(v);
    }

    private static AnnotationLevel Level(AnnotationRole role) => role switch
    {
        AnnotationRole.Whole => AnnotationLevel.Whole,
        AnnotationRole.Part => AnnotationLevel.Part,
        AnnotationRole.Stuff => AnnotationLevel.Stuff,
        _ => AnnotationLevel.Region,
    };

    private static AnnotationKind Kind(JsonValues v, string text) => text switch
    {
        "component" => AnnotationKind.Component,
        "group" => AnnotationKind.Group,
        "coarse" => AnnotationKind.Coarse,
        "medium" => AnnotationKind.Medium,
        "fine" => AnnotationKind.Fine,
        _ => throw v.Bad($"kind is '{text}'; component, group, coarse, medium and fine are known"),
    };
}
