namespace SemanticSam.Training.Nano;

/// <summary>Which part of an image a training canvas shows, and how: source = (A x + B y + C, D x + E y + F) for canvas pixels (x, y).</summary>
internal readonly record struct CanvasView(double A, double B, double C, double D, double E, double F)
{
    /// <summary>A view in which a point of the source lies at a point of the canvas.</summary>
    /// <param name="source">Point of the source, pixels.</param>
    /// <param name="canvas">Where it lies on the canvas, pixels.</param>
    /// <param name="scaleX">Canvas pixels a source pixel, across; negative mirrors.</param>
    /// <param name="scaleY">The same, down.</param>
    /// <param name="angle">Turn, radians.</param>
    public static CanvasView Create((double X, double Y) source, (double X, double Y) canvas, double scaleX, double scaleY, double angle)
    {
        double cos = Math.Cos(angle), sin = Math.Sin(angle);
        double a = cos / scaleX, b = sin / scaleX, d = -sin / scaleY, e = cos / scaleY;
        return new(a, b, source.X - a * canvas.X - b * canvas.Y, d, e, source.Y - d * canvas.X - e * canvas.Y);
    }

    /// <summary>The source point under a canvas point.</summary>
    public (double X, double Y) ToSource(double x, double y) => (A * x + B * y + C, D * x + E * y + F);

    /// <summary>The canvas point over a source point.</summary>
    public (double X, double Y) ToCanvas(double x, double y)
    {
        double det = A * E - B * D, u = x - C, v = y - F;
        return ((E * u - B * v) / det, (A * v - D * u) / det);
    }

    /// <summary>The smallest canvas rectangle over a source rectangle: left, top, right, bottom.</summary>
    public (double Left, double Top, double Right, double Bottom) Bounds(double left, double top, double right, double bottom)
    {
        (double X, double Y)[] corners = [ToCanvas(left, top), ToCanvas(right, top), ToCanvas(left, bottom), ToCanvas(right, bottom)];
        return (corners.Min(c => c.X), corners.Min(c => c.Y), corners.Max(c => c.X), corners.Max(c => c.Y));
    }
}
