using System.Globalization;
using System.Xml.Linq;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Cvat;

/// <summary>CVAT's shapes to pixels.</summary>
internal static class CvatShapes
{
    public static Rle Pixels(XElement shape, int height, int width, PolygonRule rule, Func<string, Exception> bad, Action<string, string> repaired)
    {
        bool isTold = false;
        string Text(string name) => shape.Attribute(name)?.Value ?? throw bad($"attribute {name} is missing");
        double Number(string name) =>
            double.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out double v) && Math.Abs(v) <= 1e6 ? v
                : CvatNumbers.WithComma(Text(name)) is { } decimals && Math.Abs(decimals) <= 1e6 ? Told(decimals)
                : throw bad($"{name} is '{Text(name)}', a number is expected");
        double Told(double number)
        {
            if (!isTold) repaired("its numbers have commas for decimal points", "they are taken so");
            isTold = true;
            return number;
        }
        int Whole(string name) => Number(name) is var v && v == Math.Truncate(v) ? (int)v : throw bad($"{name} is '{Text(name)}', a whole number is expected");
        double rotation = shape.Attribute("rotation") is null ? 0 : Number("rotation");
        switch (shape.Name.LocalName)
        {
            case "polygon": return Fill(Points(Text("points"), bad, Told), height, width, rule, bad);
            case "box":
                var (left, top, right, bottom) = (Number("xtl"), Number("ytl"), Number("xbr"), Number("ybr"));
                return Fill(Turned([(left, top), (right, top), (right, bottom), (left, bottom)], rotation), height, width, rule, bad);
            case "ellipse":
                var (rx, ry) = (Number("rx"), Number("ry"));
                return rx > 0 && ry > 0
                    ? Ellipses.Ellipse((Number("cx"), Number("cy")), rx, ry, rotation, height, width)
                    : throw bad($"its radii are {rx} and {ry}; they have to be above 0");
            case "mask":
                return Mask(Text("rle"), Whole("left"), Whole("top"), Whole("width"), Whole("height"), height, width, bad,
                    w => repaired(w, "it is cut at the image's edge"));
            default: throw bad($"a shape of type '{MessageText.Cut(shape.Name.LocalName)}' has no pixels");
        }
    }

    /// <summary>How far shapes reach; those of which it cannot be told are passed over.</summary>
    public static DrawnExtent Drawn(IEnumerable<XElement> shapes)
    {
        var extent = new DrawnExtent();
        foreach (var shape in shapes)
        {
            double[]? Numbers(params string[] names)
            {
                double[] numbers = [.. names.Select(n => double.TryParse(shape.Attribute(n)?.Value, NumberStyles.Float, CultureInfo.InvariantCulture,
                    out double v) ? v : double.NaN)];
                return numbers.All(double.IsFinite) ? numbers : null;
            }
            if (Numbers("xtl", "ytl", "xbr", "ybr") is [var left, var top, var right, var bottom]) extent.Add(left, top, right, bottom);
            else if (Numbers("left", "top", "width", "height") is [var x, var y, var columns, var rows]) extent.Add(x, y, x + columns, y + rows);
            else if (Numbers("cx", "cy", "rx", "ry") is [var cx, var cy, var rx, var ry]) extent.Add(cx - rx, cy - ry, cx + rx, cy + ry);
            else if (shape.Name.LocalName == "polygon" && shape.Attribute("points")?.Value is { } text)
            {
                double[][] points = [.. text.Split([';', ' '], StringSplitOptions.RemoveEmptyEntries)
                    .Select(w => CvatNumbers.TryParse(w, out double[] n) ? n : []).Where(n => n.Length == 2)];
                if (points.Length > 0) extent.Add(points.Min(p => p[0]), points.Min(p => p[1]), points.Max(p => p[0]), points.Max(p => p[1]));
            }
        }
        return extent;
    }

    private static Rle Fill(List<(double X, double Y)> points, int height, int width, PolygonRule rule, Func<string, Exception> bad) =>
        PolygonPixels.WhyNot([points], height, width) is { } fault ? throw bad(fault) : PolygonPixels.Fill([points], height, width, rule);

    /// <summary>"x,y;x,y;..."</summary>
    private static List<(double X, double Y)> Points(string text, Func<string, Exception> bad, Func<double, double> told)
    {
        var points = new List<(double, double)>();
        // Between points stands a semicolon; a space where another program wrote them.
        foreach (string pair in text.Split(text.Contains(';') ? ';' : ' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            points.Add(CvatNumbers.TryParse(pair, out double[] n) && n.Length == 2 ? (n[0], n[1])
                : CvatNumbers.PairWithCommas(pair) is var (x, y) ? (told(x), told(y))
                : throw bad($"'{(pair.Length > 40 ? pair[..40] : pair)}' is not a point; 'x,y' is expected"));
        return points;
    }

    /// <summary>CVAT turns a box around its middle, clockwise on the screen.</summary>
    private static List<(double X, double Y)> Turned(List<(double X, double Y)> corners, double degrees)
    {
        if (degrees == 0) return corners;
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        double x = corners.Average(c => c.X), y = corners.Average(c => c.Y);
        return [.. corners.Select(c => (x + (c.X - x) * cos - (c.Y - y) * sin, y + (c.X - x) * sin + (c.Y - y) * cos))];
    }

    /// <summary>Run lengths along the rows of a box, background first; what the runs leave over is background.</summary>
    private static Rle Mask(string rle, int left, int top, int columns, int rows, int height, int width, Func<string, Exception> bad, Action<string> cut)
    {
        bool inside = left >= 0 && top >= 0 && left <= width - columns && top <= height - rows;
        if (columns < 1 || rows < 1 || !inside && (left >= width || top >= height || left + columns <= 0 || top + rows <= 0
            || (long)rows * columns > Math.Min((long)height * width * 4, FormatLimits.LargestArea)))
            throw bad($"its mask of {columns} x {rows} at ({left}, {top}) is not inside {width} x {height}");
        if (!inside) cut($"its mask of {columns} x {rows} at ({left}, {top}) is not inside {width} x {height}");
        var pixels = Planes.Cleared(rows * columns);
        int at = 0;
        byte value = 0;
        foreach (string word in rle.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int run) || run > pixels.Length - at)
                throw bad($"'{(word.Length > 40 ? word[..40] : word)}' is not a run length, or more than is left of {columns} x {rows}");
            pixels.Slice(at, run).Fill(value);
            at += run;
            value ^= 1;
        }
        var mask = Rle.FromBytes(pixels, rows, columns);
        if (inside) return mask.Paste(left, top, height, width);
        var seen = new BoxI(Math.Max(0, -left), Math.Max(0, -top), Math.Min(columns, width - left), Math.Min(rows, height - top));
        return mask.Crop(seen).Paste(Math.Max(0, left), Math.Max(0, top), height, width);
    }
}
