namespace SemanticSam.Masks;

/// <summary>Polygons to masks: a pixel is set when its center lies inside by the even-odd rule.</summary>
internal static class PolygonFill
{
    /// <summary>Fills polygons together, so that one inside another is a hole. Whatever lies outside the image is cut off.</summary>
    /// <param name="polygons">Points in pixels, (0, 0) the image's corner, so that centers are at halves; each is closed by itself.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <exception cref="ArgumentException">A coordinate is not finite.</exception>
    public static Rle Fill(IEnumerable<IReadOnlyList<(double X, double Y)>> polygons, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(polygons);
        var empty = Rle.Empty(height, width);
        var crossings = new SortedColumns(width); // of each column's center line
        foreach (var polygon in polygons)
            for (int i = 0; i < polygon.Count; i++) AddSide(crossings, polygon[i], polygon[(i + 1) % polygon.Count]);
        var toggles = new ToggleList(64);
        foreach (var (x, ys) in crossings.InOrder())
        {
            ys.Sort();
            foreach (double y in ys)
            {
                // The first row whose center is at or below the crossing.
                int row = (int)Math.Ceiling(Math.Clamp(y, 0, height) - 0.5);
                toggles.Add(x * height + row);
            }
        }
        return toggles.ToRle(empty.Height, empty.Width);
    }

    /// <summary>Fills the outlines of a mask.</summary>
    public static Rle Fill(IEnumerable<Contour> contours, int height, int width) =>
        Fill(contours.Select(c => (IReadOnlyList<(double, double)>)[.. c.Points.Select(p => ((double)p.X, (double)p.Y))]), height, width);

    /// <summary>Crossings by column: a small polygon in a wide image costs its own columns and not all of them.</summary>
    private sealed class SortedColumns(int width)
    {
        private readonly Dictionary<int, List<double>> _columns = [];

        public int Width => width;

        public void Add(int x, double y)
        {
            if (!_columns.TryGetValue(x, out var ys)) _columns[x] = ys = [];
            ys.Add(y);
        }

        public IEnumerable<(int X, List<double> Crossings)> InOrder() => _columns.OrderBy(c => c.Key).Select(c => (c.Key, c.Value));
    }

    private static void AddSide(SortedColumns crossings, (double X, double Y) a, (double X, double Y) b)
    {
        if (!double.IsFinite(a.X) || !double.IsFinite(a.Y))
            throw new ArgumentException($"A polygon has the point ({a.X}, {a.Y}); coordinates have to be finite.");
        if (!double.IsFinite(b.X) || !double.IsFinite(b.Y)) return; // named when it is its turn
        if (a.X > b.X) (a, b) = (b, a);
        int first = (int)Math.Ceiling(Math.Clamp(a.X, 0, crossings.Width) - 0.5), last = (int)Math.Ceiling(Math.Clamp(b.X, 0, crossings.Width) - 0.5);
        for (int x = Math.Max(first, 0); x < last; x++)
            crossings.Add(x, a.Y + (x + 0.5 - a.X) * (b.Y - a.Y) / (b.X - a.X));
    }
}
