using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;
using SemanticSam.Imaging;

namespace SemanticSam.Formats.LabelMe;

/// <summary>
/// LabelMe json, one file an image: polygons (an island each, tied by group_id) or masks. What LabelMe has no place for stands in
/// the shape's key "semsam", which LabelMe keeps when it saves.
/// </summary>
internal sealed class LabelMeWriter(string path, AnnotationWriteOptions options) : AnnotationWriter(path, options)
{
    public const string OwnKey = "semsam";
    private const string Version = "5.5.0";
    private readonly OutputNames _names = new(path);

    /// <inheritdoc/>
    private protected override void CompleteSet() { }

    private protected override int WriteImage(AnnotatedImage image)
    {
        string target = PathFor(image, _names) + ".json";
        using var file = new AtomicFile(target);
        file.Put(stream =>
        {
            using var w = new Utf8JsonWriter(stream, JsonText.Options(indented: true));
            Write(w, image, target);
        });
        file.Commit(Durability.Cached);
        return image.Annotations.Count;
    }

    private void Write(Utf8JsonWriter w, AnnotatedImage image, string target)
    {
        var groups = new ShapeGroups(image);
        w.WriteStartObject();
        w.WriteString("version", Version);
        w.WriteStartObject("flags");
        w.WriteEndObject();
        w.WriteStartArray("shapes");
        foreach (var annotation in image.Annotations)
        {
            Write(w, annotation, groups);
            w.Flush(); // outlines of all of an image can be more than memory holds
        }
        w.WriteEndArray();
        w.WriteString("imagePath", ImagePath(image, target));
        w.WriteNull("imageData");
        w.WriteNumber("imageHeight", image.Height);
        w.WriteNumber("imageWidth", image.Width);
        w.WriteStartObject(OwnKey);
        w.WriteString("file_name", image.FileName);
        ImageFields.Write(w, image);
        w.WriteEndObject();
        w.WriteEndObject();
    }

    private void Write(Utf8JsonWriter w, Annotation a, ShapeGroups groups)
    {
        string label = PlainNames.Of(a);
        if (Options.Polygons == false || a.Mask.IsEmpty)
        {
            WriteShape(w, a, label, groups.For(a, label, 1), "mask", null, first: true);
            return;
        }
        var polygons = Outline(a.Mask, PolygonRule.Inclusive);
        int? group = groups.For(a, label, polygons.Count);
        for (int i = 0; i < polygons.Count; i++) WriteShape(w, a, label, group, "polygon", polygons[i], first: i == 0);
    }

    private static void WriteShape(Utf8JsonWriter w, Annotation a, string label, int? group, string type,
        IReadOnlyList<(double X, double Y)>? points, bool first)
    {
        w.WriteStartObject();
        w.WriteString("label", label);
        w.WriteStartArray("points");
        var box = a.Mask.InclusiveBox; // LabelMe's mask shapes name the first and the last pixel
        foreach (var (x, y) in points ?? [(box.X1, box.Y1), (box.X2, box.Y2)])
        {
            w.WriteStartArray();
            w.WriteNumberValue(x);
            w.WriteNumberValue(y);
            w.WriteEndArray();
        }
        w.WriteEndArray();
        if (group is { } number) w.WriteNumber("group_id", number);
        else w.WriteNull("group_id");
        w.WriteString("description", "");
        w.WriteString("shape_type", type);
        w.WriteStartObject("flags");
        w.WriteEndObject();
        if (points is null) w.WriteBase64String("mask", ImageEncoder.Png(a.Mask.IsEmpty ? a.Mask.Crop(new(0, 0, 1, 1)) : a.Mask.Crop(a.Mask.Bounds)));
        else w.WriteNull("mask");
        if (first)
        {
            w.WriteStartObject(OwnKey);
            AnnotationFields.WriteIdentity(w, a);
            AnnotationFields.Write(w, a);
            w.WriteEndObject();
        }
        w.WriteEndObject();
    }

    /// <summary>LabelMe looks for the image from the json's folder.</summary>
    private string ImagePath(AnnotatedImage image, string target)
    {
        if (Options.Images is { } images)
        {
            string full = System.IO.Path.Combine(images, OutputNames.Relative(image.FileName, System.IO.Path.GetFileName(Path)));
            return System.IO.Path.GetRelativePath(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(target))!, System.IO.Path.GetFullPath(full))
                .Replace('\\', '/');
        }
        return image.FileName.Split('/', '\\')[^1];
    }
}
