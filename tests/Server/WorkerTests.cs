using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions.Sam;
using SemanticSam.Imaging;
using SemanticSam.Server;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server;

/// <summary>Waiting, batching, giving up, remembering, stopping. The model is held back until the test lets it load, so that requests wait.</summary>
public sealed class WorkerTests
{
    private static JsonObject WithFile(byte[] picture, double x = 48)
    {
        var request = TestServer.Click("", x);
        request["image"] = new JsonObject { ["base64"] = Convert.ToBase64String(picture) };
        return request;
    }

    private static Func<SegmentationModel> Held(ManualResetEventSlim gate) => () =>
    {
        gate.Wait(TimeSpan.FromMinutes(2));
        return TestServer.Embedded();
    };

    private static async Task Until(Func<bool> holds)
    {
        for (var watch = Stopwatch.StartNew(); !holds(); await Task.Delay(5))
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "it did not come to that");
    }

    [Fact]
    public async Task Prompts_OfOneImage_GoThroughTheDecoderTogetherAndAnswerAsAlone()
    {
        using var gate = new ManualResetEventSlim();
        await using var server = await TestServer.Start(model: Held(gate));
        byte[] picture = TestServer.Picture();
        // The first encodes the image; those that know its id by then wait behind it.
        var opened = server.Client.PostAsync("/api/v1/images", TestServer.File(picture));
        await Until(() => server.Gauge("semsam.queue.length") == 1);
        gate.Set();
        string id = (string)(await TestServer.Json(await opened))["id"]!;
        double[] places = [20, 30, 40, 50, 60, 70];
        // One long question keeps the worker busy while the others come.
        var parts = server.Post("/parts", new JsonObject { ["image"] = new JsonObject { ["id"] = id },
            ["prompt"] = JsonNode.Parse("""{"points": [[48, 32]]}""") });
        var answers = await Task.WhenAll(places.Select(async x => await TestServer.Json(await server.Post("/segment", TestServer.Click(id, x)))));
        await parts;
        Assert.Contains(server.Measured("semsam.decode.prompts"), n => n > 1);
        using var model = TestServer.Embedded();
        using var session = model.Open(ImageDecoder.Decode(picture));
        foreach (var (x, answer) in places.Zip(answers))
            Assert.Equal(session.Segment(Prompt.At((float)x, 32)).Select(m => (m.Mask.ToCompressedString(), m.Parent + 1, (int?)0)),
                answer["annotations"]!.AsArray().Select(a => ((string)a!["segmentation"]!["counts"]!, (int?)a["parent"], (int?)a["prompt"])));
    }

    /// <summary>Else a refusal, which takes a millisecond, waits until a computing thread's turn is over.</summary>
    [Fact]
    public async Task Worker_OnLinux_GivesWayToThreadsThatTakeRequests()
    {
        if (!OperatingSystem.IsLinux()) return;
        int own = Niceness(), worker = 0;
        await using var server = await TestServer.Start(model: () =>
        {
            worker = Niceness();
            return TestServer.Embedded();
        });
        await server.Upload(TestServer.Picture());
        Assert.Equal(Math.Min(19, own + 5), worker);

        // The 19th field; the second is the name in parentheses, which may hold blanks.
        static int Niceness() => int.Parse(File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ')[16]);
    }

    [Fact]
    public async Task Queue_Full_RefusesAtOnceAndSaysWhenToTryAgain()
    {
        using var gate = new ManualResetEventSlim();
        await using var server = await TestServer.Start(TestServer.Options with { QueueCapacity = 2 }, Held(gate));
        var waiting = new[] { server.Post("/segment", WithFile(TestServer.Picture(1))), server.Post("/segment", WithFile(TestServer.Picture(2))) };
        await Until(() => server.Gauge("semsam.queue.length") == 2);
        var times = new List<double>();
        for (int i = 0; i < 20; i++)
        {
            var watch = Stopwatch.StartNew();
            var refused = await server.Post("/segment", TestServer.Click(new string('a', 64)));
            times.Add(watch.Elapsed.TotalMilliseconds);
            await TestServer.Problem(HttpStatusCode.TooManyRequests, "busy", refused);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        }
        Assert.InRange(times.Order().ElementAt(10), 0, 50); // median; docs/server.md has the figure of an idle machine
        gate.Set();
        Assert.All(await Task.WhenAll(waiting), r => Assert.Equal(HttpStatusCode.OK, r.StatusCode));
    }

    /// <summary>Two images are decoded at a time: the third waits for that, and counts as waiting, so that it is not refused after its turn.</summary>
    [Fact]
    public async Task Images_ThatWaitToBeDecoded_HaveTheirPlaces()
    {
        using var gate = new ManualResetEventSlim();
        await using var server = await TestServer.Start(TestServer.Options with { QueueCapacity = 3 }, Held(gate));
        var waiting = Enumerable.Range(1, 3).Select(i => server.Post("/segment", WithFile(TestServer.Picture(i)))).ToList();
        await Until(() => server.Gauge("semsam.queue.length") == 2);
        await Until(() => Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions
            .GetRequiredService<SemanticSam.Server.Inference.InferenceWorker>(server.Server.Services).IsFull);
        var refused = await server.Post("/segment", WithFile(TestServer.Picture(4))).WaitAsync(TimeSpan.FromSeconds(10));
        await TestServer.Problem(HttpStatusCode.TooManyRequests, "busy", refused);
        gate.Set();
        Assert.All(await Task.WhenAll(waiting), r => Assert.Equal(HttpStatusCode.OK, r.StatusCode));
        await TestServer.Json(await server.Post("/segment", WithFile(TestServer.Picture(4)))); // places were given back
    }

    [Fact]
    public async Task Request_WhoseClientGaveUp_IsNotComputed()
    {
        using var gate = new ManualResetEventSlim();
        await using var server = await TestServer.Start(model: Held(gate));
        using var gaveUp = new CancellationTokenSource();
        var abandoned = server.Post("/segment", WithFile(TestServer.Picture(1)), gaveUp.Token);
        await Until(() => server.Gauge("semsam.queue.length") == 1);
        gaveUp.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);
        await Task.Delay(200); // the server learns of it from the closed connection
        gate.Set();
        await TestServer.Json(await server.Post("/segment", WithFile(TestServer.Picture(2))));
        Assert.Single(server.Measured("semsam.requests.abandoned"));
        Assert.Single(server.Measured("semsam.step.duration encode"));
    }

    [Fact]
    public async Task Images_SentTwice_AreFoundBeforeTheyAreDecoded()
    {
        await using var server = await TestServer.Start();
        byte[] picture = TestServer.Picture();
        var first = await TestServer.Json(await server.Client.PostAsync("/api/v1/images", TestServer.File(picture)));
        var second = await TestServer.Json(await server.Client.PostAsync("/api/v1/images", TestServer.File(picture)));
        Assert.False((bool)first["cached"]!);
        Assert.True((bool)second["cached"]!);
        Assert.Single(server.Measured("semsam.step.duration read"));
        Assert.Single(server.Measured("semsam.step.duration encode"));
        Assert.Single(server.Measured("semsam.cache.lookups hit"));
    }

    [Fact]
    public async Task Cache_OverItsBytes_ForgetsWhatWasNotUsedForLongest()
    {
        await using var server = await TestServer.Start(TestServer.Options with { CacheBytes = 1 << 20 });
        var ids = new List<string>();
        for (int i = 0; i < 3; i++) ids.Add(await server.Upload(TestServer.Picture(i)));
        Assert.Equal(1, server.Gauge("semsam.cache.images"));
        await TestServer.Problem(HttpStatusCode.NotFound, "image_unknown", await server.Post("/segment", TestServer.Click(ids[0])));
        await TestServer.Json(await server.Post("/segment", TestServer.Click(ids[2])));
        // A region takes the place of its image, and is found again through the file alone.
        Assert.Equal(2, server.Measured("semsam.cache.evictions").Count);
    }

    /// <summary>A session keeps more than its features once it is asked: what labels masks, and what they are drawn on.</summary>
    [Fact]
    public async Task Cache_CountsWhatAnswersLeaveWithAnImage()
    {
        await using var server = await TestServer.Start();
        string id = await server.Upload(TestServer.Picture());
        double encoded = server.Gauge("semsam.cache.size");
        var masks = (await TestServer.Json(await server.Post("/segment", TestServer.Click(id))))["annotations"]!.AsArray();
        await Until(() => server.Gauge("semsam.cache.size") > encoded); // it is counted after the answer has left
        double asked = server.Gauge("semsam.cache.size"), logits = masks.Count * 4 * 112 * 112; // at most
        Assert.True(asked - encoded - logits > 0.1 * encoded, $"{encoded / 1e6:0.0} MB when it was encoded, {asked / 1e6:0.0} MB after a click");
        await TestServer.Json(await server.Post("/segment", TestServer.Click(id)));
        Assert.InRange(server.Gauge("semsam.cache.size"), asked, asked + logits); // and it is counted once
    }

    [Fact]
    public async Task Logits_OfAnAnswer_GoOnInTheNext()
    {
        await using var server = await TestServer.Start(model: SmallSam);
        byte[] picture = TestServer.Picture();
        string id = await server.Upload(picture);
        var first = await TestServer.Json(await server.Post("/segment", TestServer.Click(id)));
        string handle = (string)first["annotations"]![1]!["logits"]!;
        var request = TestServer.Click(id);
        request["prompts"] = new JsonArray(new JsonObject { ["points"] = JsonNode.Parse("[[48, 32], [60, 40, 0]]"), ["logits"] = handle });
        var answer = await TestServer.Json(await server.Post("/segment", request));

        using var model = SmallSam();
        using var session = model.Open(ImageDecoder.Decode(picture));
        var logits = session.Segment(Prompt.At(48, 32), new() { KeepLogits = true })[1].Logits;
        var expected = session.Segment(new Prompt { Points = [new(48, 32), new(60, 40, false)], Logits = logits });
        Assert.Equal(expected.Select(m => m.Mask.ToCompressedString()), answer["annotations"]!.AsArray().Select(a => (string)a!["segmentation"]!["counts"]!));
    }

    [Fact]
    public async Task Names_ThatStandForOthers_AreExplained()
    {
        using var folder = new TempFolder();
        await using var server = await TestServer.Start(model: () => TinyNano.Model(folder));
        string id = await server.Upload(TestServer.Picture());
        var request = TestServer.Click(id);
        request["prompts"] = new JsonArray(new JsonObject { ["names"] = new JsonArray("couch") });
        var name = Assert.Single((await TestServer.Json(await server.Post("/segment", request)))["names"]!.AsArray())!;
        Assert.Equal(("couch", "synonym", "sofa", "couch -> sofa"), ((string)name["text"]!, (string)name["match"]!, (string)name["name"]!,
            (string)name["notice"]!));
        Assert.InRange((double)name["presence"]!, 0, 1);
        request["prompts"] = new JsonArray(new JsonObject { ["points"] = new JsonArray(new JsonArray(48, 32)) });
        Assert.Null((await TestServer.Json(await server.Post("/segment", request)))["names"]);
    }

    [Fact]
    public async Task Stop_WithARequestAtWork_FinishesIt()
    {
        using var gate = new ManualResetEventSlim();
        var server = await TestServer.Start(model: Held(gate));
        var asked = server.Post("/segment", WithFile(TestServer.Picture()));
        await Until(() => server.Gauge("semsam.queue.length") == 1);
        var stopping = server.Server.StopAsync();
        await Task.Delay(100);
        gate.Set();
        await TestServer.Json(await asked);
        await stopping;
        await Assert.ThrowsAsync<HttpRequestException>(() => server.Client.GetAsync("/healthz"));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Everything_InTheMiddle_LetsClicksIn()
    {
        await using var server = await TestServer.Start();
        string id = await server.Upload(TestServer.Picture());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/everything") {
            Content = new StringContent($$"""{"image": {"id": "{{id}}"}, "points_per_side": 20}""", null, "application/json") };
        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        await lines.ReadLineAsync();
        await TestServer.Json(await server.Post("/segment", TestServer.Click(id)));
        var rest = await lines.ReadToEndAsync();
        Assert.Contains("\"progress\"", rest, StringComparison.Ordinal); // the click was answered before the stream was over
        Assert.Contains("\"done\"", rest, StringComparison.Ordinal);
    }

    /// <summary>A stream that cannot go on says so: its status was sent long before.</summary>
    [Fact]
    public async Task Everything_ThatFailsInTheMiddle_EndsWithAnError()
    {
        await using var server = await TestServer.Start();
        string id = await server.Upload(TestServer.Picture());
        var body = new JsonObject { ["image"] = new JsonObject { ["id"] = id }, ["points_per_side"] = 64 };
        using var content = new StringContent(body.ToJsonString(), null, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/everything") { Content = content };
        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Contains("progress", await reader.ReadLineAsync(), StringComparison.Ordinal);
        var stopped = Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions
            .GetRequiredService<SemanticSam.Server.Inference.InferenceWorker>(server.Server.Services).StopAsync();
        string? last = null;
        for (string? line; (line = await reader.ReadLineAsync()) is not null;) last = line;
        var end = JsonNode.Parse(last!)!;
        Assert.Equal(("error", "busy"), ((string?)end["event"], (string?)end["code"]));
        Assert.False(string.IsNullOrEmpty((string?)end["error"]));
        await stopped;
    }

    [Fact]
    public async Task Health_WhileLoadingAndAfter_SaysSo()
    {
        using var gate = new ManualResetEventSlim();
        await using var server = await TestServer.Start(model: Held(gate));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.GetAsync("/readyz")).StatusCode);
        gate.Set();
        await server.Server.Ready;
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/readyz")).StatusCode);
    }

    [Fact]
    public async Task Model_ThatCannotBeLoaded_FailsRequestsAndNotTheServer()
    {
        await using var server = await TestServer.Start(model: () => throw new InvalidDataException("secret path"));
        await Assert.ThrowsAsync<InvalidDataException>(() => server.Server.Ready);
        var response = await server.Post("/segment", WithFile(TestServer.Picture()));
        Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await TestServer.Problem(HttpStatusCode.ServiceUnavailable, "model_unavailable", response);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.GetAsync("/readyz")).StatusCode);
    }

    [Fact]
    public async Task Port_ThatIsTaken_IsSaid()
    {
        await using var server = await TestServer.Start();
        int port = new Uri(server.Server.Addresses[0]).Port;
        var failure = await Assert.ThrowsAsync<ServerException>(() => SegmentationServer.StartAsync(() =>
            TestServer.Embedded(), TestServer.Options with { Port = port }));
        Assert.Contains($"Port {port}", failure.Message, StringComparison.Ordinal);
    }

    private static SegmentationModel SmallSam() => new(new SamSegmenter(SamConfigs.Model("small"), "00", TorchSharp.torch.CPU));
}
