using System.Net;
using System.Net.Sockets;
using System.Text;
using SemanticSam.Server.Images;

namespace SemanticSam.Tests.Server.Images;

/// <summary>Lines T11 to T13 of the threat model: fetching by URL. A host of the test's own answers on loopback.</summary>
public sealed class UrlImagesTests : IAsyncLifetime
{
    private readonly TcpListener _host = new(IPAddress.Loopback, 80);
    private readonly Dictionary<string, string> _answers = [];
    private int _connections;
    private bool _listens;

    public Task InitializeAsync()
    {
        try
        {
            _host.Start();
        }
        catch (SocketException)
        {
            return Task.CompletedTask; // ports below 1024 are not everyone's
        }
        _listens = true;
        _ = Task.Run(async () =>
        {
            while (true)
            {
                using var client = await _host.AcceptTcpClientAsync();
                Interlocked.Increment(ref _connections);
                var stream = client.GetStream();
                string path = (await new StreamReader(stream, Encoding.ASCII, leaveOpen: true).ReadLineAsync() ?? "").Split(' ').ElementAtOrDefault(1) ?? "";
                await stream.WriteAsync(Encoding.ASCII.GetBytes(_answers.GetValueOrDefault(path, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")));
                client.Client.Shutdown(SocketShutdown.Send);
            }
        });
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        _host.Stop();
        return Task.CompletedTask;
    }

    private static UrlImages Fetcher(string host, bool loopbackIsPublic = true, string resolvesTo = "127.0.0.1") =>
        new([host], (_, _) => Task.FromResult(new[] { IPAddress.Parse(resolvesTo) }), a => loopbackIsPublic || PublicAddresses.Contain(a));

    private static async Task Refused(UrlImages fetcher, string url, string code = "url_refused")
    {
        using (fetcher) Assert.Equal(code, (await Assert.ThrowsAsync<RefusedException>(() => fetcher.Fetch(url, 1000, CancellationToken.None))).Code);
    }

    [Theory]
    [InlineData("https://other.example.org/a.png")]
    [InlineData("http://images.example.org.evil.org/a.png")]
    [InlineData("http://images.example.org@evil.org/a.png")]
    [InlineData("http://user:password@images.example.org/a.png")]
    [InlineData("http://images.example.org:8080/a.png")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://images.example.org/a.png")]
    [InlineData("http://127.0.0.1/a.png")]
    [InlineData("images")]
    public async Task T11_Url_OfAHostThatIsNotListed_IsRefused(string url) => await Refused(Fetcher("images.example.org"), url);

    [Fact]
    public async Task T11_Url_BelowAListedName_IsThatNamesOnly()
    {
        await Refused(Fetcher("*.example.org"), "http://example.org/a.png");
        await Refused(Fetcher("*.example.org"), "http://notexample.org/a.png");
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("::ffff:192.168.1.1")]
    [InlineData("fd00::1")]
    [InlineData("2002:7f00:1::")]
    public async Task T12_Host_ThatLeadsToAPrivateAddress_IsRefused(string address)
    {
        await Refused(Fetcher("images.example.org", loopbackIsPublic: false, resolvesTo: address), "http://images.example.org/a.png");
        Assert.Equal(0, _connections);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("fe80::1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("::", false)]
    public void T12_Addresses_ThatArePublic(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddresses.Contain(IPAddress.Parse(address)));

    [SkippableFact]
    public async Task T13_Redirect_ElsewhereOrTooLarge_IsRefused()
    {
        Skip.IfNot(_listens, "port 80 of loopback cannot be listened on");
        _answers["/there"] = "HTTP/1.1 302 Found\r\nLocation: http://evil.example.org/\r\nContent-Length: 0\r\n\r\n";
        _answers["/file"] = "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n";
        _answers["/round"] = "HTTP/1.1 302 Found\r\nLocation: /round\r\nContent-Length: 0\r\n\r\n";
        _answers["/on"] = "HTTP/1.1 302 Found\r\nLocation: /here\r\nContent-Length: 0\r\n\r\n";
        _answers["/here"] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        _answers["/large"] = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + new string('x', 5000);
        _answers["/endless"] = "HTTP/1.1 200 OK\r\n\r\n" + new string('x', 5000);
        foreach (string path in new[] { "there", "file", "round" }) await Refused(Fetcher("images.example.org"), "http://images.example.org/" + path);
        foreach (string path in new[] { "large", "endless", "missing" }) await Refused(Fetcher("images.example.org"), "http://images.example.org/" + path,
            "url_failed");
        using var fetcher = Fetcher("images.example.org");
        Assert.Equal("hello"u8.ToArray(), await fetcher.Fetch("http://images.example.org/on", 1000, CancellationToken.None));
    }
}
