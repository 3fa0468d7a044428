using System.Globalization;

namespace SemanticSam.Formats.Yolo;

/// <summary>Numbers that are none (nan, inf), as divisions by zero leave them: an outline is good without such a point.</summary>
internal static class YoloGaps
{
    private const int LeastPoints = 3;

    /// <summary>Whether a word stands for what is no number, or for an endless one.</summary>
    public static bool IsOne(string word) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? !double.IsFinite(value)
            : word.TrimStart('-', '+').ToLowerInvariant() is "nan" or "inf" or "infinity";

    /// <summary>The numbers without the points, or the confidence, that are none.</summary>
    /// <exception cref="AnnotationFileException">Too little is left.</exception>
    public static double[] Without(double[] values, FormatReport problems, string file, string place)
    {
        if (Array.TrueForAll(values, double.IsFinite)) return values;
        if (values.Length % 2 != 0 && !double.IsFinite(values[^1]))
        {
            problems.Repaired(file, place, "its confidence is no number", "it has none");
            values = values[..^1];
        }
        int points = values.Length / 2;
        var good = Enumerable.Range(0, points).Where(i => double.IsFinite(values[2 * i]) && double.IsFinite(values[2 * i + 1])).ToList();
        if (good.Count == points) return values;
        if (good.Count < LeastPoints || values.Length < 8)
            throw new AnnotationFileException(file, place, "'NaN' is not a share of a side, 0 to 1");
        int gaps = points - good.Count;
        problems.Repaired(file, place, $"{gaps} of its {points} points {(gaps == 1 ? "is no number" : "are no numbers")}", "the outline goes on without");
        return [.. good.SelectMany(i => values[(2 * i)..(2 * i + 2)]), .. values[(2 * points)..]];
    }
}
