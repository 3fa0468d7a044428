using Microsoft.AspNetCore.Http;
using SemanticSam.Server.Api;
using SemanticSam.Server.Inference;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Server.Guards;

/// <summary>
/// Bounds what bodies take in memory altogether: each may be large, but not all at the same time. What has come is counted, not what was announced, or a
/// few clients that announce much and send little would keep out all others; and none may take for ever, or those that send slowly would.
/// </summary>
internal sealed class BodyGuard(ServerOptions options, ServerMetrics metrics)
{
    private long _taken;

    public async Task Check(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (IsPacked(request))
        {
            context.Response.Headers.AcceptEncoding = "identity";
            await Problems.Write(context, StatusCodes.Status415UnsupportedMediaType, "encoding_refused",
                "The body is compressed (Content-Encoding); send it as it is.").ConfigureAwait(false);
            return;
        }
        if (request.ContentLength > options.MaxBodyBytes)
        {
            metrics.Refused("body_too_large");
            await Problems.Write(context, StatusCodes.Status413PayloadTooLarge, "body_too_large",
                $"The body has {request.ContentLength} bytes; at most {options.MaxBodyBytes} are taken.").ConfigureAwait(false);
            return;
        }
        // What has no room now is refused before it is sent.
        if (request.ContentLength is { } announced && Interlocked.Read(ref _taken) + announced > options.MaxBodyBytesAtOnce) throw Full();
        long taken = 0;
        request.Body = new CountedBody(request.Body, Take, Check);
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Add(ref _taken, -taken);
        }

        void Take(int bytes)
        {
            taken += bytes;
            if (Interlocked.Add(ref _taken, bytes) > options.MaxBodyBytesAtOnce) throw Full();
        }

        void Check(TimeSpan time)
        {
            if (time > options.BodyTime)
                throw new ApiException(StatusCodes.Status408RequestTimeout, "body_too_slow",
                    $"The body took longer than {options.BodyTime.TotalSeconds:0} seconds.");
        }
    }

    /// <summary>Nothing is unpacked here, so that a small body cannot become a large one; and what is packed must not be taken for what it is not.</summary>
    private static bool IsPacked(HttpRequest request) =>
        request.Headers.ContentEncoding.Any(e => e is { Length: > 0 } && !e.Trim().Equals("identity", StringComparison.OrdinalIgnoreCase));

    private static BusyException Full() => new(1, "The server is reading as much as it takes on.");
}
