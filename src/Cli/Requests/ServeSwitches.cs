using System.CommandLine;
using System.Net;
using SemanticSam.Foundation;

namespace SemanticSam.Cli.Requests;

/// <summary>What <c>semsam serve</c> is asked; in terms of the command line, so that the server's library is not loaded to read them.</summary>
internal sealed record ServeRequest
{
    public required ModelRequest Model { get; init; }

    public required IPAddress Address { get; init; }

    public required int Port { get; init; }

    public required IReadOnlyList<string> ApiKeys { get; init; }

    public required IReadOnlyList<string> HostNames { get; init; }

    public required IReadOnlyList<string> Origins { get; init; }

    public required IReadOnlyList<string> UrlHosts { get; init; }

    public required IReadOnlyList<string> Folders { get; init; }

    public required IReadOnlyList<string> WritableFolders { get; init; }

    public int? QueueCapacity { get; init; }

    public int? CacheMegabytes { get; init; }

    public int? BodyMegabytes { get; init; }

    public int? Megapixels { get; init; }

    public int? RequestsPerSecond { get; init; }

    public required bool Page { get; init; }

    public required bool Quiet { get; init; }
}

/// <summary>The switches of <c>semsam serve</c>.</summary>
internal sealed class ServeSwitches
{
    private const long LargestKeyFile = 1 << 20;

    private const string KeyVariable = "SEMSAM_API_KEY";

    private readonly CommonOptions _common = new();
    private readonly Option<string> _address = new Option<string>("--address")
    {
        Description = $"Address to listen on. Beyond loopback a key is required ({KeyVariable} or --key-file).",
        DefaultValueFactory = _ => "127.0.0.1", HelpName = "IP",
    }.Check(text => IPAddress.TryParse(text, out var _) ? null : $"--address {text}: an IP address is expected, such as 127.0.0.1 or 0.0.0.0.");

    private readonly Option<int> _port = new("--port")
    {
        Description = "Port to listen on; 0 takes a free one.", DefaultValueFactory = _ => 8420, HelpName = "N",
    };
    private readonly Option<string?> _keyFile = new("--key-file") { Description = $"File with API keys, one a line. {KeyVariable} gives one, too.",
        HelpName = "FILE" };
    private readonly Option<string[]> _host = Many("--host", "Name under which the server may be addressed, beside localhost.", "NAME");
    private readonly Option<string[]> _origin = Many("--origin", "Origin of another site whose pages may call the server.", "ORIGIN");
    private readonly Option<string[]> _urls = Many("--allow-url-host", "Host from which images are fetched by URL; *.NAME for what lies below it.", "NAME");
    private readonly Option<string[]> _folders = Many("--allow-folder", "Folder below which images and annotations may be named by path.", "FOLDER");
    private readonly Option<string[]> _writable = Many("--allow-output", "Folder below which the MCP tool convert may write.", "FOLDER");
    private readonly Option<int?> _queue = new Option<int?>("--queue")
    {
        Description = "Requests that may wait. Default: 64.", HelpName = "N",
    }.Within(1, 100_000);
    private readonly Option<int?> _cache = new Option<int?>("--cache")
    {
        Description = "Megabytes of encoded images kept. Default: 1024.", HelpName = "MB",
    }.Within(1, 1 << 20);
    private readonly Option<int?> _body = new Option<int?>("--max-body")
    {
        Description = "Largest request in megabytes. Default: 64.", HelpName = "MB",
    }.Within(1, 512);
    private readonly Option<int?> _pixels = new Option<int?>("--max-pixels")
    {
        Description = "Largest image in megapixels. Default: 50.", HelpName = "MP",
    }.Within(1, 1000);
    private readonly Option<int?> _rate = new Option<int?>("--rate")
    {
        Description = "Requests a second of one key or address. Default: 100.", HelpName = "N",
    }.Within(1, 1_000_000);
    private readonly Option<bool> _noPage = new("--no-page") { Description = "Serve the interface alone." };

    private readonly Option<bool> _check = new("--check")
    {
        Description = "Ask the server that listens at --address and --port whether it is ready, and end: code 0 where it is. For health checks.",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _port, _address, _keyFile, _host, _origin, _queue, _rate, _noPage, _check }) command.Options.Add(option);
        AddLocalTo(command);
    }

    /// <summary>Those that have a meaning without HTTP.</summary>
    public void AddLocalTo(Command command)
    {
        foreach (var option in new Option[]
                 {
                     _urls, _folders, _writable, _cache, _body, _pixels, _common.Model, _common.Device, _common.Threads, _common.Quiet,
                 })
            command.Options.Add(option);
    }

    /// <summary>What <c>semsam mcp</c> is asked: its one caller started it.</summary>
    public ServeRequest ReadLocal(ParseResult parsed) => new()
    {
        Model = new(parsed.GetValue(_common.Model), parsed.GetValue(_common.Device)!.ToLowerInvariant(), parsed.GetValue(_common.Threads)),
        Address = IPAddress.Loopback,
        Port = 0,
        ApiKeys = [],
        HostNames = [],
        Origins = [],
        UrlHosts = parsed.GetValue(_urls) ?? [],
        Folders = parsed.GetValue(_folders) ?? [],
        WritableFolders = parsed.GetValue(_writable) ?? [],
        CacheMegabytes = parsed.GetValue(_cache),
        BodyMegabytes = parsed.GetValue(_body),
        Megapixels = parsed.GetValue(_pixels),
        Page = false,
        Quiet = parsed.GetValue(_common.Quiet),
    };

    public ServeRequest Read(ParseResult parsed) => ReadLocal(parsed) with
    {
        Address = IPAddress.Parse(parsed.GetValue(_address)!),
        Port = parsed.GetValue(_port),
        ApiKeys = Keys(parsed.GetValue(_keyFile)),
        HostNames = parsed.GetValue(_host) ?? [],
        Origins = parsed.GetValue(_origin) ?? [],
        QueueCapacity = parsed.GetValue(_queue),
        RequestsPerSecond = parsed.GetValue(_rate),
        Page = !parsed.GetValue(_noPage),
    };

    /// <summary>Where a running server is asked whether it is ready; null where one is to be started.</summary>
    public Uri? Checked(ParseResult parsed)
    {
        if (!parsed.GetValue(_check)) return null;
        var address = IPAddress.Parse(parsed.GetValue(_address)!);
        // What listens everywhere listens here.
        if (address.Equals(IPAddress.Any)) address = IPAddress.Loopback;
        if (address.Equals(IPAddress.IPv6Any)) address = IPAddress.IPv6Loopback;
        return new UriBuilder("http", address.ToString(), parsed.GetValue(_port), "/readyz").Uri;
    }

    /// <summary>Never on the command line, which every process of the machine can read.</summary>
    private static string[] Keys(string? file)
    {
        string? one = Environment.GetEnvironmentVariable(KeyVariable);
        string[] keys = file is null ? [] : [.. RegularFile.ReadLines(file, LargestKeyFile).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#')];
        if (file is not null && keys.Length == 0) throw new UsageException($"--key-file {file}: there is no key in it; one a line is expected.");
        return string.IsNullOrEmpty(one) ? keys : [.. keys, one];
    }

    private static Option<string[]> Many(string name, string description, string help) =>
        new(name) { Description = description + " May be repeated.", HelpName = help };
}
