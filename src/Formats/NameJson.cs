using System.Globalization;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>
/// Names of classes as JSON: a list of them, or of objects with id and name; a map from number to name, or from name to number; or one of these under a key
/// of which such files are known.
/// </summary>
internal static class NameJson
{
    private static readonly string[] Keys = ["names", "id2label", "categories", "classes", "label2id"];
    private static readonly string[] NumberKeys = ["id", "index", "class_id", "value"];
    private static readonly string[] NameKeys = ["name", "label", "class"];

    /// <summary>The names; null where the text is no JSON.</summary>
    /// <exception cref="AnnotationFileException">It is JSON of something else, or damaged.</exception>
    public static SortedDictionary<int, string>? Read(string path, string text, FormatReport report)
    {
        string file = Path.GetFileName(path), start = text.TrimStart();
        bool isJson = Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase);
        if (!isJson && start is not ['{' or '[', ..]) return null;
        try
        {
            using var json = JsonDocument.Parse(text, JsonLeniency.Document);
            return Of(json.RootElement, file, report) ?? throw new AnnotationFileException(file, "",
                "it is JSON, but no list of names, nor a map of numbers and names such as {\"0\": \"background\", \"1\": \"road\"}");
        }
        catch (JsonException e) when (isJson || start.StartsWith("{\"", StringComparison.Ordinal) || start.StartsWith("[\"", StringComparison.Ordinal))
        {
            throw new AnnotationFileException(file, "", $"not valid JSON: {JsonMessage.Of(e)}", e);
        }
        catch (JsonException)
        {
            return null; // a name in brackets
        }
        catch (InvalidOperationException e) // half a pair of surrogates in a key
        {
            throw new AnnotationFileException(file, "", "not valid JSON: a key is no text", e);
        }
    }

    private static SortedDictionary<int, string>? Of(JsonElement value, string file, FormatReport report)
    {
        if (value.ValueKind == JsonValueKind.Array) return OfList(value, file, report);
        if (value.ValueKind != JsonValueKind.Object) return null;
        foreach (string key in Keys)
            if (value.TryGetProperty(key, out var inner) && inner.ValueKind is JsonValueKind.Array or JsonValueKind.Object) return Of(inner, file, report);
        var names = new SortedDictionary<int, string>();
        var all = value.EnumerateObject().ToList();
        bool byNumber = all.Count > 0 && all.All(p => p.Value.ValueKind == JsonValueKind.String && IsNumber(p.Name));
        bool byName = all.Count > 0 && !byNumber && all.All(p => NumberOf(p.Value) is not null);
        if (!byNumber && !byName) return null;
        foreach (var p in all)
            if (byNumber) NameTables.Add(names, p.Name, JsonValues.AsText(p.Value) ?? "", file, report);
            else NameTables.Add(names, NumberOf(p.Value)!, p.Name, file, report);
        return names;
    }

    private static SortedDictionary<int, string>? OfList(JsonElement list, string file, FormatReport report)
    {
        var names = new SortedDictionary<int, string>();
        foreach (var item in list.EnumerateArray())
        {
            bool isObject = item.ValueKind == JsonValueKind.Object;
            if ((isObject ? Get(item, NameKeys) : item) is not { ValueKind: JsonValueKind.String } text || JsonValues.AsText(text) is not { } name) return null;
            string? number = isObject && Get(item, NumberKeys) is { } id ? NumberOf(id) : null;
            NameTables.Add(names, number ?? names.Count.ToString(CultureInfo.InvariantCulture), name, file, report);
        }
        return names.Count > 0 ? names : null;
    }

    private static JsonElement? Get(JsonElement item, string[] keys)
    {
        foreach (string key in keys)
            if (item.TryGetProperty(key, out var value)) return value;
        return null;
    }

    private static string? NumberOf(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 0
        ? number.ToString(CultureInfo.InvariantCulture)
        : value.ValueKind == JsonValueKind.String && JsonValues.AsText(value) is { } text && IsNumber(text) ? text : null;

    private static bool IsNumber(string text) => text.Length is > 0 and < 10 && text.All(char.IsAsciiDigit);
}
