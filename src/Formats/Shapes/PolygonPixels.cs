using SemanticSam.Formats.Coco;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>Polygons of an annotation to pixels, by either <see cref="PolygonRule"/>. Several polygons are joined.</summary>
internal static class PolygonPixels
{
    /// <summary>What is wrong with polygons from a file; null if nothing.</summary>
    public static string? WhyNot(IEnumerable<IReadOnlyList<(double X, double Y)>> polygons, int height, int width)
    {
        foreach (var polygon in polygons)
        {
            if (polygon.Count < 3) return $"a polygon has {polygon.Count} points; at least 3 are needed";
            if (FarOutside(polygon, height, width) is { } fault) return fault;
        }
        return null;
    }

    /// <summary>What is wrong with points of any shape; null if nothing. One far outside would cost time without end.</summary>
    public static string? FarOutside(IReadOnlyList<(double X, double Y)> points, int height, int width)
    {
        double reach = 2.0 * Math.Max(height, width) + 100;
        foreach (var (x, y) in points)
            if (!(Math.Abs(x) <= reach && Math.Abs(y) <= reach)) return $"the point ({x}, {y}) lies far outside the image of {width} x {height}";
        return null;
    }

    public static Rle Fill(IReadOnlyList<IReadOnlyList<(double X, double Y)>> polygons, int height, int width, PolygonRule rule) =>
        polygons.Count == 0 ? Rle.Empty(height, width) : Rle.Merge([.. polygons.Select(p => rule == PolygonRule.Center ? CocoPolygon.Fill(p, height, width) : InclusivePolygon.Fill(p, height, width))]);
}
