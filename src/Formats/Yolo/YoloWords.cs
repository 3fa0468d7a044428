using System.Globalization;

namespace SemanticSam.Formats.Yolo;

/// <summary>A line of a label file as words, and what numbers beside a box are.</summary>
internal static class YoloWords
{
    private static readonly char[] Blanks = [' ', '\t', '\u00A0', '\r'];

    /// <summary>
    /// Between spaces, tabs, semicolons or commas; a comma within each of several numbers is a decimal point. What stands behind " #" is a comment.
    /// </summary>
    public static string[] Of(string line)
    {
        if (line.IndexOf(" #", StringComparison.Ordinal) is >= 0 and var comment) line = line[..comment];
        string[] words = line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length >= 5 && !words[0].Contains(',') && words.Skip(1).All(IsDecimalComma)) return [.. words.Select(w => w.Replace(',', '.'))];
        return line.Split([.. Blanks, ',', ';'], StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The words without brackets and colons, where only these keep the first from being a class number; else null.</summary>
    public static string[]? Unwrapped(string[] words)
    {
        if (words[0][0] is not ('[' or '(' or '{') && words[0][^1] != ':') return null;
        string[] bare = [.. words.Select(w => w.Trim('[', ']', '(', ')', '{', '}', ':')).Where(w => w.Length > 0)];
        return bare.Length > 0 && IsIndex(bare[0], out _) ? bare : null;
    }

    /// <summary>A class number; numpy writes them as 0.000000e+00.</summary>
    public static bool IsIndex(string word, out int index)
    {
        index = 0;
        if (!double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || value is not (>= 0 and <= 1_000_000)
            || value != Math.Truncate(value)) return false;
        index = (int)value;
        return true;
    }

    /// <summary>
    /// Whether what follows a box are key points, whatever data.yaml says: two or more of three numbers, each third of which says how well the point is seen,
    /// 0, 1 or 2. Read as an outline they would be nonsense.
    /// </summary>
    public static bool AreKeyPoints(ReadOnlySpan<double> values)
    {
        if (values.Length < 10 || (values.Length - 4) % 3 != 0) return false;
        bool seen = false;
        for (int i = 6; i < values.Length; i += 3)
        {
            if (values[i] is not (0 or 1 or 2)) return false;
            seen |= values[i] != 0;
        }
        return seen;
    }

    /// <summary>Whether the last number is that of a track, as predictions on videos have it behind box and confidence.</summary>
    public static bool EndsWithTrack(ReadOnlySpan<double> values) =>
        values.Length is 5 or 6 && values[^1] > 1 && values[^1] == Math.Truncate(values[^1]) && (values.Length == 5 || values[4] is >= 0 and <= 1);

    /// <summary>
    /// Whether an outline stands behind its own box, center and size; as an outline, too, the box would be two corners at odds with the others.
    /// </summary>
    public static bool BeginsWithBox(ReadOnlySpan<double> values)
    {
        const double Near = 0.003;
        if (values.Length < 10 || values.Length % 2 != 0) return false;
        double left = double.MaxValue, top = double.MaxValue, right = double.MinValue, bottom = double.MinValue;
        for (int i = 4; i < values.Length; i += 2)
        {
            (left, right) = (Math.Min(left, values[i]), Math.Max(right, values[i]));
            (top, bottom) = (Math.Min(top, values[i + 1]), Math.Max(bottom, values[i + 1]));
        }
        double near = Near * Math.Max(1, Math.Max(right, bottom));
        bool Is(double value, double expected) => Math.Abs(value - expected) <= near;
        return right > left && bottom > top && Is(values[0], (left + right) / 2) && Is(values[1], (top + bottom) / 2)
            && Is(values[2], right - left) && Is(values[3], bottom - top);
    }

    /// <summary>Whether the corner whose numbers begin there lies outside of the bounds of all others.</summary>
    public static bool SticksOut(ReadOnlySpan<double> values, int at)
    {
        double left = double.MaxValue, top = double.MaxValue, right = double.MinValue, bottom = double.MinValue;
        for (int i = 0; i + 1 < values.Length; i += 2)
        {
            if (i == at) continue;
            (left, right) = (Math.Min(left, values[i]), Math.Max(right, values[i]));
            (top, bottom) = (Math.Min(top, values[i + 1]), Math.Max(bottom, values[i + 1]));
        }
        return values[at] < left || values[at] > right || values[at + 1] < top || values[at + 1] > bottom;
    }

    private static bool IsDecimalComma(string word) =>
        word.IndexOf(',') is > 0 and var comma && comma < word.Length - 1
        && word.AsSpan(comma + 1).IndexOfAnyExceptInRange('0', '9') < 0 && word.AsSpan(0, comma).TrimStart('-').IndexOfAnyExceptInRange('0', '9') < 0;
}
