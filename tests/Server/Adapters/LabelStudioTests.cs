using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using SemanticSam.Masks;
using SemanticSam.Server.Adapters.LabelStudio;
using SemanticSam.Server.Images;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server.Adapters;

/// <summary>What Label Studio 1.23.2 sent, against a host of the test's own that gives out the picture as Label Studio does.</summary>
public sealed class LabelStudioTests(EmbeddedServer fixture) : IClassFixture<EmbeddedServer>, IAsyncLifetime
{
    private static readonly JsonNode[] Recorded = [.. File.ReadLines(Fixtures.OwnPath("clients/label-studio.jsonl")).Select(l => JsonNode.Parse(l)!)];

    private readonly TcpListener _host = new(IPAddress.Loopback, 0);
    private readonly List<string> _asked = [];
    private string _answer = "";
    private byte[] _picture = [];

    private string Host => $"http://localhost:{((IPEndPoint)_host.LocalEndpoint).Port}";

    public Task InitializeAsync()
    {
        _host.Start();
        _picture = TestServer.Picture(width: 451, height: 300);
        _ = Task.Run(async () =>
        {
            while (true)
            {
                using var client = await _host.AcceptTcpClientAsync();
                var stream = client.GetStream();
                var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                var head = new StringBuilder();
                for (string? line; (line = await reader.ReadLineAsync()) is { Length: > 0 };) head.AppendLine(line);
                lock (_asked) _asked.Add(head.ToString());
                bool token = head.ToString().Contains("Authorization: Token TOKEN", StringComparison.Ordinal);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(_answer.Length > 0 ? _answer : token
                    ? $"HTTP/1.1 200 OK\r\nContent-Length: {_picture.Length}\r\n\r\n" : "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"));
                if (token && _answer.Length == 0) await stream.WriteAsync(_picture);
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

    private async Task<(HttpStatusCode Status, JsonObject Body)> Send(JsonNode recorded)
    {
        using var request = new HttpRequestMessage(new((string)recorded["method"]!), "/label-studio" + (string)recorded["path"]!);
        if (recorded["body"] is { } body) request.Content = new StringContent(
            body.ToJsonString().Replace("http://localhost:8086", Host, StringComparison.Ordinal), Encoding.UTF8, "application/json");
        using var response = await fixture.Server.Client.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject());
    }

    private static IEnumerable<JsonNode> Of(string path) => Recorded.Where(r => (string?)r["path"] == path);

    [Fact]
    public async Task Recorded_Conversation_GoesOn()
    {
        foreach (var recorded in Recorded)
        {
            var (status, body) = await Send(recorded);
            Assert.True((int)status is 200 or 201, $"{recorded["path"]}: {body.ToJsonString()}");
            // Every key that Label Studio took from the answer is there, but for the results, whose number depends on the picture.
            var taken = recorded["answer_that_it_took"]!.AsObject();
            if ((string?)recorded["path"] != "/webhook") Assert.Subset(body.Select(p => p.Key).ToHashSet(), taken.Select(p => p.Key).ToHashSet());
        }
    }

    [Fact]
    public async Task Predict_Clicks_AreTheMaskAsBrush()
    {
        await Send(Of("/setup").First());
        var (_, body) = await Send(Of("/predict").First());
        var result = Assert.Single(Assert.Single(body["results"]!.AsArray())!["result"]!.AsArray())!;
        Assert.Equal(("tag", "image", "brushlabels", 451, 300, "Cat"),
            ((string)result["from_name"]!, (string)result["to_name"]!, (string)result["type"]!, (int)result["original_width"]!, (int)result["original_height"]!,
            (string)result["value"]!["brushlabels"]![0]!));
        var own = await TestServer.Json(await fixture.Server.Post("/segment", new JsonObject
        {
            ["image"] = new JsonObject { ["base64"] = Convert.ToBase64String(_picture) }, ["prompts"] = JsonNode.Parse("""[{"points": [[225.5, 150]]}]"""),
                ["masks"] = "single",
        }));
        var mask = Rle.FromCompressedString(300, 451, (string)own["annotations"]![0]!["segmentation"]!["counts"]!);
        Assert.Equal(BrushRle.Encode(mask).Select(b => (int)b), result["value"]!["rle"]!.AsArray().Select(v => (int)v!));
        Assert.Contains(_asked, a => a.Contains("GET /data/upload/1/8397cf9f-chelsea.jpg", StringComparison.Ordinal)
            && a.Contains("Token TOKEN", StringComparison.Ordinal));
    }

    private async Task<Rle> Own(string prompt)
    {
        var own = await TestServer.Json(await fixture.Server.Post("/segment", new JsonObject
        {
            ["image"] = new JsonObject { ["base64"] = Convert.ToBase64String(_picture) }, ["prompts"] = JsonNode.Parse($"[{prompt}]"), ["masks"] = "single",
        }));
        return Rle.FromCompressedString(300, 451, (string)own["annotations"]![0]!["segmentation"]!["counts"]!);
    }

    /// <summary>What a region says, as the question that it is: percent of the picture, turned rectangles by their extent.</summary>
    [Theory]
    [InlineData("""{"type": "keypointlabels", "value": {"x": 50, "y": 50}}""", """{"points": [[225.5, 150]]}""")] // sizes may be missing
    [InlineData("""{"type": "keypoint", "value": {"x": 50, "y": 50}, "original_width": 4510, "original_height": 3000}""", """{"points": [[225.5, 150]]}""")]
    [InlineData("""{"type": "rectanglelabels", "value": {"x": 30, "y": 20, "width": 40, "height": 60, "rotation": 0}}""",
        """{"box": [135.3, 60, 315.7, 240]}""")]
    [InlineData("""{"type": "rectanglelabels", "value": {"x": 70, "y": 20, "width": 39.911308, "height": 60.133333, "rotation": 90}}""",
        """{"box": [135.3, 60, 315.7, 240]}""")]
    public async Task Predict_Regions_AskWhatTheySay(string region, string prompt)
    {
        await Send(Of("/setup").First());
        var recorded = Of("/predict").First().DeepClone();
        recorded["body"]!["params"]!["context"]!["result"] = new JsonArray(JsonNode.Parse(region));
        var (status, body) = await Send(recorded);
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        var result = Assert.Single(body["results"]![0]!["result"]!.AsArray())!;
        Assert.Equal(BrushRle.Encode(await Own(prompt)).Select(b => (int)b), result["value"]!["rle"]!.AsArray().Select(v => (int)v!));
    }

    [Theory]
    [InlineData("""{"type": "ellipselabels", "value": {"x": 50, "y": 50, "radiusX": 20, "radiusY": 30, "rotation": 0}}""")]
    [InlineData("""{"type": "polygonlabels", "value": {"points": [[30, 30], [70, 30], [70, 70], [30, 70]]}}""")]
    public async Task Predict_DrawnAreas_AreRoughMasks(string region)
    {
        await Send(Of("/setup").First());
        var recorded = Of("/predict").First().DeepClone();
        recorded["body"]!["params"]!["context"]!["result"] = new JsonArray(JsonNode.Parse(region));
        var (status, body) = await Send(recorded);
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        Assert.Single(body["results"]![0]!["result"]!.AsArray());
    }

    /// <summary>A click on the second of two pictures asks that one, and its answer goes to the tags of that one.</summary>
    [Fact]
    public async Task Predict_OfTwoImages_AsksTheOneThatWasClicked()
    {
        await Send(Of("/setup").First());
        var recorded = Of("/predict").First().DeepClone();
        recorded["body"]!["label_config"] = """
            <View><Image name="before" value="$first"/><BrushLabels name="one" toName="before"><Label value="Cat"/></BrushLabels>
            <Image name="after" value="$second"/><BrushLabels name="two" toName="after"><Label value="Dog"/></BrushLabels></View>
            """;
        recorded["body"]!["tasks"]![0]!["data"] = JsonNode.Parse("""{"first": "/data/upload/1/first.jpg", "second": "/data/upload/1/second.jpg"}""");
        recorded["body"]!["params"]!["context"]!["result"] = JsonNode.Parse("""
            [{"type": "keypointlabels", "to_name": "before", "value": {"x": 1, "y": 1}},
             {"type": "keypointlabels", "to_name": "after", "value": {"x": 50, "y": 50, "keypointlabels": ["Dog"]}}]
            """);
        var (status, body) = await Send(recorded);
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        var result = Assert.Single(body["results"]![0]!["result"]!.AsArray())!;
        Assert.Equal(("two", "after"), ((string)result["from_name"]!, (string)result["to_name"]!));
        Assert.Contains(_asked, a => a.Contains("second.jpg", StringComparison.Ordinal));
        Assert.DoesNotContain(_asked, a => a.Contains("first.jpg", StringComparison.Ordinal));
        Assert.Equal(BrushRle.Encode(await Own("""{"points": [[225.5, 150]]}""")).Select(b => (int)b),
            result["value"]!["rle"]!.AsArray().Select(v => (int)v!));
    }

    /// <summary>
    /// One tag may show several images, a page each: the one that was clicked is asked, and its number is that of the answer. How an image is turned in the
    /// editor goes back as it came; the coordinates of regions are those of the upright image.
    /// </summary>
    [Fact]
    public async Task Predict_OfAListOfImages_AsksThePageThatWasClicked()
    {
        await Send(Of("/setup").First());
        var recorded = Of("/predict").First().DeepClone();
        recorded["body"]!["label_config"] = """
            <View><Image name="image" valueList="$pages"/><BrushLabels name="tag" toName="image"><Label value="Cat"/></BrushLabels></View>
            """;
        recorded["body"]!["tasks"]![0]!["data"] = JsonNode.Parse("""{"pages": ["/data/upload/1/first.jpg", "/data/upload/1/second.jpg"]}""");
        recorded["body"]!["params"]!["context"]!["result"] = JsonNode.Parse("""
            [{"type": "keypointlabels", "to_name": "image", "item_index": 0, "value": {"x": 1, "y": 1}},
             {"type": "keypointlabels", "to_name": "image", "item_index": 1, "image_rotation": 90, "value": {"x": 50, "y": 50, "keypointlabels": ["Cat"]}}]
            """);
        var (status, body) = await Send(recorded);
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        var result = Assert.Single(body["results"]![0]!["result"]!.AsArray())!;
        Assert.Equal((1, 90), ((int)result["item_index"]!, (int)result["image_rotation"]!));
        Assert.DoesNotContain(_asked, a => a.Contains("first.jpg", StringComparison.Ordinal));
        Assert.Equal(BrushRle.Encode(await Own("""{"points": [[225.5, 150]]}""")).Select(b => (int)b),
            result["value"]!["rle"]!.AsArray().Select(v => (int)v!));

        recorded["body"]!["params"]!["context"]!["result"]![1]!["item_index"] = 2;
        (status, body) = await Send(recorded);
        Assert.Equal(HttpStatusCode.BadRequest, status);

        recorded["body"]!["params"]!.AsObject().Remove("context"); // the whole task: every page
        (status, body) = await Send(recorded);
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        Assert.Contains(_asked, a => a.Contains("first.jpg", StringComparison.Ordinal));
    }

    /// <summary>Where a configuration finds the image of a task: a key, a path of keys, a text around them, or what was imported without a name.</summary>
    [Theory]
    [InlineData("$image", """{"image": "/data/a.jpg"}""", "/data/a.jpg")]
    [InlineData("$photo.url", """{"photo": {"url": "/data/a.jpg"}}""", "/data/a.jpg")]
    [InlineData("$photo.url", """{"photo.url": "/data/a.jpg"}""", "/data/a.jpg")]
    [InlineData("/data/upload/$name", """{"name": "a.jpg"}""", "/data/upload/a.jpg")]
    [InlineData("/data/${folder}/$name", """{"name": "a.jpg", "folder": "x"}""", "/data/x/a.jpg")]
    [InlineData("$image", """{"$undefined$": "/data/a.jpg"}""", "/data/a.jpg")]
    [InlineData("$bild-größe", """{"bild-größe": "/data/a.jpg"}""", "/data/a.jpg")]
    public void Config_Value_FindsTheImage(string value, string data, string found)
    {
        var config = LabelConfig.Read($"""<View><Image name="image" value="{value}"/></View>""");
        var (sources, isList) = config.Images(SemanticSam.Server.Adapters.Loose.Parse(Encoding.UTF8.GetBytes(data)));
        Assert.False(isList);
        Assert.Equal(found, Assert.Single(sources).Text);
    }

    /// <summary>A project may have more labels than one question takes names.</summary>
    [Fact]
    public async Task Predict_OfManyLabels_IsAnswered()
    {
        await Send(Of("/setup").First());
        var recorded = Of("/predict").Last().DeepClone();
        recorded["body"]!["label_config"] = "<View><Image name=\"image\" value=\"$image\"/><BrushLabels name=\"tag\" toName=\"image\">"
            + string.Concat(Enumerable.Range(0, 300).Select(i => $"<Label value=\"thing {i}\"/>")) + "</BrushLabels></View>";
        var (status, body) = await Send(recorded);
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
    }

    /// <summary>Label Studio behind a path of a proxy names its files below that path.</summary>
    [Fact]
    public async Task Images_OfALabelStudioBelowAPath_AreFetched()
    {
        using var images = new TaskImages();
        images.Remember("1", Host + "/annotate", "TOKEN");
        Assert.Equal(_picture, (await images.Fetch("1", "/annotate/data/upload/1/a.jpg", 1 << 20, CancellationToken.None)).File);
        await Assert.ThrowsAsync<RefusedException>(() => images.Fetch("1", "/annotate/api/users", 1 << 20, CancellationToken.None));
        await Assert.ThrowsAsync<RefusedException>(() => images.Fetch("1", "/other/data/upload/1/a.jpg", 1 << 20, CancellationToken.None));
        Assert.Single(_asked);
    }

    [Theory]
    [InlineData("PolygonLabels", "polygonlabels", "points")]
    [InlineData("RectangleLabels", "rectanglelabels", "width")]
    public async Task Predict_WithoutBrushes_GivesWhatTheProjectTakes(string tag, string type, string key)
    {
        await Send(Of("/setup").First());
        var recorded = Of("/predict").First().DeepClone();
        recorded["body"]!["label_config"] =
            $"""<View><Image name="photo" value="$image"/><{tag} name="shape" toName="photo"><Label value="Cat"/></{tag}></View>""";
        var (_, body) = await Send(recorded);
        foreach (var result in body["results"]![0]!["result"]!.AsArray())
        {
            Assert.Equal((type, "shape", "photo"), ((string)result!["type"]!, (string)result["from_name"]!, (string)result["to_name"]!));
            Assert.NotNull(result["value"]![key]);
        }
    }

    [Fact]
    public async Task Predict_BatchOfTasks_HasAResultEach()
    {
        await Send(Of("/setup").First());
        var recorded = Of("/predict").Last().DeepClone();
        var tasks = recorded["body"]!["tasks"]!.AsArray();
        tasks.Add(tasks[0]!.DeepClone());
        var (_, body) = await Send(recorded);
        Assert.Equal(2, body["results"]!.AsArray().Count);
    }

    /// <summary>Label Studio refuses predictions with a label that its project does not have, all of a request together.</summary>
    [Theory]
    [InlineData("Person")]
    [InlineData("persons")]
    [InlineData("The hair of a Person")]
    [InlineData("person, small")]
    public async Task Predict_BatchOfTasks_HasLabelsAsTheProjectWritesThem(string label)
    {
        await Send(Of("/setup").First());
        _picture = await File.ReadAllBytesAsync(Photo);
        var recorded = Batch($"""
            <View><Image name="image" value="$image"/>
            <BrushLabels name="tag" toName="image"><View><Label value="Giraffe"/><Label value="{label}"/></View></BrushLabels></View>
            """);
        var (_, body) = await Send(recorded);
        var results = body["results"]![0]!["result"]!.AsArray();
        Assert.NotEmpty(results);
        Assert.All(results, r => Assert.Equal(label, (string)r!["value"]!["brushlabels"]![0]!));
    }

    /// <summary>An image that cannot be had costs its own task the answer, and no other.</summary>
    [Fact]
    public async Task Predict_BatchWithAnImageThatIsNotThere_AnswersTheOthers()
    {
        await Send(Of("/setup").First());
        _picture = await File.ReadAllBytesAsync(Photo);
        var recorded = Batch("""
            <View><Image name="image" value="$image"/><BrushLabels name="tag" toName="image"><Label value="Person"/></BrushLabels></View>
            """);
        var tasks = recorded["body"]!["tasks"]!.AsArray();
        foreach (string wrong in new[] { "/api/users", "data:image/png;base64,AAAA" })
        {
            var task = tasks[0]!.DeepClone();
            task["data"]!["image"] = wrong;
            tasks.Insert(1, task);
        }
        var (status, body) = await Send(recorded);
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        var results = body["results"]!.AsArray();
        Assert.Equal([true, false, false], results.Select(r => r!["result"]!.AsArray().Count > 0));
        tasks.RemoveAt(0);
        (status, body) = await Send(recorded);
        Assert.NotEqual(HttpStatusCode.OK, status); // where nothing was found, the reason is told
    }

    [Fact]
    public async Task Predict_TagsWithLabelsApart_GivesBothOfOneRegion()
    {
        await Send(Of("/setup").First());
        var recorded = Of("/predict").First().DeepClone();
        recorded["body"]!["label_config"] =
            """
            <View><Image name="image" value="$image"/><Labels name="kind" toName="image"><Label value="Cat"/></Labels>
            <Brush name="area" toName="image"/></View>
            """;
        var (_, body) = await Send(recorded);
        var results = body["results"]![0]!["result"]!.AsArray();
        Assert.Equal([("area", "brush"), ("kind", "labels")], results.Select(r => ((string)r!["from_name"]!, (string)r["type"]!)));
        Assert.Equal((string)results[0]!["id"]!, (string)results[1]!["id"]!);
        Assert.Equal("Cat", (string)results[1]!["value"]!["labels"]![0]!);
        Assert.Null(results[0]!["value"]!["brushlabels"]);
        recorded["body"]!["label_config"] =
            """<View><Image name="image" value="$image"/><KeyPointLabels name="k" toName="image"><Label value="Cat"/></KeyPointLabels></View>""";
        (_, body) = await Send(recorded);
        Assert.Empty(body["results"]![0]!["result"]!.AsArray()); // no tag takes areas
    }

    /// <summary>What lies in a cloud is asked of the task; uploads have an older spelling.</summary>
    [Theory]
    [InlineData("s3://bucket/a b.jpg", "/tasks/7/presign/?fileuri=s3%3A%2F%2Fbucket%2Fa%20b.jpg")]
    [InlineData("gs://bucket/a.jpg", "/tasks/7/presign/?fileuri=gs%3A%2F%2Fbucket%2Fa.jpg")]
    [InlineData("azure-blob://container/a.jpg", "/tasks/7/presign/?fileuri=azure-blob%3A%2F%2Fcontainer%2Fa.jpg")]
    [InlineData("upload/1/a.jpg", "/data/upload/1/a.jpg")]
    [InlineData("/upload/1/a.jpg", "/data/upload/1/a.jpg")]
    [InlineData("/data/upload/1/a.jpg", "/data/upload/1/a.jpg")]
    public async Task Images_AsTasksNameThem_AreAskedOfLabelStudio(string image, string path)
    {
        using var images = new TaskImages();
        images.Remember("1", Host, "TOKEN");
        Assert.Equal(_picture, (await images.Fetch("1", TaskImages.Resolve(image, "7"), 1 << 20, CancellationToken.None)).File);
        Assert.StartsWith($"GET {path} HTTP", Assert.Single(_asked), StringComparison.Ordinal);
    }

    private static string Photo => Fixtures.OwnPath("wholepart/images/val/ccp_0667.jpg");

    private static JsonNode Batch(string config)
    {
        var recorded = Of("/predict").Last().DeepClone();
        recorded["body"]!["params"]!["context"] = null;
        recorded["body"]!["label_config"] = config;
        return recorded;
    }

    /// <summary>The vector that their converter gives for 4 rows of 3 pixels.</summary>
    [Fact]
    public void Brush_TestVector_IsTheirs()
    {
        var mask = Rle.FromBytes([0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0], 4, 3);
        Assert.Equal([0, 0, 0, 48, 57, 27, 253, 240, 9, 255, 227, 0, 159, 254, 216, 0], BrushRle.Encode(mask));
    }

    [Theory]
    [InlineData("http://other.example.org/data/upload/1/a.png")]
    [InlineData("/api/users")]
    [InlineData("/data/../api/users")]
    [InlineData("//other.example.org/data/a.png")]
    [InlineData("file:///data/a.png")]
    public async Task T21_Task_WithAPictureElsewhere_IsRefused(string picture)
    {
        using var images = new TaskImages();
        images.Remember("1", Host, "TOKEN");
        await Assert.ThrowsAsync<RefusedException>(() => images.Fetch("1", picture, 1 << 20, CancellationToken.None));
        await Assert.ThrowsAsync<RefusedException>(() => images.Fetch("2", "/data/upload/1/a.png", 1 << 20, CancellationToken.None));
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task T21_Host_ThatLeadsElsewhere_TakesNoTokenWithIt()
    {
        var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        _answer = $"HTTP/1.1 302 Found\r\nLocation: http://localhost:{((IPEndPoint)other.LocalEndpoint).Port}/data/a.png\r\nContent-Length: 0\r\n\r\n";
        using var images = new TaskImages();
        images.Remember("1", Host, "TOKEN");
        var (file, elsewhere) = await images.Fetch("1", "/data/upload/1/a.png", 1 << 20, CancellationToken.None);
        Assert.Null(file);
        Assert.EndsWith("/data/a.png", elsewhere, StringComparison.Ordinal); // which is then fetched by the rules for every URL
        Assert.Single(_asked);
        Assert.False(other.Pending());
        other.Stop();
    }
}
