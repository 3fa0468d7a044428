using System.Globalization;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>An annotation's "bbox", [x, y, width, height].</summary>
internal static class BoxField
{
    /// <summary>
    /// Its sides in the image's coordinates, the smaller first; null where there is no box, or one in shares of the image's sides. A negative width or height
    /// goes from its corner to the left or up, as boxes do that were drawn so: then <c>IsTurned</c> is true.
    /// </summary>
    public static (double Left, double Top, double Right, double Bottom, bool IsTurned)? Read(JsonValues values, bool corners = false) =>
        Numbers(values, corners) is not { AreShares: false } box ? null
            : box.Extent is var (left, top, right, bottom) ? (left, top, right, bottom, box.Width < 0 || box.Height < 0) : null;

    /// <summary>The box as it is written, but with a width and a height that are not negative; null where there is none.</summary>
    public static (double X, double Y, double Width, double Height)? AsWritten(JsonValues values, bool corners = false)
    {
        if (Numbers(values, corners) is not { } box) return null;
        if (box is { Degrees: 0, X: var x, Y: var y, Width: var w, Height: var h }) return (w < 0 ? x + w : x, h < 0 ? y + h : y, Math.Abs(w), Math.Abs(h));
        var (left, top, right, bottom) = box.Extent;
        return (left, top, right - left, bottom - top);
    }

