using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Sa1b;

/// <summary>SA-1B json: one file a picture, masks without names. A folder of them, or one.</summary>
internal sealed class Sa1bReader : AnnotationReader
{
    private readonly IReadOnlyList<string> _files;

    public Sa1bReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        _files = FormatFiles.Json(path, AnnotationFormat.Sa1b, Report);
        Count = _files.Count;
    }

    private protected override IEnumerable<AnnotatedPicture> Pictures() =>
        _files.Select(file => Try(() => JsonText.Read(file, v => ReadPicture(v, file)), "the file is left out")).OfType<AnnotatedPicture>();

    private protected override string NameOf(AnnotatedPicture picture) => picture.FileName;

    private AnnotatedPicture ReadPicture(JsonValues v, string path)
    {
        string file = System.IO.Path.GetFileName(path);
        var image = v.Object("image");
        var picture = PictureFields.ReadSize(image, fallback: System.IO.Path.ChangeExtension(file, ".jpg"));
        return picture with { Id = image.OptionalInteger("image_id"), Annotations = AnnotationList.Read(v, file, a => AnnotationFields.Read(a, new() { Mask = Segmentation.Read(a, picture.Height, picture.Width) }), Report) };
    }
}

/// <summary>SA-1B json, one file a picture. Boxes follow SAM: from the first to the last column, so one less wide than the mask.</summary>
internal sealed class Sa1bWriter(string path, AnnotationWriteOptions options) : AnnotationWriter(path, options)
{
    private readonly OutputNames _names = new(path);

    /// <inheritdoc/>
    public override void Complete() { }

    private protected override int WritePicture(AnnotatedPicture picture)
    {
        string path = PathFor(picture, _names) + ".json";
        byte[] json = JsonText.Bytes(w => Write(w, picture, picture.Id ?? Written.Pictures + 1));
        SmallFile.Write(path, json);
        return picture.Annotations.Count;
    }

    private static void Write(Utf8JsonWriter w, AnnotatedPicture picture, long id)
    {
        w.WriteStartObject();
        w.WriteStartObject("image");
        w.WriteNumber("image_id", id);
        w.WriteNumber("width", picture.Width);
        w.WriteNumber("height", picture.Height);
        w.WriteString("file_name", picture.FileName);
        w.WriteEndObject();
        w.WriteStartArray("annotations");
        for (int i = 0; i < picture.Annotations.Count; i++) Write(w, picture.Annotations[i], picture, i);
        w.WriteEndArray();
        w.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter w, Annotation a, AnnotatedPicture picture, int index)
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
        AnnotationFields.WriteBox(w, "crop_box", a.CropBox ?? (0, 0, picture.Width, picture.Height));
        if (a.Point is { } point) AnnotationFields.WritePoint(w, point);
        w.WriteEndObject();
    }
}
