using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>Round shapes to pixels.</summary>
internal static class Ellipses
{
    /// <summary>LabelMe's circle: pixels whose index lies no further from the center than the point on the rim.</summary>
    public static Rle Circle((double X, double Y) center, (double X, double Y) rim, int height, int width)
    {
        double radius = Math.Sqrt(Math.Pow(center.X - rim.X, 2) + Math.Pow(center.Y - rim.Y, 2));
        return Of(center, radius, radius, 0, height, width);
    }

    /// <summary>CVAT's ellipse: pixels whose center lies inside.</summary>
    /// <param name="center">In pixels, (0, 0) the image's corner.</param>
    /// <param name="radiusX">Before it is turned.</param>
    /// <param name="radiusY">Before it is turned.</param>
    /// <param name="degrees">Clockwise on the screen.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    public static Rle Ellipse((double X, double Y) center, double radiusX, double radiusY, double degrees, int height, int width) =>
        Of((center.X - .5, center.Y - .5), radiusX, radiusY, degrees, height, width);

    private static Rle Of((double X, double Y) center, double radiusX, double radiusY, double degrees, int height, int width)
    {
        double reach = Math.Max(radiusX, radiusY);
        var box = new BoxI(Floor(center.X - reach, width), Floor(center.Y - reach, height), Floor(center.X + reach, width) + 1,
            Floor(center.Y + reach, height) + 1)
            .Intersect(new(0, 0, width, height));
        if (box.IsEmpty) return Rle.Empty(height, width);
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        bool Inside(int x, double y)
        {
            double dx = x - center.X, dy = y - center.Y, along = (dx * cos + dy * sin) / radiusX, across = (dy * cos - dx * sin) / radiusY;
            return along * along + across * across <= 1;
        }
        // A column meets it in one run, whose ends solve a quadratic equation in dy; no plane of the image's size is needed.
        double inX = 1 / (radiusX * radiusX), inY = 1 / (radiusY * radiusY);
        double square = sin * sin * inX + cos * cos * inY, mixed = 2 * sin * cos * (inX - inY), rest = cos * cos * inX + sin * sin * inY;
        var runs = new List<int>();
        for (int x = box.Left; x < box.Right; x++)
        {
            double dx = x - center.X, middle = -mixed * dx / (2 * square);
            double half = Math.Sqrt(Math.Max(0, mixed * mixed * dx * dx - 4 * square * (rest * dx * dx - 1))) / (2 * square);
            int top = (int)Math.Ceiling(Math.Clamp(center.Y + middle - half, box.Top, box.Bottom)),
                end = (int)Math.Floor(Math.Clamp(center.Y + middle + half, box.Top - 1, box.Bottom - 1)) + 1;
            // The rule itself has the last word about the pixels on the rim.
            while (top > box.Top && Inside(x, top - 1)) top--;
            while (top < end && !Inside(x, top)) top++;
            while (end < box.Bottom && end >= top && Inside(x, end)) end++;
            while (end > top && !Inside(x, end - 1)) end--;
            if (top >= end) continue;
            runs.Add(x * height + top);
            runs.Add(x * height + end);
        }
        return Rle.FromChanges(height, width, runs);
    }

    private static int Floor(double value, int side) => (int)Math.Floor(Math.Clamp(value, -1, side));
}
