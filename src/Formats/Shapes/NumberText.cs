using System.Globalization;

namespace SemanticSam.Formats.Shapes;

/// <summary>Numbers that a table or a script has made a text of: "2, 2, 8, 6", "[2 2 8 6]".</summary>
internal static class NumberText
{
    private static readonly char[] Between = [',', ';', ' ', '\t', '\r', '\n', '[', ']', '(', ')'];

    /// <summary>The numbers; null where the text holds anything else, or nothing.</summary>
    public static double[]? Of(string? text)
    {
        string[] words = text?.Split(Between, StringSplitOptions.RemoveEmptyEntries) ?? [];
        var numbers = new double[words.Length];
        for (int i = 0; i < words.Length; i++)
            if (!double.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !double.IsFinite(numbers[i])) return null;
        return numbers.Length > 0 ? numbers : null;
    }
}
