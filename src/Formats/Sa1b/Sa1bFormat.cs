using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Sa1b;

/// <summary>SA-1B json: one file an image, masks without names. A folder of them, or one.</summary>
internal sealed class Sa1bReader : AnnotationReader
{
    private readonly IReadOnlyList<string> _files;

    public Sa1bReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        _files = FormatFiles.Json(path, AnnotationFormat.Sa1b, Problems);
        Count = _files.Count;
    }

    private protected override IEnumerable<AnnotatedImage> Images() =>
        _files.Select(file => Problems.Try(() => JsonText.Read(file, v => ReadImage(v, file)), "the file is left out")).OfType<AnnotatedImage>();

    private protected override string NameOf(AnnotatedImage image) => image.FileName;

    private AnnotatedImage ReadImage(JsonValues v, string path)
    {
        string file = System.IO.Path.GetFileName(path);
        var record = v.Object("image");
        var image = ImageFields.ReadSize(record, fallback: System.IO.Path.ChangeExtension(file, ".jpg"));
        return image with
        {
            Id = record.OptionalInteger("image_id"),
            Annotations = AnnotationList.Read(v, file, a => AnnotationFields.Read(a, new() { Mask = Segmentation.Read(a, image.Height, image.Width) }), Problems),
        };
    }
}

/// <summary>SA-1B json, one file an image. Boxes follow SAM: from the first to the last column, so one less wide than the mask.</summary>
internal sealed class Sa1bWriter(string path, AnnotationWriteOptions options) : AnnotationWriter(path, options)
{
    private readonly OutputNames _names = new(path);

    /// <inheritdoc/>
    public override void Complete() { }

    private protected override int WriteImage(AnnotatedImage image)
    {
        string path = PathFor(image, _names) + ".json";
        byte[] json = JsonText.Bytes(w => Write(w, image, image.Id ?? Written.Images + 1));
        AtomicFile.Write(path, json, Durability.Cached);
        return image.Annotations.Count;
    }

    private static void Write(Utf8JsonWriter w, AnnotatedImage image, long id)
    {
        w.WriteStartObject();
        w.WriteStartObject("image");
        w.WriteNumber("image_id", id);
        w.WriteNumber("width", image.Width);
        w.WriteNumber("height", image.Height);
        w.WriteString("file_name", image.FileName);
        w.WriteEndObject();
        w.WriteStartArray("annotations");
        for (int i = 0; i < image.Annotations.Count; i++) Write(w, image.Annotations[i], image, i);
        w.WriteEndArray();
        w.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter w, Annotation a, AnnotatedImage image, int index)
    {
        BoxF box = a.Mask.InclusiveBox;
        w.WriteStartObject();
        w.WriteNumber("id", a.Id ?? index + 1);
        w.WritePropertyName("segmentation");
        Segmentation.Write(w, a.Mask);
        AnnotationFields.WriteBox(w, "bbox", (box.X1, box.Y1, box.Width, box.Height));
        w.WriteNumber("area", a.Mask.Area);
        AnnotationFields.Write(w, "predicted_iou", a.PredictedIou);
        AnnotationFields.Write(w, "stability_score", a.StabilityScore);
        AnnotationFields.WriteBox(w, "crop_box", a.CropBox ?? (0, 0, image.Width, image.Height));
        if (a.Point is { } point) AnnotationFields.WritePoint(w, point);
        w.WriteEndObject();
    }
}
