using System.Globalization;
using SemanticSam.Formats.Json;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Cvat;

/// <summary>
/// The fields of an annotation as CVAT's attributes: name and text. Names begin with a mark; attributes without it are the annotators' own and left
/// alone, whatever they are called.
/// </summary>
internal static class CvatAttributes
{
    /// <summary>What the names of our attributes begin with.</summary>
    public const string Mark = "semsam_";

    /// <summary>What there is to say.</summary>
    public static IEnumerable<(string Name, string Value)> Of(Annotation a) => Fields(a).Select(f => (Mark + f.Name, f.Value));

    private static IEnumerable<(string Name, string Value)> Fields(Annotation a)
    {
        if (a.Id is { } id) yield return ("id", Text(id));
        if (a.Parent is { } parent) yield return ("parent", Text(parent));
        if (a.IsCrowd) yield return ("iscrowd", "1");
        // The label says it already, unless it is made of two names, or has a score.
        if (a.Part is not null && a.Whole is { } w) yield return ("whole", w.Name);
        if (a.Whole?.Score is { } ws) yield return ("whole_score", Text(ws));
        if (a.Part is { } part) yield return ("part", part.Name);
        if (a.Part?.Score is { } ps) yield return ("part_score", Text(ps));
        if (a.Supercategory is { } family) yield return ("supercategory", family);
        if (a.Role is { } role) yield return ("level", AnnotationFields.Name(role));
        if (a.Level is { } level) yield return ("granularity", GranularityMap.Name(level));
        if (a.Score is { } score) yield return ("score", Text(score));
        if (a.PredictedIou is { } iou) yield return ("predicted_iou", Text(iou));
        if (a.StabilityScore is { } stability) yield return ("stability_score", Text(stability));
        if (a.Point is { } p) yield return ("point_coords", $"{Text(p.X)},{Text(p.Y)}");
        if (a.CropBox is { } c) yield return ("crop_box", $"{Text(c.X)},{Text(c.Y)},{Text(c.Width)},{Text(c.Height)}");
        if (a.Prompt is { } prompt) yield return ("prompt", Text(prompt));
        if (a.Group is { } group) yield return ("group", Text(group));
        if (a.IsWeak) yield return ("weak", "1");
        if (a.IsDerived) yield return ("derived", "1");
        if (a.Kind is { } kind) yield return ("kind", kind);
    }

    /// <summary>The annotation with what its attributes say.</summary>
    /// <param name="values">All attributes of the shape.</param>
    /// <param name="a">What is known of it.</param>
    /// <param name="label">Its label.</param>
    /// <param name="wrong">Told of a value that is not what its name promises: name, value, and what is expected.</param>
    public static Annotation Read(IReadOnlyDictionary<string, string> values, Annotation a, string label, Action<string> wrong)
    {
        string? Get(string key) => values.TryGetValue(Mark + key, out string? value) && value.Length > 0 ? value : null;
        T? Value<T>(string key, Func<string, T?> parse, string expected) where T : struct
        {
            if (Get(key) is not { } text) return null;
            if (parse(text) is { } value) return value;
            wrong($"attribute {Mark}{key} is '{text}', {expected} is expected");
            return null;
        }
        long? Integer(string key) => Value<long>(key, v => long.TryParse(v, NumberStyles.Integer, CultureInfo.InvariantCulture, out long n) ? n
            : null, "a whole number");
        int? Int(string key) => Value<int>(key, v => int.TryParse(v, NumberStyles.Integer, CultureInfo.InvariantCulture, out int n) ? n : null,
            "a whole number of 32 bits");
        float? Number(string key) =>
            Value<float>(key, v => float.TryParse(v, NumberStyles.Float, CultureInfo.InvariantCulture, out float n)
                && float.IsFinite(n) ? n : null, "a number");
        bool Flag(string key) => Get(key)?.ToLowerInvariant() is "1" or "true";
        double[]? Numbers(string key, int count)
        {
            if (Get(key) is not { } v) return null;
            if (CvatNumbers.TryParse(v, out double[] n) && n.Length == count) return n;
            wrong($"attribute {Mark}{key} is '{v}', {count} numbers are expected");
            return null;
        }

        var named = a with
        {
            Role = Value("level", AnnotationFields.RoleOf, "whole, part, stuff or region") ?? a.Role,
            Level = Value("granularity", AnnotationFields.LevelOf, "one of the six levels"),
            Id = Integer("id"), Parent = Integer("parent"), IsCrowd = Flag("iscrowd"), Supercategory = Get("supercategory"), Score = Number("score"),
            Part = Get("part") is { } part ? new(part, Number("part_score")) : null,
            PredictedIou = Number("predicted_iou"), StabilityScore = Number("stability_score"), Prompt = Int("prompt"), Group = Int("group") ?? a.Group,
            Point = Numbers("point_coords", 2) is [var x, var y] ? (x, y) : null, CropBox = Numbers("crop_box", 4) is [var cx, var cy, var cw, var ch]
                ? (cx, cy, cw, ch) : null,
            IsWeak = Flag("weak"), IsDerived = Flag("derived"), Kind = Get("kind"),
        };
        var whole = Get("whole") is { } name ? new AnnotationName(name) : named.Part is null ? PlainNames.Read(label) : null;
        named = named with { Whole = whole is { } w ? w with { Score = Number("whole_score") } : null };
        return PlainNames.Reconcile(named, label);
    }

    /// <summary>Whether a shape has attributes of ours.</summary>
    public static bool Any(IReadOnlyDictionary<string, string> values) => values.Keys.Any(k => k.StartsWith(Mark, StringComparison.Ordinal));

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>Lists of numbers with commas in CVAT's attributes.</summary>
internal static class CvatNumbers
{
    public static bool TryParse(string text, out double[] numbers)
    {
        string[] words = text.Split(',');
        numbers = new double[words.Length];
        for (int i = 0; i < words.Length; i++)
            if (!double.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !double.IsFinite(numbers[i])) return false;
        return true;
    }

    /// <summary>A number whose decimals stand behind a comma, as in "10,5"; null where it is none.</summary>
    public static double? WithComma(string text) => text.Split(',') is [var whole, var decimals] ? Joined(whole, decimals) : null;

    /// <summary>Two of them with a comma between, as in "10,5,20,25"; where one has no decimals nothing tells which.</summary>
    public static (double X, double Y)? PairWithCommas(string text) =>
        text.Split(',') is [var x, var xDecimals, var y, var yDecimals] && Joined(x, xDecimals) is { } first && Joined(y, yDecimals) is { } second
            ? (first, second) : null;

    private static double? Joined(string whole, string decimals) =>
        decimals.Length > 0 && decimals.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0 && whole.AsSpan().TrimStart('-').IndexOfAnyExceptInRange('0', '9') < 0
        && double.TryParse($"{whole}.{decimals}", NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
}
