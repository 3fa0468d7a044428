using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
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
        if (_hashes.Length == 0 || IsOpen(context.Request.Path) || HttpMethods.IsOptions(context.Request.Method)) return next(context);
        if (Given(context.Request) is { } key && IsKnown(key)) return next(context);
        metrics.Refused("key");
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"semsam\"";
        return Problems.Write(context, StatusCodes.Status401Unauthorized, "key_needed", "An API key is needed: send it as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.");
    }

    /// <summary>The key that a request shows; null where there is none.</summary>
    public static string? Given(HttpRequest request)
    {
        if (request.Headers["X-Api-Key"] is [{ Length: > 0 } plain]) return plain;
        return request.Headers.Authorization is [{ } text] && text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? text[7..].Trim() : null;
    }

    private bool IsKnown(string key)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        bool known = false;
        foreach (byte[] one in _hashes) known |= CryptographicOperations.FixedTimeEquals(one, hash);
        return known;
    }

    /// <summary>Everything is closed but the page's own files and the health checks.</summary>
    private static bool IsOpen(PathString path) => path == "/" || path == "/healthz" || path == "/readyz" || path.StartsWithSegments("/page");
}
