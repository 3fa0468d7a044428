using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Formats.LabelMe;

/// <summary>LabelMe's shapes to pixels.</summary>
internal static class LabelMeShapes
{
    private static readonly HashSet<string> WithoutPixels = ["point", "points", "line", "linestrip", "cuboid", "keypoint"];

    /// <summary>One shape.</summary>
    /// <param name="v">The shape.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="rule">How polygons become pixels; null for LabelMe's own way.</param>
    /// <param name="ties">Numbers of group_ids that are texts, for all shapes of the image.</param>
    public static Shape Read(JsonValues v, int height, int width, PolygonRule? rule, Dictionary<string, int> ties)
    {
        string? label = v.OptionalName("label");
        if (label is null)
        {
            v.Repaired("key 'label' is missing", "it has no name");
            label = "";
        }
        var mask = Pixels(v, TypeOf(v), height, width, rule ?? PolygonRule.Inclusive);
        var (group, tie) = Group(v, ties);
        var annotation = new Annotation { Mask = mask, Whole = PlainNames.Read(label), Group = group, Score = Score(v) };
        if (!v.Has(LabelMeWriter.OwnKey, out var key) || key.ValueKind != JsonValueKind.Object || v.OptionalObject(LabelMeWriter.OwnKey) is not { } own)
            return new(annotation, label, tie);
        return new(PlainNames.Reconcile(AnnotationFields.ReadNames(own, AnnotationFields.Read(own, annotation with { Score = null }, marked: true)), label),
            label, tie);
    }

    /// <summary>How far shapes reach.</summary>
    public static DrawnExtent Drawn(JsonValues v)
    {
        var extent = new DrawnExtent();
        if (v.Has("shapes", out var shapes) && shapes.ValueKind == JsonValueKind.Array)
            foreach (var shape in shapes.EnumerateArray())
                if (shape.ValueKind == JsonValueKind.Object && JsonKeys.TryGet(shape, "points", out var points)) extent.Add(points);
        return extent;
    }

    private static string TypeOf(JsonValues v) => new OwnFields(v, false).Text("shape_type") is { } type ? type.ToLowerInvariant() : "polygon";

    /// <summary>X-AnyLabeling says how sure its model was.</summary>
    private static float? Score(JsonValues v) => new OwnFields(v, false).Number("score") is >= 0 and <= 1 and { } score ? score : null;

    /// <summary>What ties shapes together is a number, or a text by which other programs mean the same.</summary>
    private static (int? Group, int? Tie) Group(JsonValues v, Dictionary<string, int> ties)
    {
        if (!v.Has("group_id", out var value)) return (null, null);
        if (JsonValues.WholeNumber(value) is >= int.MinValue and <= int.MaxValue and { } number) return ((int)number, (int)number);
        if (value.ValueKind != JsonValueKind.String || JsonValues.AsText(value) is not { Length: > 0 } text) return (null, null);
        if (int.TryParse(text, out int inQuotes)) return (inQuotes, inQuotes);
        if (!ties.TryGetValue(text, out int tie)) ties[text] = tie = int.MinValue + ties.Count;
        return (null, tie);
    }

    private static Rle Pixels(JsonValues v, string type, int height, int width, PolygonRule rule)
    {
        if (WithoutPixels.Contains(type)) throw v.Bad($"a shape of type '{type}' has no pixels");
        var points = Points(v);
        if (type == "mask" && points.Count == 2 && !v.Has("mask", out _))
        {
            v.Repaired("key 'mask' is missing", "the box is its mask");
            type = "rectangle";
        }
        if (type == "mask") return points.Count == 2 ? MaskShape(v, points, height, width) : throw Count(points, 2, type, v);
        if (Shares.Are(points))
        {
            v.Repaired("its points are shares of the image's sides", "they are multiplied by them");
            points = Shares.ToPixels(points, height, width);
        }
        if (PolygonPixels.FarOutside(points, height, width) is { } far) throw v.Bad(far);
        switch (type)
        {
            case "rectangle" when points.Count == 2:
                var (left, right) = (Math.Min(points[0].X, points[1].X), Math.Max(points[0].X, points[1].X));
                var (top, bottom) = (Math.Min(points[0].Y, points[1].Y), Math.Max(points[0].Y, points[1].Y));
                points = [(left, top), (right, top), (right, bottom), (left, bottom)];
                break;
            case "rectangle" when points.Count != 4: throw Count(points, 2, type, v);
            case "circle": return points.Count == 2 ? NotEmpty(v, Ellipses.Circle(points[0], points[1], height, width)) : throw Count(points, 2, type, v);
            case "polygon" or "rectangle" or "rotation" or "quadrilateral" or "oriented_rectangle": break; // corners, in order
            default:
                if (points.Count < 3) throw v.Bad($"a shape of type '{type}' is not known, and {points.Count} points have no pixels");
                v.Repaired($"a shape of type '{type}' is not known", "its points are taken as a polygon");
                break;
        }
        if (PolygonPixels.WhyNot([points], height, width) is { } fault) throw v.Bad(fault);
        return NotEmpty(v, PolygonPixels.Fill([points], height, width, rule));
    }

