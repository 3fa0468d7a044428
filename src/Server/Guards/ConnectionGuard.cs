using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Server.Guards;

/// <summary>
/// So many connections at once for each address. A connection costs nothing to open and may rest for minutes, so without this one caller could hold all
/// that the server takes, and nobody else would get in to be told so.
/// </summary>
internal sealed class ConnectionGuard(int mostOfOne, ServerMetrics metrics)
{
    private readonly ConcurrentDictionary<IPAddress, int> _open = new();

    /// <summary>Lets a connection in, or ends it at once.</summary>
    public ConnectionDelegate Check(ConnectionDelegate next) => async connection =>
    {
        var caller = Caller(connection.RemoteEndPoint);
        try
        {
            if (_open.AddOrUpdate(caller, 1, (_, n) => n + 1) > mostOfOne)
            {
                metrics.Refused("connections");
                connection.Abort();
                return;
            }
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            if (_open.AddOrUpdate(caller, 0, (_, n) => n - 1) == 0) _open.TryRemove(new(caller, 0)); // unless another has come in the meantime
        }
    };

    /// <summary>Of IPv6 the network, since each machine has a whole one to itself: 64 bits of addresses.</summary>
    private static IPAddress Caller(EndPoint? end)
    {
        if (end is not IPEndPoint { Address: var address }) return IPAddress.None;
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6) return address;
        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new(bytes);
    }
}
