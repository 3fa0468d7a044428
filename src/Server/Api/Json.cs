using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace SemanticSam.Server.Api;

/// <summary>How the server's own interface reads and writes JSON: snake_case names, and nothing that it does not know.</summary>
internal static class Json
{
    public static JsonSerializerOptions Options { get; } = Set(new());

    public static JsonSerializerOptions Set(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.RespectNullableAnnotations = true;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.MaxDepth = 16;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping; // answers are JSON and never stand in a page
        return options;
    }

    /// <exception cref="ApiException">Not JSON, or not of this form; the message says where.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(utf8, Options) ?? throw ApiException.Bad("The body is null; a JSON object is expected.");
        }
        catch (JsonException e)
        {
            throw ApiException.Bad(Plain(e));
        }
    }

    /// <exception cref="ApiException">Not a JSON object.</exception>
    public static JsonObject Object(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: new() { MaxDepth = 16 }) as JsonObject ?? throw ApiException.Bad("A JSON object is expected.");
        }
        catch (JsonException e)
        {
            throw ApiException.Bad(Plain(e));
        }
        catch (ArgumentException) // a key twice
        {
            throw ApiException.Bad("A key of the JSON object stands in it twice.");
        }
    }

    private static string Plain(JsonException e)
    {
        if (e.InnerException is JsonException or InvalidOperationException) return $"The body is not valid JSON: {e.InnerException.Message}";
        string message = e.Message.Split(" Path: ")[0];
        if (message.Contains("could not be mapped", StringComparison.Ordinal)
            ) return $"{Place(e, "The body")} has a key that is not known; the OpenAPI description lists them.";
        if (message.Contains("missing required", StringComparison.Ordinal)
            ) return $"{Place(e, "The body")} lacks a key that is required; the OpenAPI description lists them.";
        if (message.Contains("could not be converted", StringComparison.Ordinal)) return $"{Place(e, "The body")} has a value of the wrong kind.";
        return $"{Place(e, "The body")}: {message}";
    }

    private static string Place(JsonException e, string otherwise) => e.Path is { Length: > 2 } path ? $"'{path[2..]}'" : otherwise;
}
