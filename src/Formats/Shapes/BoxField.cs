using System.Globalization;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>An annotation's "bbox", [x, y, width, height].</summary>
internal static class BoxField
{
    /// <summary>
    /// Its sides in the image's coordinates, the smaller first; null where there is no box. A negative width or height goes from its corner to the left
    /// or up, as boxes do that were drawn so: then <c>IsTurned</c> is true.
    /// </summary>
    public static (double Left, double Top, double Right, double Bottom, bool IsTurned)? Read(JsonValues values) =>
        Numbers(values, out _) is [var x, var y, var w, var h]
            ? (Math.Min(x, x + w), Math.Min(y, y + h), Math.Max(x, x + w), Math.Max(y, y + h), w < 0 || h < 0) : null;

    /// <summary>The box as it is written, but with a width and a height that are not negative; null where there is none.</summary>
    public static (double X, double Y, double Width, double Height)? AsWritten(JsonValues values) =>
        Numbers(values, out _) is not [var x, var y, var w, var h] ? null
            : (w < 0 ? x + w : x, h < 0 ? y + h : y, Math.Abs(w), Math.Abs(h));

    /// <summary>
    /// The pixels of the box; null where there is none that covers a pixel. Some write shares of the image's sides, or two corners; and CVAT says beside its
    /// boxes how they are turned.
    /// </summary>
    public static Rle? Mask(JsonValues values, int height, int width)
    {
        if (Numbers(values, out string? done) is not [var x, var y, var w, var h]) return null;
        if (done is not null) values.Repaired($"its box {Describe(values)} is not [x, y, width, height]", done);
        if (Shares.Are([x, y, w, h]))
        {
            values.Repaired($"its box {Describe(values)} has shares of the image's sides", "they are multiplied by them");
            (x, y, w, h) = (x * width, y * height, w * width, h * height);
        }
        else if (AreCorners(values, x, y, w, h))
        {
            values.Repaired($"its box {Describe(values)} is two corners, as its area says", "it goes from one to the other");
            (w, h) = (w - x, h - y);
        }
        if (w < 0 || h < 0) values.Repaired($"its box {Describe(values)} has a negative width or height", "it goes from its corner to the left or up");
        var (left, top, right, bottom) = (Math.Min(x, x + w), Math.Min(y, y + h), Math.Max(x, x + w), Math.Max(y, y + h));
        if (!(right > left && bottom > top)) return null;
        double rotation = Rotation(values);
        IReadOnlyList<(double, double)> corners;
        if (rotation == 0)
        {
            (left, right) = (Math.Clamp(left, 0, width), Math.Clamp(right, 0, width));
            (top, bottom) = (Math.Clamp(top, 0, height), Math.Clamp(bottom, 0, height));
            if (!(right > left && bottom > top)) return null;
            corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        }
        else corners = Turned((left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2, rotation);
        if (PolygonPixels.WhyNot([corners], height, width) is not null) return null;
        var mask = PolygonPixels.Fill([corners], height, width, PolygonRule.Center);
        return mask.IsEmpty ? null : mask;
    }

    /// <summary>Whether [x, y, w, h] are left, top, right and bottom: its area is that between two corners, and not that of a box of that size.</summary>
    private static bool AreCorners(JsonValues values, double x, double y, double w, double h)
    {
        if (!(w > x && h > y) || !values.Has("area", out var value) || JsonValues.FiniteNumber(value) is not (> 0 and var area)) return false;
        bool Is(double product) => Math.Abs(product - area) <= 0.001 * area;
        return Is((w - x) * (h - y)) && !Is(w * h);
    }

    /// <summary>Degrees clockwise around the box's center, as CVAT and Datumaro write them beside boxes; 0 where nothing is said.</summary>
    private static double Rotation(JsonValues values) =>
        values.Has("attributes", out var attributes) && attributes.ValueKind == JsonValueKind.Object
        && JsonKeys.TryGet(attributes, "rotation", out var value) && JsonValues.FiniteNumber(value) is { } rotation ? rotation % 360 : 0;

    private static IReadOnlyList<(double, double)> Turned(double x, double y, double halfWidth, double halfHeight, double degrees)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        (double, double) Corner(double dx, double dy) => (x + dx * cos - dy * sin, y + dx * sin + dy * cos);
        return [Corner(-halfWidth, -halfHeight), Corner(halfWidth, -halfHeight), Corner(halfWidth, halfHeight), Corner(-halfWidth, halfHeight)];
    }

    /// <summary>Keys of a box that is an object: left, top, and width and height or right and bottom.</summary>
    private static readonly (string[] Keys, bool AreCorners)[] Named =
    [
        (["x", "y", "width", "height"], false), (["x", "y", "w", "h"], false), (["left", "top", "width", "height"], false),
        (["xmin", "ymin", "xmax", "ymax"], true), (["x1", "y1", "x2", "y2"], true), (["left", "top", "right", "bottom"], true),
    ];

    /// <summary>The four numbers; <paramref name="done"/> says how they were found where they are not [x, y, width, height].</summary>
    private static double[]? Numbers(JsonValues values, out string? done)
    {
        done = null;
        if (!values.Has("bbox", out var box)) return null;
        if (box.ValueKind == JsonValueKind.String)
        {
            done = "the numbers that it holds are taken";
            return NumberText.Of(JsonValues.AsText(box)) is { Length: 4 } numbers ? numbers : null;
        }
        if (box.ValueKind == JsonValueKind.Object)
        {
            done = "it is taken by its keys";
            foreach (var (keys, corners) in Named)
                if (keys.Select(k => JsonKeys.TryGet(box, k, out var side) ? JsonValues.FiniteNumber(side) : null).ToArray() is var sides
                    && sides.All(n => n is not null)) return Sides([.. sides.Select(n => n!.Value)], corners);
            return null;
        }
        if (box.ValueKind != JsonValueKind.Array) return null;
        if (box.GetArrayLength() == 4 && List(box) is { } four)
        {
            // Detectron2 says so where it has two corners: BoxMode.XYXY_ABS is 0.
            bool corners = values.Has("bbox_mode", out var mode) && JsonValues.WholeNumber(mode) == 0;
            if (corners) done = "it goes from one corner to the other, as bbox_mode says";
            return Sides(four, corners);
        }
        if (box.GetArrayLength() != 2 || List(box[0]) is not [var x1, var y1] || List(box[1]) is not [var x2, var y2]) return null;
        done = "it goes from one corner to the other";
        return Sides([x1, y1, x2, y2], areCorners: true);
    }

    private static double[] Sides(double[] n, bool areCorners) => areCorners ? [n[0], n[1], n[2] - n[0], n[3] - n[1]] : n;

    private static double[]? List(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array) return null;
        var numbers = list.EnumerateArray().Select(JsonValues.FiniteNumber).ToArray();
        return numbers.All(n => n is not null) ? [.. numbers.Select(n => n!.Value)] : null;
    }

    /// <summary>How messages quote it.</summary>
    public static string Describe(JsonValues values) => !values.Has("bbox", out var list) ? "missing"
        : list.ValueKind != JsonValueKind.Array ? JsonValues.Describe(list)
        : string.Create(CultureInfo.InvariantCulture, $"[{string.Join(", ", list.EnumerateArray().Take(5).Select(JsonValues.Describe))}]");
}
