using System.Text.Json;
using System.Text.Json.Serialization;
using ModelContextProtocol.Protocol;

namespace SemanticSam.Server.Mcp;

/// <summary>Answers of tools: JSON as a structure and, for clients that know only text, as text; then images.</summary>
internal static class McpResults
{
    /// <summary>How tools read and write JSON: as the HTTP interface does, levels and choices by name.</summary>
    public static JsonSerializerOptions Json { get; } = Make();

    public static CallToolResult Of<T>(T answer, byte[]? png = null)
    {
        var json = JsonSerializer.SerializeToElement(answer, Json);
        var content = new List<ContentBlock> { new TextContentBlock { Text = json.GetRawText() } };
        if (png is not null) content.Add(ImageContentBlock.FromBytes(png, "image/png"));
        return new() { StructuredContent = json, Content = content };
    }

    public static CallToolResult Problem(string code, string detail) =>
        new() { IsError = true, Content = [new TextContentBlock { Text = $"{code}: {detail}" }] };

    private static JsonSerializerOptions Make()
    {
        var options = Api.Json.Set(new(JsonSerializerOptions.Default));
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        options.MakeReadOnly();
        return options;
    }
}
