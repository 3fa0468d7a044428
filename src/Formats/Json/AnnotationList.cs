using System.Text.Json;

namespace SemanticSam.Formats.Json;

/// <summary>The annotations of a file that holds those of one image.</summary>
internal static class AnnotationList
{
    /// <summary>Reads the list under a key; what is bad is reported and left out.</summary>
    public static List<T> Read<T>(JsonValues values, string file, Func<JsonValues, T> read, FormatReport report, string key = "annotations")
    {
        var annotations = new List<T>();
        int index = -1;
        foreach (JsonElement element in values.List(key).EnumerateArray())
        {
            index++;
            if (report.TryRead(() =>
            {
                var v = new JsonValues(element, file, $"{(values.Place.Length == 0 ? "" : values.Place + ", ")}{key}[{index}]");
                if (key == "annotations" && v.Has("id", out _)) v = new(element, file, $"annotation {v.OptionalInteger("id")}");
                return read(v);
            }, out var annotation)) annotations.Add(annotation);
        }
        return annotations;
    }
}
