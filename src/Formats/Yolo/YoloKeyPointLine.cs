namespace SemanticSam.Formats.Yolo;

/// <summary>A line as a box and key points.</summary>
/// <param name="Points">How many there are.</param>
/// <param name="Tail">How many numbers stand behind them: a confidence, the number of a track, or both.</param>
/// <param name="Inside">Share of the points that lie in their box, and not only near it.</param>
/// <param name="IsFilled">Whether the points reach through so much of their box that it is likely theirs.</param>
/// <param name="IsApart">Whether the box's size as a corner would lie far from the others; of one point whether it says how well it is seen.</param>
internal readonly record struct YoloKeyPointLine(int Points, int Tail, double Inside, bool IsFilled, bool IsApart)
{
    private const double Rounding = 0.01, MostTriples = 0.25, MostPairs = 0.1;

    /// <summary>Least share of the box's sides that points reach through.</summary>
    private const double FilledTriples = 0.3, FilledPairs = 0.6, ALittle = 0.25;

    /// <summary>Corners of an outline that are looked at.</summary>
    private const int MostCorners = 200, FewCorners = 10;

    /// <summary>The line, where its points lie in or near its box; null where they do not, and it is something else.</summary>
    /// <param name="values">The numbers behind its class.</param>
    /// <param name="of">Numbers of a point, 2 or 3.</param>
    public static YoloKeyPointLine? Of(double[] values, int of)
    {
        var (x, y, w, h) = (values[0], values[1], values[2], values[3]);
        if (x is < -Rounding or > 1 + Rounding || y is < -Rounding or > 1 + Rounding || w is not (> 0 and <= 1 + Rounding)
            || h is not (> 0 and <= 1 + Rounding)) return null;
        double near = of == 3 ? MostTriples : MostPairs;
        bool IsWithin(double px, double py, double more) => Math.Abs(px - x) <= (0.5 + more) * w && Math.Abs(py - y) <= (0.5 + more) * h;
        bool endsWithPoint = IsWithin(values[^2], values[^1], near) || IsHidden(values[^2], values[^1]);
        int rest = values.Length - 4, tail = of == 3 ? rest % 3 : rest % 2 != 0 ? 1 : endsWithPoint ? 0 : 2;
        int points = (rest - tail) / of;
        bool isOne = of == 3 && points == 1;
        if (isOne ? tail > 0 : points < (of == 3 ? 2 : 3) || !IsTail(values.AsSpan(^tail..))) return null;
        double left = double.MaxValue, top = double.MaxValue, right = double.MinValue, bottom = double.MinValue;
        int seen = 0, close = 0, inside = 0;
        for (int i = 4; i < 4 + of * points; i += of)
        {
            if (of == 3 && values[i + 2] is not (>= 0 and <= 1 or 2)) return null;
            var (px, py) = (values[i], values[i + 1]);
            if (IsHidden(px, py)) continue;
            seen++;
            if (IsWithin(px, py, near)) close++;
            if (IsWithin(px, py, Rounding)) inside++;
            (left, top, right, bottom) = (Math.Min(left, px), Math.Min(top, py), Math.Max(right, px), Math.Max(bottom, py));
        }
        if (close * 5 < seen * 4) return null;
        if (isOne) return seen == 0 || values[6] is not (0 or 1 or 2) ? null : new(1, 0, inside, false, values[6] == 2);
        double wide = (right - left) / w, high = (bottom - top) / h, least = Math.Min(wide, high);
        bool Leaves(double by) => w < left - by * (right - left) || w > right + by * (right - left)
            || h < top - by * (bottom - top) || h > bottom + by * (bottom - top);
        // A box that is exactly that of its points may be an outline's own.
        bool apart = seen > 1 && of == 2 && !YoloWords.BeginsWithBox(values.AsSpan(..(4 + of * points)))
            && (least > FilledPairs && Leaves(0) || least > ALittle && Leaves(1));
        return new(points, tail, seen == 0 ? 1 : (double)inside / seen, seen > 1 && least >= (of == 3 ? FilledTriples : FilledPairs), apart);
    }

    /// <summary>Whether one line alone may be a box with key points rather than an outline; of few corners one crossing is odd.</summary>
    public static bool MayBe(double[] values) => (Of(values, 3) is { IsFilled: true } || Of(values, 2) is { IsFilled: true })
        && (values.Length < 2 * FewCorners ? CrossesItself(values, 1) : CrossesItself(values));

    /// <summary>Whether the outline that the numbers would be crosses itself far more often than drawn ones do.</summary>
    public static bool CrossesItself(ReadOnlySpan<double> values) => CrossesItself(values, Math.Max(1, Math.Min(values.Length / 2, MostCorners) / 4));

    private static bool CrossesItself(ReadOnlySpan<double> values, int least)
    {
        int corners = Math.Min(values.Length / 2, MostCorners), found = 0;
        for (int i = 0; i < corners; i++)
            for (int j = i + 2; j < corners; j++)
            {
                if (i == 0 && j == corners - 1) continue; // neighbors
                var (a, b, c, d) = (Corner(values, i), Corner(values, i + 1), Corner(values, j), Corner(values, (j + 1) % corners));
                if (Side(a, b, c) * Side(a, b, d) < 0 && Side(c, d, a) * Side(c, d, b) < 0 && ++found >= least) return true;
            }
        return false;
    }

    /// <summary>Points that are not seen are written as 0 0 or -1 -1.</summary>
    private static bool IsHidden(double x, double y) => x == 0 && y == 0 || x < 0 && y < 0;

    private static bool IsTail(ReadOnlySpan<double> tail) =>
        tail is [] or [>= 0 and <= 1] || tail is [var track] && YoloTrackNumbers.IsOne(track)
            || tail is [>= 0 and <= 1, var last] && YoloTrackNumbers.IsOne(last);

    private static (double X, double Y) Corner(ReadOnlySpan<double> values, int i) => (values[2 * i], values[2 * i + 1]);

    private static double Side((double X, double Y) a, (double X, double Y) b, (double X, double Y) p) =>
        (b.X - a.X) * (p.Y - a.Y) - (b.Y - a.Y) * (p.X - a.X);
}
