using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Server;
using SemanticSam.Server.Mcp;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server.Mcp;

/// <summary>The tools over streamable HTTP, asked by the client of the protocol's own package.</summary>
public sealed class McpHttpTests(EmbeddedServer shared) : IClassFixture<EmbeddedServer>
{
    private static Task<McpClient> Connect(TestServer server, string? key = null) => McpClient.CreateAsync(new HttpClientTransport(new()
    {
        Endpoint = new(server.Server.Addresses[0] + "/mcp"), TransportMode = HttpTransportMode.StreamableHttp,
        AdditionalHeaders = key is null ? null : new Dictionary<string, string> { ["Authorization"] = "Bearer " + key },
    }));

    private static object Base64(byte[] file) => new { base64 = Convert.ToBase64String(file) };

    /// <summary>As the protocol has it: an error of the protocol that names the tool, and no failure of the server.</summary>
    [Fact]
    public async Task Tool_ThatIsUnknown_IsAnErrorOfTheProtocol()
    {
        await using var client = await Connect(shared.Server);
        var error = await Assert.ThrowsAsync<ModelContextProtocol.McpProtocolException>(() => client.Call("nothing", new { }));
        Assert.Equal(ModelContextProtocol.McpErrorCode.InvalidParams, error.ErrorCode);
        Assert.Contains("nothing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Segment_ByClick_AnswersAsTheEngine_AndShowsIt()
    {
        await using var client = await Connect(shared.Server);
        byte[] picture = TestServer.Picture();
        var result = await client.Call("segment",
            new { image = Base64(picture), points = new[] { new[] { 48, 32 } }, levels = new[] { "whole", "part" }, pixels = "rle" });
        var answer = McpTools.Answer(result);

        using var model = TestServer.Embedded();
        using var session = model.Open(ImageDecoder.Decode(picture));
        var expected = session.Segment(SemanticSam.Engine.Prompt.At(48, 32), new() { Levels = [GranularityLevel.Whole, GranularityLevel.Part] });
        Assert.Equal(expected.Select(m => m.Mask.ToCompressedString()).Order(), answer["masks"]!.AsArray().Select(m => (string)m!["rle"]!["counts"]!).Order());
        Assert.Equal(["part", "whole"], answer["masks"]!.AsArray().Select(m => (string)m!["level"]!).Order());
        Assert.Equal(shared.Id, (string?)answer["image_id"]);
        // The overlay is the picture, painted where the masks are and not everywhere.
        var (shown, plain) = (McpTools.Overlay(result), ImageDecoder.Decode(picture));
        Assert.InRange(McpTools.Difference(shown, plain), 50, plain.Width * plain.Height - 50);

        var again = McpTools.Answer(
            await client.Call("segment", new { image = new { id = shared.Id }, box = new[] { 20, 10, 80, 60 }, pixels = "polygons", overlay = 0 }));
        Assert.NotEmpty(Assert.Single(again["masks"]!.AsArray())!["polygons"]!.AsArray());
        Assert.Null(again["masks"]![0]!["rle"]);
    }

    [Fact]
    public async Task Parts_AndEverything_AreTrees_AndReportProgress()
    {
        await using var client = await Connect(shared.Server);
        var parts = McpTools.Answer(await client.Call("parts", new { image = new { id = shared.Id }, points = new[] { new[] { 48, 32 } }, overlay = 0 }));
        Assert.NotEmpty(parts["masks"]!.AsArray());
        var whole =
            McpTools.Answer(await client.Call("parts", new { image = new { id = shared.Id }, points = new[] { new[] { 48, 32 } }, whole = true, overlay = 0 }));
        Assert.NotEmpty(whole["masks"]!.AsArray());

        var reports = new System.Collections.Concurrent.ConcurrentQueue<float>();
        var result = await client.Call("everything", new { image = new { id = shared.Id }, points_per_side = 4, most = 2, overlay = 64 },
            new Direct(p => reports.Enqueue(p.Progress)));
        var everything = McpTools.Answer(result);
        var masks = everything["masks"]!.AsArray();
        Assert.InRange(masks.Count, 1, 2);
        Assert.True((int)everything["total"]! >= masks.Count);
        Assert.All(masks, m => Assert.True(m!["parent"] is null || (int)m["parent"]! < (int)m["id"]!)); // larger ones come first
        Assert.Equal((64, 43), (McpTools.Overlay(result).Width, McpTools.Overlay(result).Height));
        Assert.NotEmpty(reports);
    }

    /// <summary>Names that are taught, other words for them, and such as nothing is known of; a place, with each kind of answer.</summary>
    [Fact]
    public async Task Answers_AreAsTheSchemasOfTheToolsSay()
    {
        await using var client = await Connect(shared.Server);
        var tools = (await client.ListToolsAsync()).ToDictionary(t => t.Name);
        var image = new { id = shared.Id };
        foreach (var (tool, arguments) in new (string, object)[]
        {
            ("segment", new { image, names = new[] { "person", "couch", "zzqx" } }), ("segment", new { image, points = new[] { new[] { 48, 32 } } }),
            ("parts", new { image, points = new[] { new[] { 48, 32 } } }), ("everything", new { image, points_per_side = 4 }),
        })
            McpTools.Conforms(tools[tool], await client.Call(tool, arguments));
    }

    [Fact]
    public async Task Tools_SayWhatTheyTakeAndGive()
    {
        await using var client = await Connect(shared.Server);
        Assert.Equal("semsam", client.ServerInfo?.Name);
        var tools = (await client.ListToolsAsync()).ToDictionary(t => t.Name, t => t.ProtocolTool);
        Assert.Equal(McpTools.Names.Except(["evaluate"]), tools.Keys.Order()); // which a program has to hand in
        var segment = JsonNode.Parse(tools["segment"].InputSchema.GetRawText())!;
        Assert.Equal(["image"], segment!["required"]!.AsArray().Select(r => (string)r!));
        Assert.Contains("\"scene\"", segment["properties"]!["levels"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("\"every_level\"", segment["properties"]!["masks"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.NotNull(segment["properties"]!["image"]!["properties"]!["base64"]);
        Assert.NotNull(JsonNode.Parse(tools["segment"].OutputSchema!.Value.GetRawText())!["properties"]!["masks"]);
        Assert.All(tools.Values, t => Assert.False(string.IsNullOrWhiteSpace(t.Description)));
        Assert.True(tools["segment"].Annotations!.ReadOnlyHint);
        Assert.False(tools["convert"].Annotations!.ReadOnlyHint);
    }

    /// <summary>Which argument is wrong, what it is, and what is allowed there.</summary>
    [Theory]
    [InlineData("segment", """{"points": [[1, 1]]}""", "'image' is missing", "'id', 'base64', 'url', 'path'")]
    [InlineData("segment", """{"image": "IMAGE", "points": [[1, 1]]}""", "'image' is the text 'IMAGE'", "an object with 'id'")]
    [InlineData("segment", """{"image": null, "points": [[1, 1]]}""", "'image' is null", "an object with 'id'")]
    [InlineData("segment", """{"image": {"hash": "x"}, "points": [[1, 1]]}""", "'image' has a key 'hash'", "'base64'")]
    [InlineData("segment", """{"image": {"id": 5}, "points": [[1, 1]]}""", "'image.id' is 5", "a text (SHA-256")]
    [InlineData("segment", """{"image": {}, "points": "[[1, 1]]"}""", "'points' is the text '[[1, 1]]'", "a list (Clicks: [[x, y, 1 or 0], ...]")]
    [InlineData("segment", """{"image": {}, "points": [[1, 1], ["1", 2]]}""", "'points[1][0]' is the text '1'", "a number")]
    [InlineData("segment", """{"image": {}, "points": [1, 1]}""", "'points[0]' is 1", "a list")]
    [InlineData("segment", """{"image": {}, "levels": ["whole", "huge"]}""", "'levels[1]' is the text 'huge'",
        "one of scene, group, whole, part, subpart, detail")]
    [InlineData("segment", """{"image": {}, "masks": "all"}""", "'masks' is the text 'all'", "one of every_level, single, distinct")]
    [InlineData("segment", """{"image": {}, "most": 1.5}""", "'most' is 1.5", "a whole number (So many masks at most")]
    [InlineData("segment", """{"image": {}, "point": [[1, 1]]}""", "no argument 'point'", "'points'")]
    [InlineData("parts", """{"image": {}, "whole": "yes"}""", "'whole' is the text 'yes'", "true or false")]
    [InlineData("convert", """{"input": "a", "output": "b"}""", "'to' is missing", "one of coco, ")]
    [InlineData("convert", """{"input": "a", "to": "coc", "output": "b"}""", "'to' is the text 'coc'", "one of coco, ")]
    [InlineData("everything", """{"image": {"id": "ID"}, "points_per_side": 500}""", "points_per_side: ", "1 to 128")]
    public async Task Arguments_ThatAreWrong_AreNamedWithWhatIsAllowed(string tool, string arguments, string wrong, string allowed)
    {
        await using var client = await Connect(shared.Server);
        var given = JsonNode.Parse(arguments.Replace("\"ID\"", $"\"{shared.Id}\"", StringComparison.Ordinal))!;
        var result = await client.Call(tool, given);
        Assert.True(result.IsError);
        string text = Assert.Single(result.Content.OfType<TextContentBlock>()).Text;
        Assert.Contains(wrong, text, StringComparison.Ordinal);
        Assert.Contains(allowed, text, StringComparison.Ordinal);
    }

    /// <summary>Some clients send every argument of a tool, with null for those that are not meant.</summary>
    [Fact]
    public async Task Arguments_ThatAreNull_AreAsGoodAsAbsent()
    {
        await using var client = await Connect(shared.Server);
        var given = JsonNode.Parse($$"""
            {"image": {"id": "{{shared.Id}}", "url": null}, "points": [[48, 32]], "levels": ["Whole"], "masks": null, "pixels": null, "overlay": 0, "most": null}
            """)!;
        Assert.NotEmpty(McpTools.Answer(await client.Call("segment", given))["masks"]!.AsArray());
    }

    [Fact]
    public async Task Mistakes_AreAnswersThatSayWhatIsAllowed()
    {
        await using var client = await Connect(shared.Server);
        object image = new { id = shared.Id };
        McpTools.Refusal("prompt_empty", await client.Call("segment", new { image }));
        McpTools.Refusal("malformed", await client.Call("segment", new { image, points = new[] { new[] { 1 } } }));
        McpTools.Refusal("malformed", await client.Call("segment", new { image, points = "everywhere" }));
        McpTools.Refusal("malformed", await client.Call("segment", new { image, points = new[] { new[] { 1, 1 } }, levels = new[] { "huge" } }));
        McpTools.Refusal("malformed", await client.Call("segment", new { points = new[] { new[] { 1, 1 } } }));
        McpTools.Refusal("malformed", await client.Call("segment", new { image, points = new[] { new[] { 1, 1 } }, overlay = 5000 }));
        Assert.Contains("'point'", McpTools.Refusal("malformed", await client.Call("segment", new { image, point = new[] { 1, 1 } })),
            StringComparison.Ordinal);
        McpTools.Refusal("image_unknown", await client.Call("parts", new { image = new { id = new string('0', 64) }, points = new[] { new[] { 1, 1 } } }));
        McpTools.Refusal("paths_refused", await client.Call("segment", new { image = new { path = "/etc/passwd" }, points = new[] { new[] { 1, 1 } } }));
        McpTools.Refusal("urls_refused", await client.Call("segment", new { image = new { url = "http://127.0.0.1/" }, points = new[] { new[] { 1, 1 } } }));
        McpTools.Refusal("paths_refused", await client.Call("convert", new { input = "/etc", to = "coco", output = "/tmp/x.json" }));
    }

    [Fact]
    public async Task T24_Guards_StandBeforeTheTools()
    {
        const string key = "0123456789abcdef";
        await using var server = await TestServer.Start(TestServer.Options with { ApiKeys = [key], MaxPixels = 1000, MaxBodyBytes = 20_000 });
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => Connect(server));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        await using (var client = await Connect(server, key))
            McpTools.Refusal("image_too_large", await client.Call("segment", new { image = Base64(TestServer.Picture()), points = new[] { new[] { 1, 1 } } }));

        await Expect(HttpStatusCode.Forbidden, r => r.Headers.Add("Origin", "https://elsewhere.example"));
        await Expect(HttpStatusCode.MisdirectedRequest, r => r.Headers.Host = "elsewhere.example");
        await Expect(HttpStatusCode.RequestEntityTooLarge, r => r.Content = new StringContent(new string(' ', 30_000), Encoding.UTF8, "application/json"));

        async Task Expect(HttpStatusCode status, Action<HttpRequestMessage> spoil)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
            {
                Content = new StringContent("""{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}""", Encoding.UTF8, "application/json"),
                Headers = { { "Authorization", "Bearer " + key }, { "Accept", "application/json, text/event-stream" } },
            };
            spoil(request);
            Assert.Equal(status, (await server.Client.SendAsync(request)).StatusCode);
        }
    }

    [SkippableFact]
    public async Task T23_Convert_StaysWithinTheFoldersThatWereNamed()
    {
        using var temp = new TempFolder();
        string read = Directory.CreateDirectory(temp.File("read")).FullName, write = Directory.CreateDirectory(temp.File("write")).FullName,
            secret = Directory.CreateDirectory(temp.File("secret")).FullName;
        Sample(read, "set.json");
        Sample(secret, "secret.json");
        Skip.IfNot(TryLink(Path.Combine(read, "out"), secret), "links cannot be made here");
        await using var server = await TestServer.Start(TestServer.Options with { Folders = [read], WritableFolders = [write] });
        await using var client = await Connect(server);

        var answer = McpTools.Answer(await client.Call("convert", new { input = "set.json", to = "labelme", output = "made" }));
        Assert.Equal((1, 1), ((int)answer["images"]!, (int)answer["masks"]!));
        Assert.Single(Directory.GetFiles(Path.Combine(write, "made"), "*.json", SearchOption.AllDirectories));

        foreach (string input in (string[])["../secret/secret.json", Path.Combine(secret, "secret.json"), "out/secret.json", ".", "nothing.json"])
            McpTools.Refusal("path_refused", await client.Call("convert", new { input, to = "coco", output = "a.json" }));
        foreach (string output in (string[])["../read/x.json", Path.Combine(read, "x.json"), "../x.json", "/etc/x.json"])
            McpTools.Refusal("path_refused", await client.Call("convert", new { input = "set.json", to = "coco", output }));
        Directory.CreateSymbolicLink(Path.Combine(write, "way"), secret);
        McpTools.Refusal("path_refused", await client.Call("convert", new { input = "set.json", to = "coco", output = "way/x.json" }));
        Assert.Single(Directory.GetFiles(secret));
        Assert.Empty(Directory.GetFiles(write));
        McpTools.Refusal("annotations_unreadable", await Broken(client, read));
    }

    [Fact]
    public async Task Evaluate_OneAtATime_EndsWithTheServer()
    {
        using var temp = new TempFolder();
        string read = Directory.CreateDirectory(temp.File("read")).FullName;
        Sample(read, "set.json");
        using var begun = new ManualResetEventSlim();
        var ended = new TaskCompletionSource();
        EvaluateAnswer Endless(SegmentationModel model, EvaluationCall call, IProgress<double> progress, CancellationToken cancellation)
        {
            begun.Set();
            cancellation.WaitHandle.WaitOne();
            Thread.Sleep(100);
            _ = model.Name; // still there
            ended.SetResult();
            throw new OperationCanceledException(cancellation);
        }
        var options = TestServer.Options with { Folders = [read], StoppingTime = TimeSpan.FromMilliseconds(200) };
        var server = await SegmentationServer.StartAsync(() => TestServer.Embedded(), options, null, Endless, default);
        await using var client = await McpClient.CreateAsync(new HttpClientTransport(new() { Endpoint = new(server.Addresses[0] + "/mcp") }));
        var first = client.Call("evaluate", new { annotations = "set.json" });
        Assert.True(begun.Wait(TimeSpan.FromSeconds(30)));
        McpTools.Refusal("busy", await client.Call("evaluate", new { annotations = "set.json" }));
        McpTools.Refusal("path_refused", await client.Call("evaluate", new { annotations = "/etc" }));
        await server.DisposeAsync();
        Assert.True(ended.Task.IsCompletedSuccessfully, "the server did not wait for it");
        await Assert.ThrowsAnyAsync<Exception>(() => first);
    }

    private static async Task<CallToolResult> Broken(McpClient client, string folder)
    {
        File.WriteAllText(Path.Combine(folder, "broken.json"), """{"images": [{"id": 1}], "annotations": 5}""");
        return await client.Call("convert", new { input = "broken.json", from = "coco", to = "coco", output = "b.json", strict = true });
    }

    private static void Sample(string folder, string name) => File.WriteAllText(Path.Combine(folder, name), """
        {"images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 10}], "categories": [{"id": 1, "name": "cat"}],
         "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": 20, "bbox": [2, 2, 5, 4], "segmentation": [[2, 2, 7, 2, 7, 6, 2, 6]]}]}
        """);

    private static bool TryLink(string path, string target)
    {
        try
        {
            Directory.CreateSymbolicLink(path, target);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private sealed class Direct(Action<ModelContextProtocol.ProgressNotificationValue> report) : IProgress<ModelContextProtocol.ProgressNotificationValue>
    {
        public void Report(ModelContextProtocol.ProgressNotificationValue value) => report(value);
    }
}
