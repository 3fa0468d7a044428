using System.Text.Json;
using System.Text.Json.Nodes;

namespace SemanticSam.Foundation;

/// <summary>
/// Reads a user's file as a JSON object that is changed and written again. The tree of .NET is made bit by bit, when somebody looks at it, and only then
/// stumbles over a key that stands twice or a text that is no Unicode, with exceptions of other kinds: here all of it is looked at once.
/// </summary>
internal static class JsonTree
{
    /// <summary>Reads an object; a mark of byte order before it is passed over.</summary>
    /// <param name="utf8">The file.</param>
    /// <param name="ignoreCase">Whether keys that differ in case alone are one key.</param>
    /// <exception cref="JsonException">It is not JSON, no object, has a key twice, or a text that is no Unicode; for <see cref="JsonMessage.Of"/>.</exception>
    public static JsonObject Parse(ReadOnlySpan<byte> utf8, bool ignoreCase = false)
    {
        if (utf8.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        try
        {
            var options = new JsonNodeOptions { PropertyNameCaseInsensitive = ignoreCase };
            var root = JsonNode.Parse(utf8, options, new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject
                ?? throw new JsonException("it is no JSON object");
            Look(root);
            return root;
        }
        catch (InvalidOperationException e)
        {
            throw NoUnicode(e);
        }
    }

    /// <summary>The text under a key of an object, without looking at the rest; null where there is none.</summary>
    /// <exception cref="JsonException">It is not JSON, or a text that is looked at is no Unicode.</exception>
    public static string? TextOf(ReadOnlyMemory<byte> utf8, string key)
    {
        try
        {
            using var json = JsonDocument.Parse(utf8);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(key, out var value)
                && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException e)
        {
            throw NoUnicode(e);
        }
    }

    private static JsonException NoUnicode(InvalidOperationException e) => new("a text in it is no valid Unicode (half a surrogate pair)", e);

    private static void Look(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject entries:
                foreach (var (_, value) in Known(entries)) Look(value);
                break;
            case JsonArray items:
                foreach (var item in items) Look(item);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                _ = value.GetValue<string>();
                break;
        }
    }

    private static JsonObject Known(JsonObject entries)
    {
        try
        {
            _ = entries.Count; // makes the table of its keys
            return entries;
        }
        catch (ArgumentException e)
        {
            throw new JsonException("a key stands twice, once in other case", e);
        }
    }
}
