using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace SemanticSam.Tests.Server;

/// <summary>Clients that send or take slowly hold what they have for a bounded time, and nobody else is kept waiting by them.</summary>
public sealed class SlowClientTests
{
    private static async Task<TcpClient> Send(TestServer server, string text, int receiveBuffer = 0)
    {
        var client = new TcpClient();
        if (receiveBuffer > 0) client.ReceiveBufferSize = receiveBuffer;
        await client.ConnectAsync(IPAddress.Loopback, new Uri(server.Server.Addresses[0]).Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
        return client;
    }

    private static string Head(string path, int length, string type = "image/png") =>
        $"POST /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: {length}\r\n\r\n";

    /// <summary>Together they announce eight times what is taken at once, and have sent a byte each.</summary>
    [Fact]
    public async Task Writers_ThatAnnounceMuchAndSendLittle_KeepNobodyOut()
    {
        await using var server = await TestServer.Start(TestServer.Options with { MaxBodyBytes = 1 << 20, MaxBodyBytesAtOnce = 4 << 20 });
        var slow = new List<TcpClient>();
        try
        {
            for (int i = 0; i < 32; i++) slow.Add(await Send(server, Head("/images", 1 << 20) + "x"));
            string id = await server.Upload(TestServer.Picture());
            await TestServer.Json(await server.Post("/segment", TestServer.Click(id)));
        }
        finally
        {
            foreach (var client in slow) client.Dispose();
        }
    }

    /// <summary>Quick enough for the least rate, and so large that it would take for ever.</summary>
    [Fact]
    public async Task Writer_WhoseBodyTakesTooLong_IsRefused()
    {
        await using var server = await TestServer.Start(TestServer.Options with { BodyTime = TimeSpan.FromSeconds(1) });
        using var client = await Send(server, Head("/images", 10_000_000));
        var stream = client.GetStream();
        var answer = Task.Run(async () =>
        {
            var buffer = new byte[4096];
            return Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer));
        });
        for (var watch = Stopwatch.StartNew(); !answer.IsCompleted; await Task.Delay(50))
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "it goes on and on");
            await stream.WriteAsync(new byte[2000]);
        }
        Assert.Contains("408", await answer, StringComparison.Ordinal);
        Assert.Contains("body_too_slow", await answer, StringComparison.Ordinal);
    }

    /// <summary>
    /// Who asks for a stream and does not read it holds one of the few places: for a bounded time, while clicks of others go on. The system takes a few
    /// megabytes off the server before anybody has to read; what is asked for is more, and the least rate so high that these are soon paid for.
    /// </summary>
    [Fact]
    public async Task Reader_WhoTakesNothingOfAStream_LosesItsPlace()
    {
        await using var server = await TestServer.Start(
            TestServer.Options with { MaxStreams = 1, Patience = TimeSpan.FromSeconds(1.1), StreamRate = 16 << 20 });
        string id = await server.Upload(TestServer.Picture(width: 480, height: 320)); // long outlines: some hundred kilobytes an image of the batch
        string batch = new JsonObject
        {
            ["images"] = new JsonArray([.. Enumerable.Range(0, 1000).Select(_ => new JsonObject { ["id"] = id })]),
            ["prompts"] = new JsonArray([.. Enumerable.Range(0, 64).Select(i => JsonNode.Parse($$"""{"points": [[{{200 + i}}, 160]]}"""))]),
            ["include"] = new JsonArray("polygons"),
        }.ToJsonString();
        var watch = Stopwatch.StartNew();
        using var slow = await Send(server, Head("/batch", batch.Length, "application/json") + batch, receiveBuffer: 4096);
        HttpResponseMessage other;
        bool held = false;
        do
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(3), "the place was never given back");
            await TestServer.Json(await server.Post("/segment", TestServer.Click(id)));
            other = await server.Post("/batch", JsonNode.Parse($$"""{"images": [{"id": "{{id}}"}], "prompts": [{"points": [[48, 32]]}]}""")!);
            held |= other.StatusCode == HttpStatusCode.TooManyRequests;
            await Task.Delay(50);
        }
        while (other.StatusCode == HttpStatusCode.TooManyRequests || !held);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);

        // It was cut off, and had not come to its end.
        var taken = new MemoryStream();
        await Assert.ThrowsAsync<IOException>(() => slow.GetStream().CopyToAsync(taken));
        string text = Encoding.ASCII.GetString(taken.ToArray());
        Assert.Contains("\"event\":\"result\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"event\":\"done\"", text, StringComparison.Ordinal);
    }
}
