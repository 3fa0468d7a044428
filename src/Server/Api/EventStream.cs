using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SemanticSam.Server.Api;

/// <summary>Writes events as they come: one JSON object a line, or server-sent events where the client asks for them.</summary>
internal sealed class EventStream
{
    private readonly HttpResponse _response;
    private readonly bool _serverSent;

    public EventStream(HttpContext context)
    {
        _response = context.Response;
        _serverSent = context.Request.Headers.Accept.Any(a => a?.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) == true);
        _response.ContentType = _serverSent ? "text/event-stream" : "application/x-ndjson";
        _response.Headers.CacheControl = "no-store";
        _response.Headers["X-Accel-Buffering"] = "no"; // proxies hold streams back otherwise
    }

    /// <summary>Writes an event and sends it.</summary>
    /// <param name="kind">Its kind; also its key "event".</param>
    /// <param name="data">The rest of it.</param>
    /// <param name="cancellation">The client gave up.</param>
    public async Task Send(string kind, JsonObject data, CancellationToken cancellation)
    {
        data.Insert(0, "event", kind);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(data, Json.Options);
        byte[] line = _serverSent ? [.. System.Text.Encoding.UTF8.GetBytes($"event: {kind}\ndata: "), .. json, (byte)'\n', (byte)'\n'] : [.. json, (byte)'\n'];
        await _response.Body.WriteAsync(line, cancellation).ConfigureAwait(false);
        await _response.Body.FlushAsync(cancellation).ConfigureAwait(false);
    }
}
