using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Formats.LabelStudio;

/// <summary>Label Studio's regions to pixels.</summary>
internal static class LabelStudioShapes
{
    /// <summary>What a type of region is: rectangle, polygon, ellipse, brush or keypoint; null when it is none.</summary>
    public static string? KindOf(string type) => type.Replace("labels", "", StringComparison.Ordinal) switch
    {
        ("rectangle" or "polygon" or "ellipse" or "brush" or "keypoint" or "bitmask" or "vector") and { } kind => kind,
        _ => null,
    };

    public static Rle Pixels(JsonValues v, string type, int width, int height, PolygonRule rule)
    {
        double X(double hundredths) => hundredths / 100 * width;
        double Y(double hundredths) => hundredths / 100 * height;
        double Get(string key) => v.Number(v.Need(key), key);
        double rotation = v.Has("rotation", out var turn) ? v.Number(turn, "rotation") : 0;
        switch (KindOf(type))
        {
            case "rectangle":
                // Turned around its top left corner, clockwise on the screen.
                var (sin, cos) = Math.SinCos(rotation * Math.PI / 180);
                double x = X(Get("x")), y = Y(Get("y")), w = X(Get("width")), h = Y(Get("height"));
                return Fill(v, [(x, y), (x + w * cos, y + w * sin), (x + w * cos - h * sin, y + w * sin + h * cos), (x - h * sin, y + h * cos)], height, width,
                    rule);
            case "polygon":
                var points = v.List("points").EnumerateArray().Select(p => v.Numbers(p, "points") is [var px, var py, ..] ? (X(px), Y(py))
                    : throw v.Bad("points has to be [[x, y], ...]"));
                return Fill(v, [.. points], height, width, rule);
            case "ellipse":
                double rx = X(Get("radiusX")), ry = Y(Get("radiusY"));
                if (!(rx > 0 && ry > 0)) throw v.Bad($"its radii are {rx} and {ry}; they have to be above 0");
                var center = (X: X(Get("x")), Y: Y(Get("y")));
                if (PolygonPixels.FarOutside([center, (rx, ry)], height, width) is { } far) throw v.Bad(far);
                return NotEmpty(v, Ellipses.Ellipse(center, rx, ry, rotation, height, width));
            case "vector":
                if (!v.Flag("closed")) throw v.Bad("a line has no pixels");
                return Fill(v, [.. v.List("vertices").EnumerateArray().Select(p => v.Of(p, v.Place))
                    .Select(p => (X(p.Number(p.Need("x"), "x")), Y(p.Number(p.Need("y"), "y"))))], height, width, rule);
            case "brush": return Brush(v, height, width);
            default: throw v.Bad($"a region of type '{MessageText.Cut(type)}' has no pixels");
        }
    }

    private static Rle Brush(JsonValues v, int height, int width)
    {
        var list = v.List("rle");
        var bytes = new byte[list.GetArrayLength()];
        int i = 0;
        foreach (var item in list.EnumerateArray())
            bytes[i++] = item.ValueKind == JsonValueKind.Number && item.TryGetByte(out byte b) ? b
                : throw v.Bad($"rle has to hold bytes, here is {JsonValues.Describe(item)}");
        try
        {
            return NotEmpty(v, BrushRuns.Decode(bytes, height, width));
        }
        catch (FormatException e)
        {
            throw v.Bad(e.Message.TrimEnd('.'));
        }
    }

    private static Rle Fill(JsonValues v, List<(double X, double Y)> points, int height, int width, PolygonRule rule) =>
        PolygonPixels.WhyNot([points], height, width) is { } fault ? throw v.Bad(fault) : NotEmpty(v, PolygonPixels.Fill([points], height, width, rule));

    private static Rle NotEmpty(JsonValues v, Rle mask) => mask.IsEmpty ? throw v.Bad("it covers no pixel") : mask;
}
