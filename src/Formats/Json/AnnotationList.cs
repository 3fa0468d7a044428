using System.Text.Json;
using SemanticSam.Formats.Shapes;

namespace SemanticSam.Formats.Json;

/// <summary>The annotations of a file that holds those of one image.</summary>
internal static class AnnotationList
{
    /// <summary>Reads the list under a key; what is bad is reported and left out. Without the key there are none.</summary>
    /// <param name="values">The file.</param>
    /// <param name="read">Reads one.</param>
    /// <param name="report">Told of what is bad.</param>
    /// <param name="key">Where they stand.</param>
    /// <param name="areMasksMade">Whether masks are made of what stands there, and count (<see cref="MaskBudget"/>); those of a PNG are in it already.</param>
    public static List<T> Read<T>(JsonValues values, Func<JsonValues, T> read, FormatReport report, string key = "annotations", bool areMasksMade = true)
    {
        if (!values.Has(key, out _) && !report.Refuses)
        {
            values.Repaired($"key '{key}' is missing", "the image is taken without annotations");
            return [];
        }
        return Read(values.List(key), values, read, report, key, areMasksMade);
    }

    /// <summary>As the other, from a list.</summary>
    public static List<T> Read<T>(JsonElement list, JsonValues of, Func<JsonValues, T> read, FormatReport report, string key, bool areMasksMade = true)
    {
        var annotations = new List<T>();
        var budget = new MaskBudget();
        int index = -1;
        foreach (JsonElement element in list.EnumerateArray())
        {
            index++;
            if (report.TryRead(() =>
            {
                var v = of.Of(element, $"{(of.Place.Length == 0 ? "" : of.Place + ", ")}{key}[{index}]");
                if (key == "annotations" && v.Has("id", out var id)) v = v.At($"annotation {JsonValues.Describe(id)}");
                return areMasksMade ? budget.Take(read(v), element, v.Bad) : read(v);
            }, out var annotation)) annotations.Add(annotation);
        }
        return annotations;
    }
}