    /// <summary>
    /// The pixels of the box; null where there is none that covers a pixel. Some write shares of the image's sides, or two corners; and CVAT says beside its
    /// boxes how they are turned, and Detectron2 what their numbers are.
    /// </summary>
    /// <param name="values">The annotation.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="areCorners">Whether boxes that do not say otherwise are two corners, as the set's are, which was said of the set.</param>
    public static Rle? Mask(JsonValues values, int height, int width, bool areCorners = false)
    {
        if (Numbers(values, areCorners) is not { } box) return null;
        var (x, y, w, h) = (box.X, box.Y, box.Width, box.Height);
        if (box.Done is { } done) values.Repaired($"its box {Describe(values)} is not [x, y, width, height]", done);
        if (box.AreShares || box.Degrees == 0 && Shares.Are([x, y, w, h]))
        {
            values.Repaired($"its box {Describe(values)} has shares of the image's sides", "they are multiplied by them");
            (x, y, w, h) = (x * width, y * height, w * width, h * height);
        }
        else if (!box.IsSettled && box.Degrees == 0 && AreCorners(values, x, y, w, h))
        {
            values.Repaired($"its box {Describe(values)} is two corners, as its area says", "it goes from one to the other");
            (w, h) = (w - x, h - y);
        }
        if (w < 0 || h < 0) values.Repaired($"its box {Describe(values)} has a negative width or height", "it goes from its corner to the left or up");
        var (left, top, right, bottom) = (Math.Min(x, x + w), Math.Min(y, y + h), Math.Max(x, x + w), Math.Max(y, y + h));
        if (!(right > left && bottom > top)) return null;
        double rotation = box.Degrees + Rotation(values);
        IReadOnlyList<(double, double)> corners;
        if (rotation == 0)
        {
            bool isMostlyOutside = DrawnExtent.IsMostlyOutside((left, top, right, bottom), height, width);
            (left, right) = (Math.Clamp(left, 0, width), Math.Clamp(right, 0, width));
            (top, bottom) = (Math.Clamp(top, 0, height), Math.Clamp(bottom, 0, height));
            if (!(right > left && bottom > top)) return null;
            if (isMostlyOutside)
                values.Noted($"most of its box {Describe(values)} lies outside of the image of {width} x {height}", "it is cut at the image's edge");
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

    private static IReadOnlyList<(double X, double Y)> Turned(double x, double y, double halfWidth, double halfHeight, double degrees)
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

    /// <summary>A box as its numbers have it.</summary>
    /// <param name="X">Left, unless the width is negative.</param>
    /// <param name="Y">Top, unless the height is negative.</param>
    /// <param name="Width">To the right.</param>
    /// <param name="Height">Down.</param>
    /// <param name="Done">How they were found, where they are not [x, y, width, height].</param>
    private readonly record struct Numbered(double X, double Y, double Width, double Height, string? Done)
    {
        /// <summary>How it is turned around its center, clockwise.</summary>
        public double Degrees { get; init; }

        /// <summary>Whether the set told what they are.</summary>
        public bool IsSettled { get; init; }

        /// <summary>Whether these are surely shares of the image's sides.</summary>
        public bool AreShares { get; init; }

        /// <summary>How far it reaches.</summary>
        public (double Left, double Top, double Right, double Bottom) Extent
        {
            get
            {
                if (Degrees == 0) return (Math.Min(X, X + Width), Math.Min(Y, Y + Height), Math.Max(X, X + Width), Math.Max(Y, Y + Height));
                var corners = BoxField.Turned(X + Width / 2, Y + Height / 2, Width / 2, Height / 2, Degrees);
                return (corners.Min(c => c.X), corners.Min(c => c.Y), corners.Max(c => c.X), corners.Max(c => c.Y));
            }
        }
    }

    /// <summary>Four plain numbers of which nothing says what they are, and whether the area says that they have a width and a height.</summary>
    public static ((double X, double Y, double Width, double Height) Box, bool IsSized)? Plain(JsonValues values)
    {
        if (!values.Has("bbox", out var box) || box.ValueKind != JsonValueKind.Array || box.GetArrayLength() != 4 || values.Has("bbox_mode", out _)
            || List(box) is not [var x, var y, var w, var h] || Shares.Are([x, y, w, h]) || AreCorners(values, x, y, w, h)) return null;
        bool isSized = values.Has("area", out var value) && JsonValues.FiniteNumber(value) is (> 0 and var area) && Math.Abs(w * h - area) <= 0.001 * area;
        return ((x, y, w, h), isSized);
    }

    private static Numbered? Numbers(JsonValues values, bool corners = false)
    {
        if (!values.Has("bbox", out var box)) return null;
        if (box.ValueKind == JsonValueKind.String)
            return NumberText.Of(JsonValues.AsText(box)) is [var x, var y, var w, var h] ? new(x, y, w, h, "the numbers that it holds are taken") : null;
        if (box.ValueKind == JsonValueKind.Object)
        {
            foreach (var (keys, areCorners) in Named)
                if (keys.Select(k => JsonKeys.TryGet(box, k, out var side) ? JsonValues.FiniteNumber(side) : null).ToArray() is var sides
                    && sides.All(n => n is not null)) return Sides([.. sides.Select(n => n!.Value)], areCorners, "it is taken by its keys");
            return null;
        }
        if (box.ValueKind != JsonValueKind.Array) return null;
        if (corners && Plain(values) is var (plain, _))
        {
            var (left, top, width, height) = BoxCorners.Sides(plain);
            return new(left, top, width, height, null) { IsSettled = true };
        }
        if (box.GetArrayLength() is 4 or 5 && List(box) is { } numbers) return Listed(numbers, Mode(values));
        return box.GetArrayLength() == 2 && List(box[0]) is [var x1, var y1] && List(box[1]) is [var x2, var y2]
            ? Sides([x1, y1, x2, y2], areCorners: true, "it goes from one corner to the other") : null;
    }

    /// <summary>Detectron2's BoxMode, in the order of its numbers.</summary>
    private static readonly string[] Modes = ["XYXY_ABS", "XYWH_ABS", "XYXY_REL", "XYWH_REL", "XYWHA_ABS"];

    /// <summary>What Detectron2 says of boxes that are not [x, y, width, height]; by its number, or its name as Python prints it.</summary>
    private static string? Mode(JsonValues values) => !values.Has("bbox_mode", out var mode) ? null
        : JsonValues.WholeNumber(mode) is { } number ? number >= 0 && number < Modes.Length ? Modes[number] : null
        : mode.ValueKind == JsonValueKind.String ? JsonValues.AsText(mode)?.Split('.')[^1] : null;

    private static Numbered? Listed(double[] n, string? mode)
    {
        // Its angle is counter-clockwise.
        if (n is [var x, var y, var w, var h, var degrees])
            return mode == "XYWHA_ABS" ? new(x - w / 2, y - h / 2, w, h, "it is a center, a size and an angle, as bbox_mode says") { Degrees = -degrees % 360 }
                : null;
        bool corners = mode is "XYXY_ABS" or "XYXY_REL", shares = mode is "XYXY_REL" or "XYWH_REL" && n.All(v => Math.Abs(v) <= 2);
        return Sides(n, corners, corners ? "it goes from one corner to the other, as bbox_mode says" : null) with { AreShares = shares };
    }

    private static Numbered Sides(double[] n, bool areCorners, string? done) =>
        areCorners ? new(n[0], n[1], n[2] - n[0], n[3] - n[1], done) : new(n[0], n[1], n[2], n[3], done);

    private static double[]? List(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array) return null;
        var numbers = list.EnumerateArray().Select(JsonValues.FiniteNumber).ToArray();
        return numbers.All(n => n is not null) ? [.. numbers.Select(n => n!.Value)] : null;
    }

    /// <summary>How many numbers it has, where these are not the four of a box, nor what else is read; null of any other.</summary>
    public static int? OtherCount(JsonValues values) =>
        values.Has("bbox", out var box) && box.ValueKind == JsonValueKind.Array && box.GetArrayLength() is > 4 and var count && List(box) is not null
            && Numbers(values) is null ? count : null;

    /// <summary>How messages quote it.</summary>
    public static string Describe(JsonValues values) => !values.Has("bbox", out var list) ? "missing"
        : list.ValueKind != JsonValueKind.Array ? JsonValues.Describe(list)
        : string.Create(CultureInfo.InvariantCulture, $"[{string.Join(", ", list.EnumerateArray().Take(5).Select(JsonValues.Describe))}]");
}
