using System.Net;
using System.Net.Sockets;

namespace SemanticSam.Server.Images;

/// <summary>
/// Images by URL: only from hosts that were listed, and never from an address that is not public, whatever the host's name resolves to at the moment of
/// the connection. Redirects are followed by the same rules.
/// </summary>
internal sealed class UrlImages : IDisposable
{
    private const int MostRedirects = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly IReadOnlyList<string> _hosts;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly Func<IPAddress, bool> _isPublic;
    private readonly HttpClient _client;

    public UrlImages(IReadOnlyList<string> hosts) : this(hosts, Dns.GetHostAddressesAsync, PublicAddresses.Contain)
    {
    }

    /// <summary>For tests: with names and rules of their own.</summary>
    internal UrlImages(IReadOnlyList<string> hosts, Func<string, CancellationToken, Task<IPAddress[]>> resolve, Func<IPAddress, bool> isPublic)
    {
        (_hosts, _resolve, _isPublic) = (hosts, resolve, isPublic);
        _client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5), ConnectCallback = Connect,
            MaxResponseHeadersLength = 32,
        }) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Fetches an image.</summary>
    /// <param name="address">Its URL.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <param name="cancellation">The client gave up.</param>
    /// <exception cref="RefusedException">It is not fetched, or what came is not a success or too large.</exception>
    public async Task<byte[]> Fetch(string address, long most, CancellationToken cancellation)
    {
        if (_hosts.Count == 0) throw new RefusedException("urls_refused", "This server fetches no images: send the image itself.");
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(Patience);
        try
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)) throw new RefusedException("url_refused", "The image's URL is not one.");
            for (int hop = 0; hop <= MostRedirects; hop++)
            {
                Check(uri);
                using var response = await _client.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, time.Token).ConfigureAwait(false);
                if ((int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } location) uri = new(uri, location);
                else return await Body(response, most, time.Token).ConfigureAwait(false);
            }
            throw new RefusedException("url_refused", $"The image's URL leads on more than {MostRedirects} times.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new RefusedException("url_failed", $"The image did not come within {Patience.TotalSeconds:0} seconds.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or UriFormatException)
        {
            // What exactly failed would tell about the network behind the server.
            throw e.InnerException as RefusedException ?? new RefusedException("url_failed", "The image could not be fetched from its host.");
        }
    }

    /// <summary>The body of an answer that is a success and not too large.</summary>
    /// <exception cref="RefusedException">It is not.</exception>
    internal static async Task<byte[]> Body(HttpResponseMessage response, long most, CancellationToken cancellation)
    {
        if (!response.IsSuccessStatusCode) throw new RefusedException("url_failed", $"The image's host answered {(int)response.StatusCode}.");
        if (response.Content.Headers.ContentLength > most) throw TooLarge(most);
        using var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var body = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int read; (read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            if (body.Length + read > most) throw TooLarge(most);
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }

    private static RefusedException TooLarge(long most) => new("url_failed", $"The image has more than {most} bytes.");

    private void Check(Uri uri)
    {
        if (uri.Scheme is not ("http" or "https")) throw new RefusedException("url_refused", "Images are fetched over http and https alone.");
        if (uri.UserInfo.Length > 0) throw new RefusedException("url_refused", "A URL with a password in it is not fetched.");
        bool listed = uri.IsDefaultPort && _hosts.Any(h => Matches(uri.IdnHost, h));
        if (!listed) throw new RefusedException("url_refused", "This server fetches no images from that host.");
    }

    private static bool Matches(string host, string rule) => rule.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(rule[1..], StringComparison.OrdinalIgnoreCase)
        : host.Equals(rule, StringComparison.OrdinalIgnoreCase);

    /// <summary>Resolves the host once, and connects to what was checked: a name that answers differently a second time gains nothing.</summary>
    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var addresses = await _resolve(context.DnsEndPoint.Host, cancellation).ConfigureAwait(false);
        if (addresses.Length == 0 || !addresses.All(_isPublic)) throw new RefusedException("url_refused", "This server fetches no images from that host.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _client.Dispose();
}
