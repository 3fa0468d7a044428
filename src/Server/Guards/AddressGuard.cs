using System.Net;
using Microsoft.AspNetCore.Http;
using SemanticSam.Server.Api;

namespace SemanticSam.Server.Guards;

/// <summary>
/// Refuses requests that were addressed to another name (DNS rebinding makes a foreign page's name point here), and those that pages of other sites send.
/// </summary>
internal sealed class AddressGuard(ServerOptions options)
{
    public Task Check(HttpContext context, RequestDelegate next)
    {
        if (!IsOurs(context.Request.Host.Host))
            return Problems.Write(context, StatusCodes.Status421MisdirectedRequest, "host_refused", "This server does not answer under that name.");
        return IsForeign(context.Request)
            ? Problems.Write(context, StatusCodes.Status403Forbidden, "origin_refused", "This server does not answer pages of that origin.")
            : next(context);
    }

    /// <summary>Loopback's names, names that were listed, and plain addresses, which no foreign page can be served from.</summary>
    private bool IsOurs(string host)
    {
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || options.HostNames.Contains(host, StringComparer.OrdinalIgnoreCase)) return true;
        return IPAddress.TryParse(host.Trim('[', ']'), out var address) && (IPAddress.IsLoopback(address) || !IPAddress.IsLoopback(options.Address));
    }

    /// <summary>
    /// The page's own origin. A proxy that ends TLS leaves name and port as they are and the scheme it hides: of one name and port there is but one server.
    /// </summary>
    private static bool IsOwn(string? origin, HostString host) => origin == $"https://{host}" || origin == $"http://{host}";

    private bool IsForeign(HttpRequest request)
    {
        if (request.Headers.Origin is [var origin, ..]) return !IsOwn(origin, request.Host) && !options.Origins.Contains(origin);
        // Images and scripts that a foreign page embeds carry no origin, but browsers say where they come from. A link that a person follows is fine.
        return request.Headers["Sec-Fetch-Site"] is ["cross-site" or "same-site"] && request.Headers["Sec-Fetch-Mode"] is not ["navigate"];
    }
}
