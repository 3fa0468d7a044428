using System.Text.Json;
using SemanticSam.Formats.Json;

namespace SemanticSam.Formats.Shapes;

/// <summary>How far the annotations of an image reach. Where the size of the image is in doubt, this tells in which size they were drawn.</summary>
internal sealed class DrawnExtent
{
    /// <summary>Pixels that rounding may lead out of an image.</summary>
    private const double Rounding = 1;

    /// <summary>The share of a side by which what is drawn may stick out of an image that is far larger than the other that it could be.</summary>
    private const double Slack = 0.05;

    /// <summary>Further away is no place of an image.</summary>
    private const double Furthest = 2.0 * FormatLimits.LargestSide;

    private readonly List<(double Left, double Top, double Right, double Bottom)> _boxes = [];
    private readonly List<(int Width, int Height)> _runs = [];

    /// <summary>Whether nothing is drawn, or in shares of the sides alone.</summary>
    public bool IsEmpty => _boxes.Count == 0 && _runs.Count == 0;

    /// <summary>The size that the first run lengths say; null where there are none.</summary>
    public (int Width, int Height)? Size => _runs.Count == 0 ? null : _runs[0];

    /// <summary>Adds the size of run lengths.</summary>
    public void AddRuns((int Width, int Height) size)
    {
        if (!_runs.Contains(size)) _runs.Add(size);
    }

    /// <summary>Adds the box around an annotation. What lies within the first pixel is in shares of the sides, which go with any size.</summary>
    public void Add(double left, double top, double right, double bottom)
    {
        if (right >= left && bottom >= top && (right > 1 || bottom > 1)) _boxes.Add((left, top, right, bottom));
    }

    /// <summary>Adds the box around points: numbers in turn, pairs or objects, in lists of any depth.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Add(JsonElement points)
    {
        var box = (Left: double.PositiveInfinity, Top: double.PositiveInfinity, Right: double.NegativeInfinity, Bottom: double.NegativeInfinity);
        Walk(points);
        Add(box.Left, box.Top, box.Right, box.Bottom);
        return box.Left <= box.Right;

        void Walk(JsonElement list)
        {
            if (list.ValueKind == JsonValueKind.Object)
            {
                if (JsonKeys.TryGet(list, "points", out var inside)) Walk(inside);
                else if (JsonKeys.TryGet(list, "x", out var x) && JsonKeys.TryGet(list, "y", out var y)) Take(x, y);
            }
            if (list.ValueKind != JsonValueKind.Array) return;
            JsonElement? before = null;
            foreach (var item in list.EnumerateArray())
                if (item.ValueKind is JsonValueKind.Array or JsonValueKind.Object) Walk(item);
                else if (before is { } across)
                {
                    Take(across, item);
                    before = null;
                }
                else before = item;
        }

        void Take(JsonElement across, JsonElement down)
        {
            if (JsonValues.FiniteNumber(across) is not { } x || JsonValues.FiniteNumber(down) is not { } y
                || !(Math.Abs(x) <= Furthest && Math.Abs(y) <= Furthest)) return;
            box = (Math.Min(box.Left, x), Math.Min(box.Top, y), Math.Max(box.Right, x), Math.Max(box.Bottom, y));
        }
    }

    /// <summary>
    /// Whether they were drawn in the first of two sizes, as run lengths say; else what lies outside of either does, and where nothing does, they were not.
    /// </summary>
    public bool IsOf((int Width, int Height) size, (int Width, int Height) other) =>
        Size is { } runs ? runs == size : Fits(size) && !Fits(other);

    /// <summary>
    /// Whether they were drawn before an image was made smaller or larger: run lengths have the size of before, or coordinates reach out of the image of
    /// today, and not out of that of before. Null where they lie in both.
    /// </summary>
    /// <param name="before">The size that annotations say.</param>
    /// <param name="now">The image's own size.</param>
    public bool? AreOfBefore((int Width, int Height) before, (int Width, int Height) now)
    {
        if (_runs.Contains(before)) return true;
        if (_boxes.Count == 0 || _runs.Contains(now) || !Fits(before, now.Width < before.Width ? Slack : 0)) return false;
        return Fits(now) ? null : true;
    }

    /// <summary>Whether the sides of an image were exchanged: all lies in it the other way round, and of something most does not as it is written.</summary>
    public bool AreSidesExchanged(int width, int height) => width != height && !_runs.Contains((width, height)) && Fits((height, width))
        && _boxes.TrueForAll(b => b.Left >= -Rounding && b.Top >= -Rounding) && _boxes.Exists(b => IsMostlyOutside(b, height, width));

    /// <summary>Whether most of a box lies outside of an image.</summary>
    public static bool IsMostlyOutside((double Left, double Top, double Right, double Bottom) box, int height, int width)
    {
        double inside = Math.Max(0, Math.Min(box.Right, width) - Math.Max(box.Left, 0)) * Math.Max(0, Math.Min(box.Bottom, height) - Math.Max(box.Top, 0));
        return 2 * inside < (box.Right - box.Left) * (box.Bottom - box.Top);
    }

    /// <summary>The same of points.</summary>
    public static bool IsMostlyOutside(IReadOnlyCollection<(double X, double Y)> points, int height, int width) =>
        IsMostlyOutside((points.Min(p => p.X), points.Min(p => p.Y), points.Max(p => p.X), points.Max(p => p.Y)), height, width);

    private bool Fits((int Width, int Height) size, double slack = 0) =>
        _boxes.TrueForAll(b => b.Right <= size.Width * (1 + slack) + Rounding && b.Bottom <= size.Height * (1 + slack) + Rounding);
}
