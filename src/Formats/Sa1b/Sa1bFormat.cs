using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Sa1b;

/// <summary>
/// SA-1B json: one file an image, masks without names. A folder of them, or one. Also the bare lists of masks that SAM's own script for everything
/// mode writes, which are called as their image is, and the files of Grounded-SAM-2 ("image_path", "img_width", masks with "class_name").
/// </summary>
internal sealed class Sa1bReader(string path, AnnotationReadOptions options) : FilePerImageReader(path, options, AnnotationFormat.Sa1b)
{
    /// <summary>What tells the files of Grounded-SAM-2.</summary>
    internal const string ImagePath = "image_path";

    private protected override AnnotatedImage ReadOne(string path) => JsonText.ReadRoot(path, Options.Encoding, Problems, (root, file) =>
        root.ValueKind == JsonValueKind.Array && !Problems.Refuses ? ReadList(root, file, path)
            : IsGrounded(root) && !Problems.Refuses ? ReadGrounded(new(root, file, "", Problems), path)
            : ReadImage(new(root, file, "", Problems.Refuses ? null : Problems), path));

    private static bool IsGrounded(JsonElement root) => root.ValueKind == JsonValueKind.Object && !root.TryGetProperty("image", out _)
        && root.TryGetProperty(ImagePath, out _);

    private AnnotatedImage ReadGrounded(JsonValues v, string path)
    {
        string name = v.OptionalText(ImagePath) ?? System.IO.Path.ChangeExtension(System.IO.Path.GetFileName(path), ".jpg");
        var (width, height) = SizeOf(v, name, v.OptionalSide("img_width"), v.OptionalSide("img_height"), drawn: () => Drawn(v));
        return new()
        {
            FileName = name, Width = width, Height = height,
            Annotations = AnnotationList.Read(v, a => Read(a, height, width, null) with { Whole = Named(a), Score = Score(a) }, Problems),
        };
    }

    private static AnnotationName? Named(JsonValues a) => a.OptionalName("class_name") is { } name ? PlainNames.Read(name) : null;

    /// <summary>A number, or a list of one.</summary>
    private static float? Score(JsonValues a) => !a.Has("score", out var score) ? null
        : (float?)JsonValues.FiniteNumber(score.ValueKind == JsonValueKind.Array && score.GetArrayLength() == 1 ? score[0] : score);

    private protected override AnnotatedImage ReadImage(JsonValues v, string path)
    {
        string file = System.IO.Path.GetFileName(path);
        var record = v.Object("image");
        string name = new OwnFields(record, false).Text("file_name") ?? System.IO.Path.ChangeExtension(file, ".jpg");
        var (width, height) = SizeOf(record, name, record.OptionalSide("width"), record.OptionalSide("height"), drawn: () => Drawn(v));
        (int, int)? claimed = record.OptionalSide("height") is { } h && record.OptionalSide("width") is { } w ? (h, w) : null;
        return new()
        {
            FileName = name, Width = width, Height = height, Id = new OwnFields(record, false).Integer("image_id"),
            Annotations = AnnotationList.Read(v, a => Read(a, height, width, claimed), Problems),
        };
    }

    private AnnotatedImage ReadList(JsonElement list, string file, string path)
    {
        string stem = System.IO.Path.GetFileNameWithoutExtension(file);
        (int Width, int Height) size = default;
        foreach (var element in list.EnumerateArray())
            if (Segmentation.SizeOf(element) is { } found)
            {
                size = found;
                break;
            }
        if (size == default) throw new AnnotationFileException(file, "", "it is a list of masks of which none says how large the image is");
        FormatLimits.Area(size.Width, size.Height, w => new AnnotationFileException(file, "", w));
        string? image = ImageFiles?.Find(stem + ".jpg") ?? Beside(path);
        string name = image is null ? stem + ".jpg" : System.IO.Path.GetFileName(image);
        Problems.NotedOnce(file, "it is a list of masks without the image's name", $"the image is called as the file is: '{name}'");
        using var nothing = JsonDocument.Parse("{}");
        var v = new JsonValues(nothing.RootElement, file, "", Problems.Refuses ? null : Problems);
        var own = image is null ? null : ImageFolder.SizeOfFile(image);
        var (width, height) = SizeOf(v, name, size.Width, size.Height, own, image, drawn: () => Drawn(v, list));
        return new()
        {
            FileName = Below(path, name), Width = width, Height = height,
            Annotations = AnnotationList.Read(list, v, a => Read(a, height, width, (size.Height, size.Width)), Problems, "mask"),
        };
    }

    private static DrawnExtent Drawn(JsonValues v) => v.Has("annotations", out var list) ? Drawn(v, list) : new();

    private static DrawnExtent Drawn(JsonValues of, JsonElement list)
    {
        var extent = new DrawnExtent();
        if (list.ValueKind != JsonValueKind.Array) return extent;
        foreach (var element in list.EnumerateArray())
            if (element.ValueKind == JsonValueKind.Object) Segmentation.Measure(of.Of(element, ""), extent);
        return extent;
    }

    private static Annotation Read(JsonValues a, int height, int width, (int, int)? claimed) =>
        AnnotationFields.Read(a, new() { Mask = Segmentation.Read(a, height, width, claimed: claimed) }, marked: false);

    private static string? Beside(string path) =>
        ImageFolder.Extensions.Select(e => System.IO.Path.ChangeExtension(path, e)).FirstOrDefault(File.Exists);

    private protected override bool HasOwnIds => false;
}

/// <summary>SA-1B json, one file an image. Boxes follow SAM: from the first to the last column, so one less wide than the mask.</summary>
internal sealed class Sa1bWriter(string path, AnnotationWriteOptions options) : AnnotationWriter(path, options)
{
    private readonly OutputNames _names = new(path);

    /// <inheritdoc/>
    private protected override void CompleteSet() { }

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