    /// <summary>[[x, y], ...]; also [x, y, x, y, ...] and [{"x", "y"}, ...], and without points that are null.</summary>
    private static List<(double X, double Y)> Points(JsonValues v)
    {
        var list = v.List("points");
        int given = list.GetArrayLength();
        if (given >= 4 && given % 2 == 0 && list.EnumerateArray().All(n => JsonValues.FiniteNumber(n) is not null))
        {
            v.Repaired("points has to be [[x, y], ...], here are numbers", "they are taken in pairs");
            double[] numbers = v.Numbers(list, "points");
            return [.. Enumerable.Range(0, given / 2).Select(i => (numbers[2 * i], numbers[2 * i + 1]))];
        }
        var points = new List<(double X, double Y)>(given);
        foreach (var p in list.EnumerateArray())
        {
            if (p.ValueKind == JsonValueKind.Null) continue;
            if (p.ValueKind == JsonValueKind.Object && v.Of(p, v.Place) is var o && o.Has("x", out var ofX) && o.Has("y", out var ofY))
                points.Add((o.Number(ofX, "points"), o.Number(ofY, "points")));
            else points.Add(v.Numbers(p, "points") is [var x, var y, ..] ? (x, y) : throw v.Bad("points has to be [[x, y], ...]"));
        }
        if (points.Count < given) v.Repaired($"{given - points.Count} of its {given} points are null", "the others are taken");
        return points;
    }

    private static AnnotationFileException Count(List<(double, double)> points, int count, string type, JsonValues v) =>
        v.Bad($"a {type} has {count} points, here are {points.Count}");

    private static Rle MaskShape(JsonValues v, List<(double X, double Y)> points, int height, int width)
    {
        double reach = FormatLimits.LargestSide;
        if (points.Any(p => !(Math.Abs(p.X) <= reach && Math.Abs(p.Y) <= reach))) throw v.Bad($"its mask is not inside {width} x {height}");
        var (x1, y1, x2, y2) = ((int)points[0].X, (int)points[0].Y, (int)points[1].X, (int)points[1].Y);
        if (x2 < x1 || y2 < y1 || x1 >= width || y1 >= height || x2 < 0 || y2 < 0)
            throw v.Bad($"its mask covers ({x1}, {y1}) to ({x2}, {y2}), which is not inside {width} x {height}");
        try
        {
            byte[] png = Convert.FromBase64String(v.Text("mask"));
            var mask = ImageDecoder.DecodeMask(png, x2 - x1 + 1, y2 - y1 + 1, "mask");
            var inside = new BoxI(Math.Max(0, -x1), Math.Max(0, -y1), Math.Min(mask.Width, width - x1), Math.Min(mask.Height, height - y1));
            if (inside != new BoxI(0, 0, mask.Width, mask.Height))
                v.Repaired($"its mask covers ({x1}, {y1}) to ({x2}, {y2}), which is not inside {width} x {height}", "it is cut at the image's edge");
            return mask.Crop(inside).Paste(Math.Max(0, x1), Math.Max(0, y1), height, width);
        }
        catch (Exception e) when (e is ImageException or FormatException)
        {
            throw v.Bad(e is ImageException ? $"its mask cannot be read: {e.Message.TrimEnd('.')}" : "its mask cannot be read: it is no base64");
        }
    }

    private static Rle NotEmpty(JsonValues v, Rle mask) => mask.IsEmpty ? throw v.Bad("it covers no pixel") : mask;
}
