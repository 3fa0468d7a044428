using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SemanticSam.Foundation;

namespace SemanticSam.Server.Api;

/// <summary>How the server's own interface reads and writes JSON: snake_case names, and nothing that it does not know.</summary>
internal static class Json
{
    private const string NoText = "The part 'request' has a text that is no valid Unicode (half a surrogate pair).";

    public static JsonSerializerOptions Options { get; } = Set(new());

    public static JsonSerializerOptions Set(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.RespectNullableAnnotations = true;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.MaxDepth = 16;
        options.AllowDuplicateProperties = false; // or the last of them would be answered, and the others passed over
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping; // answers are JSON and never stand in a page
        return options;
    }

    /// <exception cref="ApiException">Not JSON, or not of this form; the message says where.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(WithoutMark(utf8), Options) ?? throw ApiException.Bad("The body is null; a JSON object is expected.");
        }
        catch (JsonException e)
        {
            throw ApiException.Bad(Plain(e));
        }
    }

    /// <exception cref="ApiException">Not a JSON object.</exception>
    public static JsonObject Object(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonNode.Parse(WithoutMark(utf8), documentOptions: new() { MaxDepth = 16, AllowDuplicateProperties = false }) as JsonObject
                ?? throw ApiException.Bad("A JSON object is expected.");
        }
        catch (JsonException e)
        {
            throw ApiException.Bad($"The part 'request' is not valid JSON: {JsonMessage.Of(e)}.");
        }
        catch (InvalidOperationException) // the name of an entry, when entries are compared
        {
            throw ApiException.Bad(NoText);
        }
    }

    /// <exception cref="ApiException">The object is not of this form; or a text in it is no Unicode.</exception>
    public static T Read<T>(JsonObject json) where T : class
    {
        byte[] utf8;
        try
        {
            utf8 = JsonSerializer.SerializeToUtf8Bytes(json);
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException) // half a surrogate pair is kept as it came, and cannot be written
        {
            throw ApiException.Bad(NoText);
        }
        return Read<T>(utf8);
    }

    /// <summary>Without the mark of byte order that some programs of Windows put before every text.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> utf8) => utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;

    private static string Plain(JsonException e)
    {
        string message = e.Message;
        if (e.InnerException is InvalidOperationException) return $"{Place(e, "The body")} has a text that is no valid Unicode (half a surrogate pair).";
        if (message.Contains("could not be mapped", StringComparison.Ordinal))
            return $"{Place(e, "The body")} has a key that is not known; the OpenAPI description lists them.";
        if (message.Contains("missing required", StringComparison.Ordinal))
            return $"{Place(e, "The body")} lacks a key that is required ({JsonMessage.Of(e)}); the OpenAPI description lists them.";
        if (message.Contains("could not be converted", StringComparison.Ordinal)) return $"{Place(e, "The body")} has a value of the wrong kind.";
        if (message.Contains("setting null", StringComparison.Ordinal)) return $"{Place(e, "The body")} is null; leave it out, or give it a value.";
        // What a converter of ours says of a value; the parser's own words have an inner exception, or speak of keys.
        if (e.InnerException is null && !message.Contains("uplicate", StringComparison.Ordinal))
            return $"{Place(e, "The body")}: {message.Split(" Path: ")[0]}";
        return $"The body is not valid JSON: {JsonMessage.Of(e)}.";
    }

    private static string Place(JsonException e, string otherwise) => e.Path is { Length: > 2 } path ? $"'{path[2..]}'" : otherwise;
}
