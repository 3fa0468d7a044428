using System.Net;

namespace SemanticSam.Server;

/// <summary>How a server listens, whom it answers and how much it takes on. The defaults let in this machine alone.</summary>
public sealed record ServerOptions
{
    /// <summary>The address to listen on. Beyond loopback, <see cref="ApiKeys"/> are required.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 takes a free one. 0 to 65535.</summary>
    public int Port { get; init; } = 8420;

    /// <summary>Keys of which a caller has to show one; each at least 16 characters. Empty: none is asked for, which only loopback allows.</summary>
    public IReadOnlyList<string> ApiKeys { get; init; } = [];

    /// <summary>Names under which the server may be addressed, beside loopback's and plain IP addresses: "segment.example.org".</summary>
    public IReadOnlyList<string> HostNames { get; init; } = [];

    /// <summary>Origins of other sites whose pages may call the server: "https://annotate.example.org". Empty: none.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary>Hosts from which images are fetched by URL: "images.example.org", or "*.example.org" for what lies below. Empty: URLs are refused.</summary>
    public IReadOnlyList<string> UrlHosts { get; init; } = [];

    /// <summary>Folders below which images may be named by path. Empty: paths are refused.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>Folders below which annotations may be written, by the tool "convert" of MCP. Empty: nothing is written.</summary>
    public IReadOnlyList<string> WritableFolders { get; init; } = [];

    /// <summary>Largest body of a request in bytes; at least 1024.</summary>
    public long MaxBodyBytes { get; init; } = 64L << 20;

    /// <summary>Bytes of bodies that are held at the same time; at least <see cref="MaxBodyBytes"/>.</summary>
    public long MaxBodyBytesAtOnce { get; init; } = 512L << 20;

    /// <summary>How long a body may take to come: the largest one at 200 kB/s or more.</summary>
    internal TimeSpan BodyTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a client may leave an answer lying before it has to take it at a certain rate; more than a second.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes a second at which a client has to take a stream, so that it does not keep others from theirs.</summary>
    internal double StreamRate { get; init; } = 64 << 10;

    /// <summary>Largest image, width times height, read from its header before anything is decoded; at least 2.</summary>
    public long MaxPixels { get; init; } = 50_000_000;

    /// <summary>Requests that may wait for the model; more are refused at once. At least 1.</summary>
    public int QueueCapacity { get; init; } = 64;

    /// <summary>Streams (everything mode, batches) that may run at the same time; at least 1.</summary>
    public int MaxStreams { get; init; } = 4;

    /// <summary>Bytes that encoded images may take in memory; the last used stay. At least 1 MiB. The image at work is kept whatever its size.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>Requests a second that one key (without keys: one address) may make over time; at least 1.</summary>
    public int RequestsPerSecond { get; init; } = 100;

    /// <summary>Whether the page is served.</summary>
    public bool Page { get; init; } = true;

    /// <summary>Whether code and kernels that the first answers need are made ready once the model is loaded.</summary>
    internal bool WarmsUp { get; init; } = true;

    /// <summary>How long what was taken on may take to finish when the server stops.</summary>
    public TimeSpan StoppingTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Refuses what is out of range or unsafe.</summary>
    /// <exception cref="ServerException">The message names the value and what is allowed.</exception>
    internal void Validate()
    {
        if (Port is < 0 or > 65535) throw new ServerException($"The port {Port} does not exist; allowed are 0 (a free one) to 65535.");
        if (!IPAddress.IsLoopback(Address) && ApiKeys.Count == 0)
            throw new ServerException($"Listening on {Address} lets other machines in, so an API key is required: give one of at least {ShortestKey} " +
                $"characters, or listen on 127.0.0.1.");
        if (ApiKeys.Any(k => k.Length < ShortestKey)) throw new ServerException(
            $"An API key is shorter than {ShortestKey} characters: it could be guessed. 'openssl rand -hex 24' makes a good one.");
        foreach (string origin in Origins)
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
                || uri.GetLeftPart(UriPartial.Authority) != origin)
                throw new ServerException($"The origin '{origin}' is not one: allowed are scheme, host and port alone, such as https://annotate.example.org.");
        foreach (string host in HostNames.Concat(UrlHosts.Select(h => h.StartsWith("*.", StringComparison.Ordinal) ? h[2..] : h)))
            if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
                throw new ServerException($"The host '{host}' is not the name of one: give it without scheme, port and path, such as images.example.org.");
        foreach (string folder in Folders)
            if (!Directory.Exists(folder)) throw new ServerException($"The folder '{folder}' does not exist: images cannot be taken from it.");
        foreach (string folder in WritableFolders)
            if (!Directory.Exists(folder)) throw new ServerException($"The folder '{folder}' does not exist: nothing can be written to it.");
        AtLeast(MaxBodyBytes, 1024, "bytes of a body");
        AtLeast(MaxBodyBytesAtOnce, MaxBodyBytes, "bytes of bodies at once");
        AtLeast(MaxPixels, 2, "pixels of an image");
        AtLeast(QueueCapacity, 1, "requests that wait");
        AtLeast(MaxStreams, 1, "streams at once");
        AtLeast(CacheBytes, 1 << 20, "bytes of encoded images");
        AtLeast(RequestsPerSecond, 1, "requests a second");

        static void AtLeast(long value, long least, string what)
        {
            if (value < least) throw new ServerException($"A limit of {value} {what} is too low: at least {least} is needed.");
        }
    }

    private const int ShortestKey = 16;

    /// <summary>All but the keys, which belong into no log.</summary>
    public override string ToString() => $"{Address}:{Port}, {ApiKeys.Count} keys";
}
