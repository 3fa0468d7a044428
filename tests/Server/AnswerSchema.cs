using System.Text.Json;
using System.Text.Json.Nodes;

namespace SemanticSam.Tests.Server;

/// <summary>Whether an answer is as its JSON schema says: types, required and unknown keys. Of formats and limits nothing is asked.</summary>
internal static class AnswerSchema
{
    /// <param name="schema">The schema.</param>
    /// <param name="value">The answer.</param>
    /// <param name="at">Where in the answer it stands.</param>
    /// <param name="document">What the schema's references are in; null where there are none.</param>
    public static void Conforms(JsonNode schema, JsonNode? value, string at, JsonNode? document = null)
    {
        if (Wrong(schema, value, at, document) is { } wrong) Assert.Fail(wrong);
    }

    private static string? Wrong(JsonNode schema, JsonNode? value, string at, JsonNode? document)
    {
        while ((string?)schema["$ref"] is { } reference) schema = reference[2..].Split('/').Aggregate(document!, (node, key) => node[key]!);
        if ((schema["anyOf"] ?? schema["oneOf"]) is JsonArray several)
        {
            string?[] each = [.. several.Select(s => Wrong(s!, value, at, document))];
            return each.Contains(null) ? null : each[^1];
        }
        string[] types = schema["type"] switch { JsonArray many => [.. many.Select(t => (string)t!)], { } one => [(string)one!], _ => [] };
        string own = value?.GetValueKind() switch
        {
            null => "null", JsonValueKind.Object => "object", JsonValueKind.Array => "array", JsonValueKind.String => "string",
            JsonValueKind.True or JsonValueKind.False => "boolean", _ => "number",
        };
        if (types.Length > 0 && !types.Contains(own) && !(own == "number" && types.Contains("integer")))
            return $"{at} is {own}, not {string.Join(" or ", types)}";
        if (value is JsonObject entries)
        {
            if ((schema["required"]?.AsArray() ?? []).Select(k => (string)k!).FirstOrDefault(k => !entries.ContainsKey(k)) is { } missing)
                return $"{at} has no '{missing}'";
            foreach (var (key, entry) in entries)
                if (schema["properties"]?[key] is { } known)
                {
                    if (Wrong(known, entry, $"{at}.{key}", document) is { } wrong) return wrong;
                }
                else if (schema["additionalProperties"] is JsonValue extra && !(bool)extra) return $"{at} has '{key}', which nobody promised";
        }
        if (value is JsonArray items && schema["items"] is { } item)
            return items.Select((v, i) => Wrong(item, v, $"{at}[{i}]", document)).FirstOrDefault(w => w is not null);
        return null;
    }
}
