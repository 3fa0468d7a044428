using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server.Adapters;

/// <summary>What Roboflow's inference-sdk sent.</summary>
public sealed class RoboflowTests(EmbeddedServer fixture) : IClassFixture<EmbeddedServer>
{
    private static readonly JsonNode[] Recorded = [.. File.ReadLines(Fixtures.OwnPath("clients/roboflow.jsonl")).Select(l => JsonNode.Parse(l)!)];

    private async Task<JsonObject> Send(JsonNode recorded)
    {
        using var request = new HttpRequestMessage(new((string)recorded["method"]!), (string)recorded["path"]!);
        if (recorded["body"] is JsonObject body) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return await TestServer.Json(await fixture.Server.Client.SendAsync(request));
    }

    [Fact]
    public async Task Recorded_Requests_AreAnswered()
    {
        foreach (var recorded in Recorded)
        {
            var answer = await Send(recorded);
            var expected = (string)recorded["path"]! == "/info" ? ["name"] : recorded["answer_that_it_took"]!.AsObject().Select(p => p.Key).ToHashSet();
            Assert.Subset(answer.Select(p => p.Key).ToHashSet(), expected.ToHashSet());
        }
    }

    [Fact]
    public async Task Segment_PointsAndBox_AskWhatTheySay()
    {
        var image = ImageDecoder.Decode(Convert.FromBase64String((string)Recorded[1]["body"]!["image"]!["value"]!));
        using var model = TestServer.Embedded();
        using var session = model.Open(image);
        foreach (var (recorded, prompt) in new[]
                 {
                     (Recorded[1], new Prompt { Points = [new(10, 8), new(1, 1, false)] }),
                     (Recorded[2], Prompt.Around(6, 4, 26, 16)), // the box is given by its center
                 })
        {
            recorded["body"]!["format"] = "rle";
            var predictions = (await Send(recorded))["predictions"]!.AsArray();
            Assert.Equal(session.Segment(prompt).Where(m => !m.Mask.IsEmpty).OrderByDescending(m => m.PredictedIou).Select(m => m.Mask.ToCompressedString()),
                predictions.Select(p => (string)p!["masks"]!["counts"]!));
        }
    }

    [Fact]
    public async Task Concepts_HaveAResultEach()
    {
        var results = (await Send(Recorded[3]))["prompt_results"]!.AsArray();
        Assert.Equal(["cat", "eye"], results.Select(r => (string?)r!["echo"]!["text"]));
        Assert.Equal([0, 1], results.Select(r => (int)r!["prompt_index"]!));
        Assert.Single((await Send(Recorded[4]))["prompt_results"]!.AsArray());
    }

    [Theory]
    [InlineData("a-key-for-the-tests-0001", null, HttpStatusCode.ServiceUnavailable)] // let in, and there is no model
    [InlineData(null, "a-key-for-the-tests-0001", HttpStatusCode.ServiceUnavailable)]
    [InlineData("a-wrong-key-of-some-length", null, HttpStatusCode.Unauthorized)]
    [InlineData("a-key-for-the-tests-0001", "a-wrong-key-of-some-length", HttpStatusCode.Unauthorized)]
    [InlineData(null, null, HttpStatusCode.Unauthorized)]
    public async Task T22_Key_InBodyOrHeader_IsAskedFor(string? inBody, string? inHeader, HttpStatusCode expected)
    {
        await using var server = await TestServer.Start(TestServer.Options with { ApiKeys = ["a-key-for-the-tests-0001"] }, () =>
            throw new InvalidDataException());
        var body = Recorded[1]["body"]!.DeepClone().AsObject();
        if (inBody is null) body.Remove("api_key");
        else body["api_key"] = inBody;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sam2/segment_image") {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        if (inHeader is not null) request.Headers.Authorization = new("Bearer", inHeader);
        Assert.Equal(expected, (await server.Client.SendAsync(request)).StatusCode);
    }

    /// <summary>Their clients know the texts of the request, and number classes by them.</summary>
    [Fact]
    public async Task Boxes_AreNamedAsTheyWereAsked()
    {
        byte[] photo = await File.ReadAllBytesAsync(Fixtures.OwnPath("wholepart/images/val/ccp_0667.jpg"));
        var answer = await Send(new JsonObject
        {
            ["method"] = "POST", ["path"] = "/yolo_world/infer", ["body"] = new JsonObject
            {
                ["text"] = new JsonArray("Giraffe", "Persons", "hair of a person"), ["confidence"] = 0.1, ["image"] = new JsonObject
                {
                    ["type"] = "base64", ["value"] = Convert.ToBase64String(photo),
                },
            },
        });
        var classes = answer["predictions"]!.AsArray().Select(p => ((string)p!["class"]!, (int)p["class_id"]!)).Distinct().ToHashSet();
        Assert.Contains(("Persons", 1), classes);
        Assert.Subset(new HashSet<(string, int)> { ("Giraffe", 0), ("Persons", 1), ("hair of a person", 2) }, classes);
    }

    /// <summary>A name that a client gives an image stands for it afterwards, of its key alone.</summary>
    [Fact]
    public async Task Images_ByNamesOfTheClient_AreFound()
    {
        await using var server = await TestServer.Start(TestServer.Options with { ApiKeys = ["a-key-for-the-tests-0001", "a-key-for-the-tests-0002"] });
        async Task<HttpResponseMessage> Post(string path, string body, string key = "a-key-for-the-tests-0001") =>
            await server.Client.PostAsync($"{path}?api_key={key}", new StringContent(body, Encoding.UTF8, "application/json"));
        string image = Recorded[1]["body"]!["image"]!.ToJsonString();
        var embedded = await TestServer.Json(await Post("/sam2/embed_image", $$"""{"image": {{image}}, "image_id": "my photo"}"""));
        Assert.Equal("my photo", (string?)embedded["image_id"]);
        const string ask = """{"image_id": "my photo", "prompts": [{"points": [{"x": 10, "y": 8}]}]}""";
        Assert.NotEmpty((await TestServer.Json(await Post("/sam2/segment_image", ask)))["predictions"]!.AsArray());
        Assert.Equal(HttpStatusCode.NotFound, (await Post("/sam2/segment_image", ask, "a-key-for-the-tests-0002")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Post("/sam2/segment_image", ask.Replace("my photo", "another", StringComparison.Ordinal))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post("/sam2/segment_image", ask, "a-wrong-key-of-some-length")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/info?api_key=a-key-for-the-tests-0001")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.GetAsync("/info?api_key=a-wrong-key-of-some-length")).StatusCode);
        // Our own addresses take none there.
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.GetAsync("/api/v1/model?api_key=a-key-for-the-tests-0001")).StatusCode);
    }
}
