using System.Globalization;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>Which pixels a polygon covers: programs differ by half a pixel all around.</summary>
internal enum PolygonRule
{
    /// <summary>
    /// A pixel belongs to it when its center lies inside; (0, 0) is the corner of the first pixel. So do pycocotools and what is built
    /// on it (COCO, CVAT, datumaro). Outlines are written along the borders between pixels.
    /// </summary>
    Center,

    /// <summary>
    /// Corners are cut down to whole pixels, and the pixels of the outline belong to it. So do OpenCV's fillPoly (YOLO's training)
    /// and Pillow's polygon (LabelMe). Outlines are written through the centers of the pixels on the border.
    /// </summary>
    Inclusive,
}

/// <summary>Polygons of an annotation to pixels, by either <see cref="PolygonRule"/>. Several polygons are joined.</summary>
internal static class PolygonPixels
{
    /// <summary>Pixels that the outlines of one annotation may take to walk: a second or so. Noise all over 16 megapixels has as many.</summary>
    private const int LongestOutline = 1 << 24;

    /// <summary>
    /// Columns of the image that the outlines of one annotation may cross, those that are crossed several times counted each time: so many run lengths its
    /// mask has at most. An outline that says more of itself may have more: one that follows pixels crosses few columns from point to point.
    /// </summary>
    private const int MostColumns = 1 << 20, MoreAPoint = 64;

    /// <summary>The rule that an option asks for; null where it asks for none.</summary>
    public static PolygonRule? RuleOf(bool? inclusive) => inclusive is { } asked ? asked ? PolygonRule.Inclusive : PolygonRule.Center : null;

    /// <summary>What is wrong with polygons from a file; null if nothing.</summary>
    public static string? WhyNot(IEnumerable<IReadOnlyList<(double X, double Y)>> polygons, int height, int width)
    {
        double length = 0, columns = 0;
        long points = 0;
        foreach (var polygon in polygons)
        {
            if (polygon.Count < 3) return $"a polygon has {polygon.Count} points; at least 3 are needed";
            if (FarOutside(polygon, height, width) is { } fault) return fault;
            length += Length(polygon);
            columns += Columns(polygon, width);
            points += polygon.Count;
        }
        if (length > LongestOutline)
            return string.Create(CultureInfo.InvariantCulture, $"its outline is {length:f0} pixels long; at most {LongestOutline} are allowed");
        long most = MostColumns + MoreAPoint * points;
        return columns <= most ? null : string.Create(CultureInfo.InvariantCulture,
            $"its outline runs to and fro, over {columns:f0} columns of the image in all; at most {most} are allowed for its {points} points");
    }

    /// <summary>Columns of the image that the sides of a polygon cross.</summary>
    private static double Columns(IReadOnlyList<(double X, double Y)> polygon, int width)
    {
        double columns = 0;
        for (int i = 0; i < polygon.Count; i++)
            columns += Math.Abs(Math.Clamp(polygon[i].X, 0, width) - Math.Clamp(polygon[(i + 1) % polygon.Count].X, 0, width));
        return columns;
    }

    /// <summary>Steps that walking around a polygon takes: points at both ends of an image cost as much as those between them.</summary>
    private static double Length(IReadOnlyList<(double X, double Y)> polygon)
    {
        double length = 0;
        for (int i = 0; i < polygon.Count; i++)
        {
            var (a, b) = (polygon[i], polygon[(i + 1) % polygon.Count]);
            length += Math.Max(Math.Abs(a.X - b.X), Math.Abs(a.Y - b.Y));
        }
        return length;
    }

    /// <summary>What is wrong with points of any shape; null if nothing. One far outside would cost time without end.</summary>
    public static string? FarOutside(IReadOnlyList<(double X, double Y)> points, int height, int width)
    {
        double reach = 2.0 * Math.Max(height, width) + 100;
        foreach (var (x, y) in points)
            if (!(Math.Abs(x) <= reach && Math.Abs(y) <= reach)) return $"the point ({x}, {y}) lies far outside the image of {width} x {height}";
        return null;
    }

    /// <param name="polygons">Corners in pixels.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="rule">Which pixels a polygon covers.</param>
    /// <param name="bridged">Whether edges that only tie islands (<see cref="Bridges"/>) are no outline.</param>
    public static Rle Fill(IReadOnlyList<IReadOnlyList<(double X, double Y)>> polygons, int height, int width, PolygonRule rule, bool bridged = false) =>
        polygons.Count == 0 ? Rle.Empty(height, width)
            : Rle.Merge([.. polygons.Select(p => rule == PolygonRule.Center ? CenterPolygon.Fill(p, height, width)
                : InclusivePolygon.Fill(p, height, width, bridged))]);
}
