namespace SemanticSam.Formats.Shapes;

/// <summary>Coordinates as shares of an image's sides, where pixels are expected: what converters from YOLO often leave.</summary>
internal static class Shares
{
    /// <summary>
    /// Whether numbers are shares: all are 0 to 1, and not all of them whole. In pixels they would all lie within the image's first one.
    /// </summary>
    public static bool Are(IReadOnlyCollection<double> coordinates) =>
        coordinates.Count > 0 && coordinates.All(c => c is >= 0 and <= 1) && coordinates.Any(c => c is not (0 or 1));

    /// <summary>
    /// The same of points, which moreover are not all one: through the middle of the first pixel goes the outline of a mask of that pixel alone.
    /// </summary>
    public static bool Are(IReadOnlyCollection<(double X, double Y)> points) =>
        points.Distinct().Take(2).Count() > 1 && Are([.. points.SelectMany(p => (double[])[p.X, p.Y])]);

    /// <summary>Points in pixels.</summary>
    public static List<(double X, double Y)> ToPixels(IEnumerable<(double X, double Y)> points, int height, int width) =>
        [.. points.Select(p => (p.X * width, p.Y * height))];
}
