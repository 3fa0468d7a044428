using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Formats.LabelMe;

/// <summary>
/// LabelMe json: polygons, rectangles, circles and masks; shapes of one label and one group_id are one object, as LabelMe's own
/// exporters have it. Points and lines have no pixels: they are reported and left out.
/// </summary>
internal sealed class LabelMeReader : AnnotationReader
{
    private readonly IReadOnlyList<string> _files;

    public LabelMeReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        _files = FormatFiles.Json(path, AnnotationFormat.LabelMe, Problems);
        Count = _files.Count;
    }

    private protected override IEnumerable<AnnotatedImage> Images() =>
        _files.Select(file => Problems.Try(() => JsonText.Read(file, v => ReadImage(v, file)), "the file is left out")).OfType<AnnotatedImage>();

    private protected override string NameOf(AnnotatedImage image) => image.FileName;

    private AnnotatedImage ReadImage(JsonValues v, string path)
    {
        var (width, height) = v.Has("imageWidth", out _) || v.Has("imageHeight", out _) ? (v.Side("imageWidth"), v.Side("imageHeight")) : SizeOfImage(v, path);
        FormatLimits.Area(width, height, v.Bad);
        string file = System.IO.Path.GetFileName(path);
        var image = new AnnotatedImage { FileName = FileName(v, path), Width = width, Height = height };
        if (v.OptionalObject(LabelMeWriter.OwnKey) is { } own)
            image = ImageFields.Read(own, image) with { FileName = own.OptionalText("file_name") ?? image.FileName };
        return image with { Annotations = Shape.Join(AnnotationList.Read(v, file, s => ReadShape(s, height, width), Problems, "shapes")) };
    }

    /// <summary>Files of early versions do not say how large the image is; it is inside them, or beside them.</summary>
    private (int, int) SizeOfImage(JsonValues v, string path)
    {
        try
        {
            if (v.OptionalText("imageData") is { Length: > 0 } data)
            {
                var image = ImageFile.FromBytes(Convert.FromBase64String(data), name: "imageData");
                return (image.Width, image.Height);
            }
            string name = FileName(v, path), folder = Options.Images ?? System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
            var (_, width, height) = ImageDecoder.Identify(System.IO.Path.Combine(folder, Options.Images is null ? name.Split('/')[^1] : name));
            return (width, height);
        }
        catch (Exception e) when (e is ImageException or FormatException)
        {
            throw v.Bad($"imageWidth and imageHeight are missing, and the image does not tell them: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>The image's name below the folder of annotations: the json's sub-folder and the image's own name.</summary>
    private string FileName(JsonValues v, string path)
    {
        string image = (v.OptionalText("imagePath") ?? "").Replace('\\', '/').Split('/')[^1];
        if (image.Length == 0) image = System.IO.Path.ChangeExtension(System.IO.Path.GetFileName(path), ".jpg");
        string folder = Directory.Exists(Path) ? System.IO.Path.GetRelativePath(Path, System.IO.Path.GetDirectoryName(path)!).Replace('\\', '/') : ".";
        return folder == "." ? image : $"{folder}/{image}";
    }

    private Shape ReadShape(JsonValues v, int height, int width)
    {
        string label = v.Text("label");
        var mask = Pixels(v, v.OptionalText("shape_type") ?? "polygon", height, width);
        var annotation = new Annotation { Mask = mask, Whole = PlainNames.Read(label), Group = v.OptionalInt("group_id") };
        return v.OptionalObject(LabelMeWriter.OwnKey) is { } own
            ? new(PlainNames.Reconcile(AnnotationFields.ReadNames(own, AnnotationFields.Read(own, annotation)), label), label, annotation.Group)
            : new(annotation, label, annotation.Group);
    }

    private Rle Pixels(JsonValues v, string type, int height, int width)
    {
        var points = v.List("points").EnumerateArray()
            .Select(p => v.Numbers(p, "points") is [var x, var y] ? (X: x, Y: y) : throw v.Bad("points has to be [[x, y], ...]")).ToList();
        void Need(int count)
        {
            if (points.Count != count) throw v.Bad($"a {type} has {count} points, here are {points.Count}");
        }
        string? fault = type switch
        {
            "mask" => null,
            "polygon" => PolygonPixels.WhyNot([points], height, width),
            _ => PolygonPixels.FarOutside(points, height, width),
        };
        if (fault is not null) throw v.Bad(fault);
        var rule = Options.Rule ?? PolygonRule.Inclusive;
        switch (type)
        {
            case "polygon": return NotEmpty(v, PolygonPixels.Fill([points], height, width, rule));
            case "rectangle":
                Need(2);
                var (left, right) = (Math.Min(points[0].X, points[1].X), Math.Max(points[0].X, points[1].X));
                var (top, bottom) = (Math.Min(points[0].Y, points[1].Y), Math.Max(points[0].Y, points[1].Y));
                return NotEmpty(v, PolygonPixels.Fill([[(left, top), (right, top), (right, bottom), (left, bottom)]], height, width, rule));
            case "circle":
                Need(2);
                return NotEmpty(v, Ellipses.Circle(points[0], points[1], height, width));
            case "mask":
                Need(2);
                return MaskShape(v, points, height, width);
            default: throw v.Bad($"a shape of type '{type}' has no pixels");
        }
    }

    private static Rle MaskShape(JsonValues v, List<(double X, double Y)> points, int height, int width)
    {
        var (x1, y1, x2, y2) = ((int)points[0].X, (int)points[0].Y, (int)points[1].X, (int)points[1].Y);
        if (x1 < 0 || y1 < 0 || x2 < x1 || y2 < y1 || x2 >= width || y2 >= height)
            throw v.Bad($"its mask covers ({x1}, {y1}) to ({x2}, {y2}), which is not inside {width} x {height}");
        try
        {
            byte[] png = Convert.FromBase64String(v.Text("mask"));
            return MaskPng.Read(png, x2 - x1 + 1, y2 - y1 + 1, "mask").Paste(x1, y1, height, width);
        }
        catch (Exception e) when (e is ImageException or FormatException)
        {
            throw v.Bad($"its mask cannot be read: {e.Message.TrimEnd('.')}");
        }
    }

    private static Rle NotEmpty(JsonValues v, Rle mask) => mask.IsEmpty ? throw v.Bad("it covers no pixel") : mask;
}
