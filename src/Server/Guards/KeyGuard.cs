using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using SemanticSam.Server.Adapters;
using SemanticSam.Server.Api;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Server.Guards;

/// <summary>
/// Asks for a key where there are keys. Hashes of keys are compared, all of them and each in constant time, so that time tells neither how much of a guess
/// was right nor which key it was. The page's files and the health checks need none: they say nothing.
/// </summary>
internal sealed class KeyGuard(ServerOptions options, ServerMetrics metrics)
{
    private readonly byte[][] _hashes = [.. options.ApiKeys.Select(k => SHA256.HashData(Encoding.UTF8.GetBytes(k)))];

    public Task Check(HttpContext context, RequestDelegate next)
    {
        if (_hashes.Length == 0 || IsOpen(context.Request) || HttpMethods.IsOptions(context.Request.Method)) return next(context);
        var given = Given(context.Request);
        // The adapter asks again.
        if (given is not null ? IsKnown(given) : context.GetEndpoint()?.Metadata.GetMetadata<KeyInBody>() is not null) return next(context);
        metrics.Refused("key");
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"semsam\"";
        return Problems.Write(context, StatusCodes.Status401Unauthorized, "key_needed",
            "An API key is needed: send it as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.");
    }

    /// <summary>For clients that send their key elsewhere than in the headers: asks for it where those had none.</summary>
    /// <exception cref="ApiException">It is none of the server's.</exception>
    public void Require(HttpContext context, string? key)
    {
        if (_hashes.Length == 0 || Given(context.Request) is not null || key is not null && IsKnown(key)) return;
        metrics.Refused("key");
        throw new ApiException(StatusCodes.Status401Unauthorized, "key_needed", "An API key is needed: in 'api_key', or as 'Authorization: Bearer KEY'.");
    }

    /// <summary>
    /// The key that a request shows; null where there is none. Beside our own ways there are those of tools that know only theirs: the password of HTTP Basic
    /// (Label Studio), the header Token (X-AnyLabeling).
    /// </summary>
    public static string? Given(HttpRequest request)
    {
        if (request.Headers["X-Api-Key"] is [{ Length: > 0 } plain]) return plain;
        if (request.Headers["Token"] is [{ Length: > 0 } token]) return token;
        if (request.Headers.Authorization is not [{ } text]) return null;
        if (text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return text[7..].Trim();
        if (!text.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return null;
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text[6..].Trim(), bytes, out int length)) return null;
        string pair = Encoding.UTF8.GetString(bytes, 0, length);
        return pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? pair[(colon + 1)..] : null;
    }

    /// <summary>Whether it is one of the server's. Nothing else compares keys.</summary>
    public bool IsKnown(string key)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        bool known = false;
        foreach (byte[] one in _hashes) known |= CryptographicOperations.FixedTimeEquals(one, hash);
        return known;
    }

    /// <summary>
    /// Everything is closed but looking at the page's own files and the health checks; what is sent to the same addresses is not: CVAT calls a function
    /// at "/".
    /// </summary>
    private static bool IsOpen(HttpRequest request) => (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && (request.Path == "/" || request.Path == "/healthz" || request.Path == "/readyz" || request.Path.StartsWithSegments("/page"));
}
