using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SemanticSam.Server.Api;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;

namespace SemanticSam.Tests.Server;

/// <summary>Clients that misbehave, and more of them than the server can answer.</summary>
[Trait("Category", "Slow")]
public sealed class FaultTests(ITestOutputHelper output)
{
    private const int Mutations = 10_000;

    private static int PortOf(TestServer server) => new Uri(server.Server.Addresses[0]).Port;

    private static async Task<(TcpClient Client, NetworkStream Stream)> Connect(TestServer server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, PortOf(server));
        return (client, client.GetStream());
    }

    /// <summary>Heads and bodies that come a byte a second, side by side: what takes time is the patience of the server.</summary>
    [Fact]
    public async Task T20_Clients_ThatAreTooSlow_AreLetGo()
    {
        await using var server = await TestServer.Start();
        double[] held = await Task.WhenAll(
            HeldFor(server, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
            HeldFor(server, "POST /api/v1/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nx"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"let go after {held[0]:0.0} and {held[1]:0.0} s"));
        Assert.All(held, seconds => Assert.InRange(seconds, 0, 30));
    }

    /// <summary>Seconds until the server ends a connection on which a byte a second comes; 40 where it does not.</summary>
    private static async Task<double> HeldFor(TestServer server, string start)
    {
        var (client, stream) = await Connect(server);
        using (client)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(start));
            var watch = Stopwatch.StartNew();
            var closed = Task.Run(async () =>
            {
                byte[] buffer = new byte[1000];
                try
                {
                    while (await stream.ReadAsync(buffer) > 0) { }
                }
                catch (IOException)
                {
                    // reset: also let go
                }
            });
            while (!closed.IsCompleted && watch.Elapsed < TimeSpan.FromSeconds(40))
            {
                await Task.WhenAny(closed, Task.Delay(1000));
                try
                {
                    await stream.WriteAsync("x"u8.ToArray());
                }
                catch (IOException)
                {
                    break;
                }
            }
            return watch.Elapsed.TotalSeconds;
        }
    }

    [Theory]
    [InlineData("/images")]
    [InlineData("/segment")]
    [InlineData("/parts")]
    [InlineData("/whole")]
    [InlineData("/everything")]
    [InlineData("/batch")]
    public async Task Bodies_MutatedInEveryWay_AreNeverAnInnerFailure(string route)
    {
        await using var server = await TestServer.Start(TestServer.Options with { QueueCapacity = 1000, MaxStreams = 1000 });
        string id = await server.Upload(TestServer.Picture());
        // The image that is there, and four clicks of everything mode instead of 256: what is tried is the reading, not the network.
        string text = OpenApiDocument.AllExamples[route].Replace("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", id,
            StringComparison.Ordinal).Replace("\"points_per_side\": 16", "\"points_per_side\": 2", StringComparison.Ordinal);
        byte[] example = Encoding.UTF8.GetBytes(text);
        var statuses = new ConcurrentDictionary<HttpStatusCode, int>();
        var failures = new ConcurrentBag<string>();
        await Parallel.ForAsync(0, Mutations, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellation) =>
        {
            var random = new Random(i);
            byte[] body = Mutated(example, random);
            using var content = new ByteArrayContent(body);
            string type = random.Next(20) switch { 0 => "multipart/form-data; boundary=x", 1 => "image/png", 2 => "", _ => "application/json" };
            if (type.Length > 0) content.Headers.TryAddWithoutValidation("Content-Type", type);
            using var response = await server.Client.PostAsync("/api/v1" + route, content, cancellation);
            statuses.AddOrUpdate(response.StatusCode, 1, (_, n) => n + 1);
            if ((int)response.StatusCode >= 500)
                failures.Add(
                $"{(int)response.StatusCode} for {type}: {Encoding.UTF8.GetString(body)}: {await response.Content.ReadAsStringAsync(cancellation)}");
        });
        output.WriteLine($"{route}: {string.Join(", ", statuses.OrderBy(s => s.Key).Select(s => $"{(int)s.Key}: {s.Value}"))}");
        Assert.Empty(failures.Take(3));
        Assert.Equal(Mutations, statuses.Values.Sum());
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/readyz")).StatusCode);
    }

    private static byte[] Mutated(byte[] example, Random random)
    {
        var body = example.ToList();
        string[] pieces = ["null", "[]", "{}", "-1", "1e999", "\"\"", "true", "99999999999999999999", "0.5", ",", "\"id\":", "[[1,2]]", "\\ud800", "\u0000",
            "é", "[[[[[[[[[[[[[[[[[[[["];
        for (int n = random.Next(1, 6); n > 0 && body.Count > 0; n--)
        {
            int at = random.Next(body.Count);
            switch (random.Next(6))
            {
                case 0: body[at] = (byte)random.Next(256); break;
                case 1: body.RemoveAt(at); break;
                case 2: body.InsertRange(at, Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)])); break;
                case 3: body.RemoveRange(at, Math.Min(body.Count - at, random.Next(1, 30))); break;
                case 4: // a value for another
                    int end = body.FindIndex(at, b => b is (byte)',' or (byte)'}' or (byte)']');
                    if (end > at) body.RemoveRange(at, end - at);
                    body.InsertRange(at, Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)]));
                    break;
                default: body.RemoveRange(at, body.Count - at); break;
            }
        }
        return [.. body];
    }

    [Fact]
    public async Task Clients_ThatVanish_LeaveNothingBehind()
    {
        long before;
        await using (var server = await TestServer.Start())
        {
            string id = await server.Upload(TestServer.Picture());
            await TestServer.Json(await server.Post("/segment", TestServer.Click(id)));
            before = LiveTensors.Settled();
            string body = TestServer.Click(id).ToJsonString();
            for (int i = 0; i < 200; i++)
            {
                var (client, stream) = await Connect(server);
                string head = $"POST /api/v1/{(i % 3 == 0 ? "everything" : "segment")} HTTP/1.1\r\nHost: localhost\r\nContent-Type: " +
                    $"application/json\r\nContent-Length: {body.Length}\r\n\r\n";
                string all = head + body;
                await stream.WriteAsync(Encoding.ASCII.GetBytes(all[..(i % 2 == 0 ? all.Length : all.Length - 1 - i % 40)]));
                client.Client.LingerState = new(true, 0); // gone at once
                client.Dispose();
            }
            for (var watch = Stopwatch.StartNew(); server.Gauge("semsam.queue.length") > 0; await Task.Delay(50))
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "what nobody waits for is still in the queue");
            await TestServer.Json(await server.Post("/segment", TestServer.Click(id)));
            Assert.Equal(before, LiveTensors.Settled());
        }
    }

    /// <summary>
    /// As many clients as ask at once, more than can be answered. SEMSAM_LOAD_SECONDS makes it longer than a minute, to see whether memory is flat.
    /// </summary>
    [Fact]
    public async Task Load_BeyondCapacity_IsRefusedAndTheRestAnsweredInTime()
    {
        int seconds = int.TryParse(Environment.GetEnvironmentVariable("SEMSAM_LOAD_SECONDS"), out int given) ? given : 60;
        await using var server = await TestServer.Start(TestServer.Options with { QueueCapacity = 16 });
        string[] ids = [await server.Upload(TestServer.Picture(1)), await server.Upload(TestServer.Picture(2)), await server.Upload(TestServer.Picture(3))];
        foreach (string id in ids) await TestServer.Json(await server.Post("/segment", TestServer.Click(id))); // an image keeps what its first question made
        long tensors = LiveTensors.Settled();
        var times = new ConcurrentBag<(double Ms, HttpStatusCode Status)>();
        var memory = new List<(double Second, double Mb)>();
        var clock = Stopwatch.StartNew();
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var clients = Enumerable.Range(0, 64).Select(async c =>
        {
            var random = new Random(c);
            while (!over.IsCancellationRequested)
            {
                long start = Stopwatch.GetTimestamp();
                using var response = await server.Post("/segment", TestServer.Click(ids[random.Next(3)], random.Next(96), random.Next(64)),
                    CancellationToken.None);
                times.Add((Stopwatch.GetElapsedTime(start).TotalMilliseconds, response.StatusCode));
                if (response.StatusCode == HttpStatusCode.TooManyRequests) await Task.Delay(100);
            }
        }).ToArray();
        while (!over.IsCancellationRequested)
        {
            memory.Add((clock.Elapsed.TotalSeconds, Process.GetCurrentProcess().WorkingSet64 / 1e6));
            await Task.Delay(1000);
        }
        await Task.WhenAll(clients);
        double[] answered = [.. times.Where(t => t.Status == HttpStatusCode.OK).Select(t => t.Ms).Order()],
            refused = [.. times.Where(t => t.Status == HttpStatusCode.TooManyRequests).Select(t => t.Ms).Order()];
        output.WriteLine($"{answered.Length / clock.Elapsed.TotalSeconds:0.0} answers a second; answered p50 {At(answered, 0.5):0} ms, p99 " +
            $"{At(answered, 0.99):0} ms; {refused.Length} refused, p50 {At(refused, 0.5):0.0} ms, p99 {At(refused, 0.99):0.0} ms; " +
            $"prompts a batch {server.Measured("semsam.decode.prompts").Average():0.0}; memory {memory[^1].Mb:0} MB, slope over the second half " +
                $"{Slope([.. memory.Skip(memory.Count / 2)]) * 60:0.00} MB a minute");
        Assert.Equal(times.Count, answered.Length + refused.Length);
        Assert.NotEmpty(answered);
        Assert.NotEmpty(refused);
        Assert.True(At(answered, 0.99) < 20_000, "a queue of 16 is answered within seconds");
        Assert.Equal(tensors, LiveTensors.Settled());

        static double At(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[(int)(share * (sorted.Length - 1))];
    }

    private static double Slope((double X, double Y)[] points)
    {
        double x = points.Average(p => p.X), y = points.Average(p => p.Y);
        return points.Sum(p => (p.X - x) * (p.Y - y)) / points.Sum(p => (p.X - x) * (p.X - x));
    }
}
