using System.Globalization;
using SemanticSam.Formats.Json;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Cvat;

/// <summary>The fields of an annotation as CVAT's attributes: name and text. Attributes of other names are the annotators' own and left alone.</summary>
internal static class CvatAttributes
{
    /// <summary>All names, as the labels of a task declare them.</summary>
    public static readonly string[] Names =
    [
        "id", "parent", "iscrowd", "whole", "whole_score", "part", "part_score", "supercategory", "level", "granularity", "score", "predicted_iou",
        "stability_score", "point_coords", "crop_box", "prompt", "group", "weak", "derived", "kind",
    ];

    /// <summary>What there is to say.</summary>
    public static IEnumerable<(string Name, string Value)> Of(Annotation a)
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
    /// <exception cref="AnnotationFileException">A value is not what its name promises.</exception>
    public static Annotation Read(IReadOnlyDictionary<string, string> values, Annotation a, string label, Func<string, AnnotationFileException> bad)
    {
        string? Get(string key) => values.TryGetValue(key, out string? value) && value.Length > 0 ? value : null;
        long? Integer(string key) =>
            Get(key) is not { } v ? null
                : long.TryParse(v, NumberStyles.Integer, CultureInfo.InvariantCulture, out long n) ? n
                : throw bad($"attribute {key} is '{v}', a whole number is expected");
        int? Int(string key) => Integer(key) switch
        {
            null => null,
            >= int.MinValue and <= int.MaxValue and { } n => (int)n,
            { } n => throw bad($"attribute {key} is {n}; it has to be a whole number of 32 bits"),
        };
        float? Number(string key) =>
            Get(key) is not { } v ? null
                : float.TryParse(v, NumberStyles.Float, CultureInfo.InvariantCulture, out float n) && float.IsFinite(n) ? n
                : throw bad($"attribute {key} is '{v}', a number is expected");
        bool Flag(string key) => Get(key)?.ToLowerInvariant() is "1" or "true";
        double[]? Numbers(string key, int count) => Get(key) is not { } v ? null
            : CvatNumbers.TryParse(v, out double[] n) && n.Length == count ? n : throw bad($"attribute {key} is '{v}', {count} numbers are expected");

        if (Get("level") is { } role && AnnotationFields.RoleOf(role) is { } known) a = a with { Role = known };
        if (Get("granularity") is { } level)
        {
            try
            {
                a = a with { Level = GranularityMap.Parse(level) };
            }
            catch (FormatException e)
            {
                throw bad(e.Message.TrimEnd('.'));
            }
        }
        var named = a with
        {
            Id = Integer("id"), Parent = Integer("parent"), IsCrowd = Flag("iscrowd"), Supercategory = Get("supercategory"), Score = Number("score"),
            Part = Get("part") is { } part ? new(part, Number("part_score")) : null,
            PredictedIou = Number("predicted_iou"), StabilityScore = Number("stability_score"), Prompt = Int("prompt"), Group = Int("group") ?? a.Group,
            Point = Numbers("point_coords", 2) is [var x, var y] ? (x, y) : null, CropBox = Numbers("crop_box", 4) is [var cx, var cy, var cw, var ch] ? (cx, cy, cw, ch) : null,
            IsWeak = Flag("weak"), IsDerived = Flag("derived"), Kind = Get("kind"),
        };
        var whole = Get("whole") is { } text ? new AnnotationName(text) : named.Part is null ? PlainNames.Read(label) : null;
        named = named with { Whole = whole is { } w ? w with { Score = Number("whole_score") } : null };
        return PlainNames.Reconcile(named, label);
    }

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
}
