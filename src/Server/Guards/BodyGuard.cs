using Microsoft.AspNetCore.Http;
using SemanticSam.Server.Api;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Server.Guards;

/// <summary>Bounds what bodies take in memory altogether: each may be large, but not all at the same time.</summary>
internal sealed class BodyGuard(ServerOptions options, ServerMetrics metrics)
{
    private long _taken;

    public async Task Check(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (request.ContentLength > options.MaxBodyBytes)
        {
            metrics.Refused("body_too_large");
            await Problems.Write(context, StatusCodes.Status413PayloadTooLarge, "body_too_large",
                $"The body has {request.ContentLength} bytes; at most {options.MaxBodyBytes} are taken.").ConfigureAwait(false);
            return;
        }
        // A body that does not say how long it is counts as the longest.
        long size = request.ContentLength ?? (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) ? 0 : options.MaxBodyBytes);
        if (Interlocked.Add(ref _taken, size) > options.MaxBodyBytesAtOnce)
        {
            Interlocked.Add(ref _taken, -size);
            metrics.Refused("bodies");
            context.Response.Headers.RetryAfter = "1";
            await Problems.Write(context, StatusCodes.Status429TooManyRequests, "busy", "The server is reading as much as it takes on.").ConfigureAwait(false);
            return;
        }
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Add(ref _taken, -size);
        }
    }
}
