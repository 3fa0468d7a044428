using System.Globalization;

namespace SemanticSam.Formats.Coco;

/// <summary>
/// Categories of scripts that write names and no objects: {"1": "car"}, {"car": 1} or ["car", "wheel"]. In a list nothing but the annotations tells whether
/// the first name has the number 0 or 1.
/// </summary>
internal static class CocoPlainCategories
{
    /// <summary>The categories, with numbers.</summary>
    /// <param name="index">The file that declares them.</param>
    /// <param name="used">The least and the largest number that annotations have.</param>
    /// <param name="report">Told what was assumed.</param>
    public static IEnumerable<AnnotationCategory> Of(CocoIndex index, (long Least, long Largest)? used, FormatReport report)
    {
        if (index.PlainCategories is not { Count: > 0 } plain) yield break;
        int first = used is { Least: <= 0 } || !(used is { } u && u.Largest >= plain.Count) && BackgroundNames.Contains(plain[0].Text) ? 0 : 1;
        if (plain[0].Key is null) report.Repaired(index.File, "categories", "they are names without numbers", $"they are counted from {first}");
        foreach (var (key, at, text) in plain)
        {
            if (key is null) yield return new(first + at, text);
            else if (IsNumber(key, out long id)) yield return new(id, text);
            else if (IsNumber(text, out id)) yield return new(id, key);
            else report.LeftOut(index.File, $"categories.{key}", $"neither its key nor its value '{text}' is a number");
        }
    }

    private static bool IsNumber(string text, out long number) => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out number);
}
