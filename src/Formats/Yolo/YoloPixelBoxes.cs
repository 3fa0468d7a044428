using System.Globalization;

namespace SemanticSam.Formats.Yolo;

/// <summary>
/// What boxes mean whose numbers are pixels: a center and a size, as YOLO's, a corner and a size, as COCO's, or two corners, as PASCAL VOC's. One box may be
/// any of these; of the boxes of a set all lie within their images by one alone, as a rule.
/// </summary>
internal sealed class YoloPixelBoxes
{
    /// <summary>How many boxes are looked at.</summary>
    private const int Most = 100_000;

    /// <summary>Of so many boxes one may stick out of its image by the right reading, too.</summary>
    private const int Sound = 50;

    /// <summary>Pixels that rounding may lead out of an image.</summary>
    private const double Rounding = 1;

    private static readonly (string Words, Func<double[], (double Left, double Top, double Right, double Bottom)> Sides)[] Readings =
    [
        ("a center and a size", v => (v[0] - v[2] / 2, v[1] - v[3] / 2, v[0] + v[2] / 2, v[1] + v[3] / 2)),
        ("a corner and a size", v => (v[0], v[1], v[0] + v[2], v[1] + v[3])),
        ("two corners", v => (v[0], v[1], v[2], v[3])),
    ];

    private readonly int[] _outside = new int[Readings.Length];
    private int _count;

    /// <summary>Whether four numbers cannot be shares of an image's sides.</summary>
    public static bool Are(ReadOnlySpan<double> values) => values.Length == 4 && values.ContainsAnyExceptInRange(-1.0, 2.0);

    /// <summary>Those of a set.</summary>
    /// <param name="layout">The set.</param>
    /// <param name="lines">Reads a file of labels.</param>
    public static YoloPixelBoxes Of(YoloLayout layout, Func<string, IEnumerable<string?>> lines)
    {
        var boxes = new YoloPixelBoxes();
        foreach (var item in layout.Items)
        {
            if (item is not { Labels: { } labels, Image: { } image } || boxes._count >= Most) continue;
            if (Formats.ImageFolder.SizeOfFile(image) is not var (width, height)) continue;
            try
            {
                foreach (string? line in lines(labels))
                {
                    string[] words = line is null ? [] : YoloWords.Of(line);
                    if (words.Length is not (5 or 6)) continue;
                    double[] values = [.. words[1..5].Select(w => double.TryParse(w, NumberStyles.Float, CultureInfo.InvariantCulture, out double v) ? v : 0)];
                    if (Are(values)) boxes.Add(values, height, width);
                }
            }
            catch (AnnotationFileException)
            {
                // It is told when it is read.
            }
        }
        return boxes;
    }

    private void Add(double[] values, int height, int width)
    {
        _count++;
        for (int i = 0; i < Readings.Length; i++)
            if (Readings[i].Sides(values) is var (left, top, right, bottom) && !(left >= -Rounding && top >= -Rounding && right <= width + Rounding
                && bottom <= height + Rounding && right > left && bottom > top)) _outside[i]++;
    }

    /// <summary>Its sides, and in words what it was taken for; null where several readings suit the set, or none.</summary>
    public (double Left, double Top, double Right, double Bottom, string As)? Read(double[] values)
    {
        int best = Array.IndexOf(_outside, _outside.Min());
        bool sure = _outside[best] <= _count / Sound && _outside.Where((_, i) => i != best).All(o => o > 3 * _outside[best]);
        if (!sure) return null;
        var (left, top, right, bottom) = Readings[best].Sides(values);
        return (left, top, right, bottom, Readings[best].Words);
    }

    /// <summary>Why there is no reading.</summary>
    public string WhyNot()
    {
        string[] fit = [.. Readings.Where((_, i) => _outside[i] <= _count / Sound).Select(r => r.Words)];
        return fit.Length == 0 ? "neither as a center and a size nor as corners do all of the set's lie within their images"
            : $"those of the set may be {string.Join(", or ", fit)}";
    }
}
