using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using SemanticSam.Engine;
using SemanticSam.Server;
using SemanticSam.Server.Images;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server;

/// <summary>A test for each line of the threat model in docs/server.md; each fails without its guard. No model is needed: it is never loaded here.</summary>
public sealed class ThreatModelTests
{
    private const string Key = "a-key-for-the-tests-0001", OtherKey = "a-key-for-the-tests-0002";

    private static readonly Func<SegmentationModel> NoModel = () => throw new InvalidDataException("there is no model in this test");

    private static Task<TestServer> Start(ServerOptions? options = null, Action<ILoggingBuilder>? logging = null) =>
        TestServer.Start(options ?? TestServer.Options, NoModel, logging);

    private static async Task<HttpResponseMessage> Get(TestServer server, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            if (name == "Host") request.Headers.Host = value;
            else request.Headers.TryAddWithoutValidation(name, value);
        return await server.Client.SendAsync(request);
    }

    [Fact]
    public async Task T01_Start_BeyondLoopbackWithoutKey_IsRefused()
    {
        var failure = await Assert.ThrowsAsync<ServerException>(() => Start(TestServer.Options with { Address = IPAddress.Any }));
        Assert.Contains("key", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ServerException>(() => Start(TestServer.Options with { ApiKeys = ["short"] }));
        await using var server = await Start(TestServer.Options with { Address = IPAddress.Any, ApiKeys = [Key] });
        Assert.True(new ServerOptions().Address.Equals(IPAddress.Loopback), "the default is this machine alone");
    }

    [Fact]
    public async Task T02_Environment_OpensNothing()
    {
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "http://0.0.0.0:0");
        try
        {
            await using var server = await Start();
            Assert.StartsWith("http://127.0.0.1:", Assert.Single(server.Server.Addresses), StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("ASPNETCORE_URLS", null);
        }
    }

    [Theory]
    [InlineData("X-Api-Key", Key, 200)]
    [InlineData("X-Api-Key", OtherKey, 200)]
    [InlineData("Authorization", "Bearer " + Key, 200)]
    [InlineData("X-Api-Key", Key + "0", 401)]
    [InlineData("X-Api-Key", "a-key-for-the-tests-000", 401)]
    [InlineData("Authorization", "Basic " + Key, 401)]
    [InlineData("X-Nothing", "", 401)]
    public async Task T03_Interface_WithKeys_AsksForOne(string header, string value, int status)
    {
        await using var server = await Start(TestServer.Options with { ApiKeys = [Key, OtherKey] });
        Assert.Equal(status, (int)(await Get(server, "/api/v1/openapi.json", (header, value))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/healthz")).StatusCode);
        if (status == 401) await TestServer.Problem(HttpStatusCode.Unauthorized, "key_needed",
            await Get(server, $"/api/v1/images/{new string('0', 64)}", (header, value)));
    }

    /// <summary>The page's own address is where CVAT sends what it calls directly, too: only looking at the page needs no key.</summary>
    [Theory]
    [InlineData("/")]
    [InlineData("/healthz")]
    [InlineData("/page/js/main.js")]
    public async Task T03_OpenAddress_TakesNothingWithoutKey(string path)
    {
        await using var server = await Start(TestServer.Options with { ApiKeys = [Key] });
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(path)).StatusCode);
        using var body = new StringContent("{}");
        await TestServer.Problem(HttpStatusCode.Unauthorized, "key_needed", await server.Client.PostAsync(path, body));
    }

    [Theory]
    [InlineData("evil.example.org", 421)]
    [InlineData("localhost.evil.example.org", 421)]
    [InlineData("192.0.2.7", 421)]
    [InlineData("segment.example.org", 200)]
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]", 200)]
    public async Task T04_Host_OfAnotherName_IsRefused(string host, int status)
    {
        await using var server = await Start(TestServer.Options with { HostNames = ["segment.example.org"] });
        Assert.Equal(status, (int)(await Get(server, "/healthz", ("Host", host))).StatusCode);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example.org", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Origin", "https://annotate.example.org", 200)]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 200)]
    public async Task T05_Page_OfAnotherOrigin_IsRefused(string header, string value, int status)
    {
        await using var server = await Start(TestServer.Options with { Origins = ["https://annotate.example.org"] });
        Assert.Equal(status, (int)(await Get(server, "/api/v1/openapi.json", (header, value))).StatusCode);
    }

    /// <summary>Behind a proxy that ends TLS the page is https, what reaches the server is not; name and port are the same.</summary>
    [Theory]
    [InlineData("segment.example.org", "https://segment.example.org", 200)]
    [InlineData("segment.example.org", "http://segment.example.org", 200)]
    [InlineData("segment.example.org:8443", "https://segment.example.org:8443", 200)]
    [InlineData("segment.example.org", "https://segment.example.org:8443", 403)]
    [InlineData("segment.example.org", "https://evil.segment.example.org", 403)]
    [InlineData("segment.example.org", "ftp://segment.example.org", 403)]
    [InlineData("127.0.0.1", "https://localhost", 403)]
    [InlineData("evil.example.org", "https://evil.example.org", 421)]
    public async Task T05_OwnPage_BehindAProxyThatEndsTls_IsAnswered(string host, string origin, int status)
    {
        await using var server = await Start(TestServer.Options with { HostNames = ["segment.example.org"] });
        Assert.Equal(status, (int)(await Get(server, "/api/v1/openapi.json", ("Host", host), ("Origin", origin))).StatusCode);
    }

    [Fact]
    public async Task T06_Cors_IsForListedOriginsAlone()
    {
        await using var server = await Start(TestServer.Options with { Origins = ["https://annotate.example.org"] });
        Assert.Equal("https://annotate.example.org", Assert.Single((await Get(server, "/api/v1/openapi.json", ("Origin", "https://annotate.example.org")))
            .Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.False((await Get(server, "/api/v1/openapi.json", ("Origin", "https://evil.example.org"))).Headers.Contains("Access-Control-Allow-Origin"));
        await using var closed = await Start();
        string own = closed.Server.Addresses[0];
        var answer = await Get(closed, "/api/v1/openapi.json", ("Origin", own));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task T07_Body_OverTheLimit_IsRefused(bool saysItsLength)
    {
        await using var server = await Start(TestServer.Options with { MaxBodyBytes = 4096 });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/images") { Content = new StreamContent(new MemoryStream(new byte[10_000])) };
        if (!saysItsLength) request.Headers.TransferEncodingChunked = true;
        await TestServer.Problem(HttpStatusCode.RequestEntityTooLarge, "body_too_large", await server.Client.SendAsync(request));
    }

    [Fact]
    public async Task T08_Bodies_AtOnce_AreBoundedInMemory()
    {
        await using var server = await Start(TestServer.Options with { MaxBodyBytes = 4096, MaxBodyBytesAtOnce = 4096 });
        // What has come of a body that goes on holds its bytes.
        using var slow = new TcpClient();
        await slow.ConnectAsync(IPAddress.Loopback, new Uri(server.Server.Addresses[0]).Port);
        await slow.GetStream()
            .WriteAsync(Encoding.ASCII.GetBytes("POST /api/v1/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4096\r\n\r\n" + new string('x', 4000)));
        await Task.Delay(300);
        var refused = await server.Client.PostAsync("/api/v1/images", TestServer.File(new byte[1000]));
        await TestServer.Problem(HttpStatusCode.TooManyRequests, "busy", refused);
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task T09_Image_OfTooManyPixels_IsRefusedBeforeItIsDecoded()
    {
        await using var server = await Start(TestServer.Options with { MaxPixels = 10_000 });
        byte[] png = TestServer.Picture();
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 40_000); // a header that promises 40,000 x 40,000 pixels
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 40_000);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), System.IO.Hashing.Crc32.HashToUInt32(png.AsSpan(12, 17)));
        long before = GC.GetTotalAllocatedBytes();
        await TestServer.Problem(HttpStatusCode.RequestEntityTooLarge, "image_too_large",
            await server.Client.PostAsync("/api/v1/images", TestServer.File(png)));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 50_000_000);
        Assert.Empty(server.Measured("semsam.step.duration read"));
    }

    [Fact]
    public async Task T10_Url_ByDefault_IsRefused()
    {
        await using var server = await Start();
        await TestServer.Problem(HttpStatusCode.Forbidden, "urls_refused",
            await server.Post("/images", new JsonObject { ["url"] = "https://images.example.org/a.png" }));
    }

    [Fact]
    public async Task T14_Path_ByDefault_IsRefused()
    {
        await using var server = await Start();
        await TestServer.Problem(HttpStatusCode.Forbidden, "paths_refused", await server.Post("/images", new JsonObject { ["path"] = "/etc/passwd" }));
    }

    /// <summary>A pipe in such a folder would be waited for without end.</summary>
    [SkippableFact]
    public async Task T15_Path_OfAPipe_IsRefused()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes");
        using var folder = new TempFolder();
        using (var made = System.Diagnostics.Process.Start("mkfifo", folder.File("a.png"))!) await made.WaitForExitAsync();
        var read = new NamedFolders([folder.Path]).Read("a.png", 1000, CancellationToken.None);
        await Assert.ThrowsAsync<RefusedException>(() => read.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task T15_Path_OutsideTheNamedFolders_IsRefused()
    {
        using var temp = new TempFolder();
        temp.Write("open/a.png", TestServer.Picture());
        string secret = temp.Write("open-not/secret.png", TestServer.Picture());
        File.CreateSymbolicLink(temp.File("open/link.png"), secret);
        Directory.CreateSymbolicLink(temp.File("open/folder"), temp.File("open-not"));
        await using var server = await Start(TestServer.Options with { Folders = [temp.File("open")] });
        foreach (string path in new[] { secret, "../open-not/secret.png", "link.png", "folder/secret.png", temp.File("open/../open-not/secret.png"),
            "missing.png", "a.png\0", "" })
            await TestServer.Problem(HttpStatusCode.Forbidden, "path_refused", await server.Post("/images", new JsonObject { ["path"] = path }));
        // What lies below gets as far as the model, which is not there.
        await TestServer.Problem(HttpStatusCode.ServiceUnavailable, "model_unavailable", await server.Post("/images", new JsonObject { ["path"] = "a.png" }));
    }

    /// <summary>What is given back is the rate that was asked for, also where it is no multiple of ten.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(19)]
    [InlineData(25)]
    [InlineData(100)]
    [InlineData(100_000)]
    public void T16_Rate_IsGivenBackInFull(int rate)
    {
        var (tokens, period) = SemanticSam.Server.Guards.RateGuard.Refill(rate);
        Assert.Equal(rate, tokens / period.TotalSeconds, 0.01 * rate);
    }

    [Fact]
    public async Task T16_Requests_TooFast_AreRefused()
    {
        await using var server = await Start(new ServerOptions { Port = 0, RequestsPerSecond = 5, ApiKeys = [Key] });
        var statuses = new List<HttpStatusCode>();
        for (int i = 0; i < 30; i++) statuses.Add((await Get(server, "/api/v1/openapi.json", ("X-Api-Key", "wrong-key-number-" + i))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, statuses[0]);
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]); // another guess each time opens no other bucket
        // The one who has the key is not locked out by the one who guesses.
        Assert.Equal(HttpStatusCode.OK, (await Get(server, "/api/v1/openapi.json", ("X-Api-Key", Key))).StatusCode);
    }

    [Fact]
    public async Task T17_Log_HoldsNoSecret()
    {
        var log = new MemoryLog();
        await using (var server = await Start(TestServer.Options with { ApiKeys = [Key] }, logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace)))
        {
            await Get(server, $"/api/v1/images/secret-in-path?api_key={Key}", ("X-Api-Key", Key), ("Cookie", "secret-cookie"));
            await Get(server, "/api/v1/openapi.json", ("Authorization", "Bearer secret-guess-of-a-key"));
            await Get(server, "/secret-in-path", ("X-Api-Key", Key));
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/segment") { Content = new StringContent("""{"secret-in-body": 1}""") };
            request.Headers.Add("X-Api-Key", Key);
            await server.Client.SendAsync(request);
        }
        Assert.NotEmpty(log.Lines);
        Assert.DoesNotContain(log.Lines, l => l.Contains(Key, StringComparison.Ordinal) || l.Contains("secret", StringComparison.Ordinal));
        Assert.DoesNotContain(Key, (TestServer.Options with { ApiKeys = [Key] }).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task T18_Page_RunsAndLoadsNothingFromElsewhere()
    {
        await using var server = await Start();
        var page = await server.Client.GetAsync("/");
        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(page.Headers.GetValues("X-Content-Type-Options")));
        string html = await page.Content.ReadAsStringAsync();
        Assert.DoesNotMatch("<script(?![^>]*src=)|\\son\\w+=|\\sstyle=|(src|href)=\"(https?:)?//", html);
        // The folder of the page is all that is served.
        foreach (string path in new[] { "/page/../ServerOptions.cs", "/page/%2e%2e/%2e%2e/etc/passwd", "/page/..%2fSemanticSam.Server.csproj" })
            Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task T19_Failure_TellsNothingOfTheInside()
    {
        await using var server = await Start();
        string text = await (await server.Client.PostAsync("/api/v1/images", TestServer.File(TestServer.Picture()))).Content.ReadAsStringAsync();
        Assert.DoesNotContain("there is no model in this test", text, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\.cs:line|   at |Exception", text);
        Assert.False((await server.Client.GetAsync("/healthz")).Headers.Contains("Server"));
    }

    /// <summary>One address opens more connections than the server takes altogether, and says nothing on them; another one is served.</summary>
    [SkippableFact]
    public async Task T25_Connections_ThatOneAddressHolds_ShutNobodyOut()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux has all of 127.0.0.0/8 on loopback");
        await using var server = await Start();
        int port = new Uri(server.Server.Addresses[0]).Port;
        var idle = new List<Socket>();
        try
        {
            for (int i = 0; i < SemanticSam.Server.Hosting.MostConnections + 50; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                idle.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, port);
                }
                catch (SocketException)
                {
                    // ended as soon as it came
                }
            }
            using var other = new HttpClient { BaseAddress = server.Client.BaseAddress, Timeout = TimeSpan.FromSeconds(20) };
            Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/healthz")).StatusCode);
            Assert.Equal(SemanticSam.Server.Hosting.MostConnections + 50 - SemanticSam.Server.Hosting.MostConnectionsOfOne,
                server.Measured("semsam.requests.refused connections").Sum());
        }
        finally
        {
            foreach (var socket in idle) socket.Dispose();
        }
    }
}
