using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SemanticSam.Server.Api;

namespace SemanticSam.Server.Telemetry;

/// <summary>One line a request to the interface: method, route, status, time. No path, query, header or body, which may hold secrets.</summary>
internal sealed class RequestLog(ILogger<RequestLog> logger)
{
    public async Task Note(HttpContext context, RequestDelegate next)
    {
        long start = Stopwatch.GetTimestamp();
        await next(context).ConfigureAwait(false);
        if (!context.Request.Path.StartsWithSegments("/page"))
            logger.Answered(context.Request.Method, Problems.Route(context), context.Response.StatusCode,
                Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 1));
    }
}
