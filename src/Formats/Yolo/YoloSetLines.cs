using System.Globalization;

namespace SemanticSam.Formats.Yolo;

/// <summary>The lines of a whole set as numbers, for what one line alone does not tell.</summary>
internal static class YoloSetLines
{
    /// <summary>How many are looked at.</summary>
    private const int Most = 100_000;

    /// <summary>Of each line the number of its file, its class and the numbers behind; what is no line of finite numbers is passed over.</summary>
    /// <param name="layout">The set.</param>
    /// <param name="lines">Reads a file of labels.</param>
    public static IEnumerable<(int File, string Class, double[] Values)> Of(YoloLayout layout, Func<string, IEnumerable<string?>> lines)
    {
        int file = 0, count = 0;
        foreach (string labels in layout.Items.Select(i => i.Labels).OfType<string>())
        {
            file++;
            using var each = lines(labels).GetEnumerator();
            while (Next(each))
            {
                if (each.Current is not { } line || YoloWords.Of(line) is not { Length: > 0 } words) continue;
                words = YoloWords.Unwrapped(words) ?? words;
                if (words.Length < 2 || Numbers(words) is not { } values) continue;
                yield return (file, words[0], values);
                if (++count == Most) yield break;
            }
        }
    }

    /// <summary>On to the next line; what cannot be read is told when it is read.</summary>
    private static bool Next(IEnumerator<string?> each)
    {
        try
        {
            return each.MoveNext();
        }
        catch (AnnotationFileException)
        {
            return false;
        }
    }

    private static double[]? Numbers(string[] words)
    {
        var values = new double[words.Length - 1];
        for (int i = 0; i < values.Length; i++)
            if (!double.TryParse(words[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out values[i]) || !double.IsFinite(values[i])) return null;
        return values;
    }
}
