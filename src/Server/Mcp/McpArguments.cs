using System.Text.Json;
using SemanticSam.Foundation;

namespace SemanticSam.Server.Mcp;

/// <summary>
/// Arguments beside the schema of their tool, so that a caller learns which of them is wrong and what is allowed there. Only the words of JSON Schema that the
/// schemas of these tools have are understood: type, enum, items, properties, required, additionalProperties.
/// </summary>
internal static class McpArguments
{
    private static readonly IDictionary<string, JsonElement> None = new Dictionary<string, JsonElement>();

    /// <summary>Takes null for absent, as clients mean it that send every argument of a tool.</summary>
    public static void DropNulls(JsonElement schema, IDictionary<string, JsonElement>? given)
    {
        foreach (string name in given?.Where(a => a.Value.ValueKind == JsonValueKind.Null).Select(a => a.Key).ToArray() ?? [])
            if (!Required(schema).Contains(name)) given!.Remove(name);
    }

    /// <summary>What is wrong, in a sentence; null where nothing is.</summary>
    /// <param name="schema">The tool's.</param>
    /// <param name="given">The arguments.</param>
    public static string? Fault(JsonElement schema, IDictionary<string, JsonElement>? given)
    {
        given ??= None;
        if (!schema.TryGetProperty("properties", out var properties)) return null;
        foreach (string name in Required(schema))
            if (!given.ContainsKey(name)) return $"The argument '{name}' is missing; {Expected(properties.GetProperty(name))} is expected.";
        foreach (var (name, value) in given)
        {
            if (!properties.TryGetProperty(name, out var allowed))
                return $"There is no argument '{MessageText.OneLine(MessageText.Cut(name))}'; the tool has {Names(properties)}.";
            if (Wrong(name, value, allowed) is { } fault) return fault;
        }
        return null;
    }

    private static string[] Required(JsonElement schema) =>
        schema.TryGetProperty("required", out var names) ? [.. names.EnumerateArray().Select(n => n.GetString()!)] : [];

    private static string? Wrong(string place, JsonElement value, JsonElement schema)
    {
        if (!Types(schema).Any(t => Is(value, t)) || !IsChoice(value, schema)) return $"'{place}' is {Shown(value)}; {Expected(schema)} is expected.";
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
            return value.EnumerateArray().Select((item, i) => Wrong($"{place}[{i}]", item, items)).FirstOrDefault(f => f is not null);
        if (value.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties)) return null;
        foreach (var member in value.EnumerateObject())
            if (!properties.TryGetProperty(member.Name, out var allowed))
                return $"'{place}' has a key '{MessageText.OneLine(MessageText.Cut(member.Name))}'; it may have {Names(properties)}.";
            else if (Wrong($"{place}.{member.Name}", member.Value, allowed) is { } fault) return fault;
        return null;
    }

    private static string[] Types(JsonElement schema) => !schema.TryGetProperty("type", out var type) ? [""]
        : type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(t => t.GetString()!)] : [type.GetString()!];

    private static bool Is(JsonElement value, string type) => (type, value.ValueKind) switch
    {
        ("" or "null", JsonValueKind.Null) or ("string", JsonValueKind.String) or ("array", JsonValueKind.Array) or ("object", JsonValueKind.Object) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => value.TryGetInt32(out _),
        ("", _) => true,
        _ => false,
    };

    /// <summary>Names of choices are read in any case, and as one word.</summary>
    private static bool IsChoice(JsonElement value, JsonElement schema) => value.ValueKind != JsonValueKind.String || Choices(schema) is not { } choices
        || choices.Any(c => OneWord(c).Equals(OneWord(Text(value)), StringComparison.OrdinalIgnoreCase));

    private static string OneWord(string name) => name.Replace("_", "", StringComparison.Ordinal);

    private static string[]? Choices(JsonElement schema) => schema.TryGetProperty("enum", out var choices)
        ? [.. choices.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.String).Select(c => c.GetString()!)] : null;

    private static string Expected(JsonElement schema)
    {
        string kind = Choices(schema) is { } choices ? $"one of {string.Join(", ", choices)}" : Types(schema)[0] switch
        {
            "string" => "a text",
            "number" => "a number",
            "integer" => "a whole number",
            "boolean" => "true or false",
            "array" => "a list",
            "object" when schema.TryGetProperty("properties", out var properties) => $"an object with {Names(properties)}",
            _ => "another value",
        };
        return schema.TryGetProperty("description", out var description) ? $"{kind} ({description.GetString()!.TrimEnd('.')})" : kind;
    }

    private static string Names(JsonElement properties) => string.Join(", ", properties.EnumerateObject().Select(p => $"'{p.Name}'"));

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.String => $"the text '{MessageText.OneLine(MessageText.Cut(Text(value)))}'",
        JsonValueKind.Number => MessageText.Cut(value.GetRawText()),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array => "a list",
        _ => "an object",
    };

    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException) // half a surrogate pair
        {
            return value.GetRawText();
        }
    }
}
