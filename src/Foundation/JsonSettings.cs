using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SemanticSam.Foundation;

/// <summary>How JSON is written and read wherever objects are serialized: snake_case names, enums as names, text that stays readable.</summary>
internal static class JsonSettings
{
    /// <summary>For people and programs to read: indented.</summary>
    public static JsonSerializerOptions Indented { get; } = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>As <see cref="Indented"/>; what is null is left out.</summary>
    public static JsonSerializerOptions WithoutNull { get; } = new(Indented) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>For files of our own: what must be there must be there, and nothing else may be.</summary>
    public static JsonSerializerOptions Strict { get; } = new(WithoutNull)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>As <see cref="Indented"/>, in one line.</summary>
    public static JsonSerializerOptions OneLine { get; } = new(Indented) { WriteIndented = false };
}
