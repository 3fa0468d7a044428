using System.Text.Json;

namespace SemanticSam.Formats.Json;

/// <summary>Keys of objects that hold others which are no valid text: half of a surrogate pair in a key must not cost what stands beside it.</summary>
internal static class JsonKeys
{
    /// <summary>The value of a key; the last, where it stands twice.</summary>
    public static bool TryGet(JsonElement element, string key, out JsonElement value)
    {
        try
        {
            return element.TryGetProperty(key, out value);
        }
        catch (InvalidOperationException)
        {
            value = default;
            bool found = false;
            foreach (var property in element.EnumerateObject())
                if (Is(property, key)) (found, value) = (true, property.Value);
            return found;
        }
    }

    private static bool Is(JsonProperty property, string key)
    {
        try
        {
            return property.NameEquals(key);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
