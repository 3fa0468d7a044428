using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using SemanticSam.Engine;
using SemanticSam.Formats.Results;
using SemanticSam.Formats.Shapes;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Server.Api;

namespace SemanticSam.Tests.Server.Api;

/// <summary>What the interface answers is what the engine answers.</summary>
public sealed class AnswersTests(EmbeddedServer fixture) : IClassFixture<EmbeddedServer>
{
    private static readonly Lazy<SegmentationModel> Model = new(() => TestServer.Embedded());

    private TestServer Server => fixture.Server;

    private static ImageSession Session(byte[]? picture = null) => Model.Value.Open(ImageDecoder.Decode(picture ?? TestServer.Picture()));

    private static string Annotations(ImageSession session, IReadOnlyList<MaskResult> masks) =>
        JsonNode.Parse(ResultJson.ToText("a", session.Width, session.Height, new("", ""), null, masks))!["annotations"]!.ToJsonString();

    /// <summary>The answer's annotations without the handles of low-resolution logits, which the server alone gives.</summary>
    private static string Annotations(JsonObject answer)
    {
        var annotations = answer["annotations"]!.DeepClone().AsArray();
        foreach (var annotation in annotations) annotation!.AsObject().Remove("logits");
        return annotations.ToJsonString();
    }

    [Fact]
    public async Task Segment_Click_IsTheCommandLinesJson()
    {
        using var session = Session();
        var answer = await TestServer.Json(await Server.Post("/segment", TestServer.Click(fixture.Id)));
        Assert.Equal(Annotations(session, session.Segment(Prompt.At(48, 32))), Annotations(answer));
        Assert.Equal(["image", "model", "seconds", "annotations", "image_id", "cached"], answer.Select(p => p.Key));
        Assert.Equal(Model.Value.Sha256, (string?)answer["model"]!["sha256"]);
        Assert.Equal(6, answer["annotations"]!.AsArray().Count);
    }

    [Fact]
    public async Task Segment_MixedPrompts_SayWhichTheyAnswer()
    {
        var request = TestServer.Click(fixture.Id);
        request["prompts"]!.AsArray().Add(JsonNode.Parse("""{"names": ["ball", "wheel of a car"]}"""));
        request["prompts"]!.AsArray().Add(JsonNode.Parse("""{"box": [20, 10, 80, 60], "points": [[40, 30, 1], [2, 2, 0]]}"""));
        request["levels"] = new JsonArray("whole", 4);
        var answer = await TestServer.Json(await Server.Post("/segment", request));
        using var session = Session();
        Prompt[] prompts = [Prompt.At(48, 32), Prompt.Named("ball", "wheel of a car"),
            Prompt.Around(20, 10, 80, 60) with { Points = [new(40, 30), new(2, 2, false)] }];
        Assert.Equal(Annotations(session, session.Segment(prompts, new() { Levels = [GranularityLevel.Whole, GranularityLevel.Part] })), Annotations(answer));
    }

    [Fact]
    public async Task Segment_Form_IsTheSameInOneRequest()
    {
        byte[] picture = TestServer.Picture(7);
        using var form = new MultipartFormDataContent { { TestServer.File(picture), "image", "a folder/ball.png" },
            { new StringContent("""{"prompts": [{"points": [[48, 32]]}]}"""), "request" } };
        var answer = await TestServer.Json(await Server.Client.PostAsync("/api/v1/segment", form));
        using var session = Session(picture);
        Assert.Equal(Annotations(session, session.Segment(Prompt.At(48, 32))), Annotations(answer));
        Assert.Equal("ball.png", (string?)answer["image"]!["file_name"]);
        var base64 = TestServer.Click("");
        base64["image"] = new JsonObject { ["base64"] = "data:image/png;base64," + Convert.ToBase64String(picture) };
        Assert.Equal(Annotations(answer), Annotations(await TestServer.Json(await Server.Post("/segment", base64))));
    }

    [Fact]
    public async Task Segment_PolygonsAndPng_AreTheMask()
    {
        var request = TestServer.Click(fixture.Id);
        request["include"] = new JsonArray("polygons", "png");
        foreach (var annotation in (await TestServer.Json(await Server.Post("/segment", request)))["annotations"]!.AsArray())
        {
            var mask = Rle.FromCompressedString(64, 96, (string)annotation!["segmentation"]!["counts"]!);
            var polygons = annotation["polygons"]!.AsArray().Select(p =>
                (IReadOnlyList<(double, double)>)[.. p!.AsArray().Select(c => ((double)c![0]!, (double)c[1]!))]).ToArray();
            Assert.Equal(mask, PolygonPixels.Fill(polygons, 64, 96, PolygonRule.Center));
            if (mask.IsEmpty)
            {
                Assert.Null(annotation["png"]);
                continue;
            }
            var bounds = mask.Bounds;
            Assert.Equal(mask.Crop(bounds), ImageDecoder.DecodeMask(Convert.FromBase64String((string)annotation["png"]!), bounds.Width, bounds.Height));
        }
    }

    [Fact]
    public async Task Segment_Mask_IsTakenBack()
    {
        var first = await TestServer.Json(await Server.Post("/segment", TestServer.Click(fixture.Id)));
        var seed = first["annotations"]![2]!["segmentation"]!;
        var request = TestServer.Click(fixture.Id);
        request["prompts"] = new JsonArray(new JsonObject { ["mask"] = seed.DeepClone() });
        var answer = await TestServer.Json(await Server.Post("/segment", request));
        using var session = Session();
        Assert.Equal(Annotations(session, session.Segment(new Prompt { Mask = Rle.FromCompressedString(64, 96, (string)seed["counts"]!) })),
            Annotations(answer));
    }

    [Fact]
    public async Task Segment_Region_IsLookedAtByItself()
    {
        var request = TestServer.Click(fixture.Id);
        request["region"] = new JsonArray(24, 8, 72, 56);
        var answer = await TestServer.Json(await Server.Post("/segment", request));
        using var session = Model.Value.Open(ImageDecoder.Decode(TestServer.Picture()).Crop(24, 8, 48, 48));
        var expected = session.Segment(Prompt.At(24, 24)).Select(m => m.Mask.Paste(24, 8, 64, 96).ToCompressedString());
        Assert.Equal(expected, answer["annotations"]!.AsArray().Select(a => (string)a!["segmentation"]!["counts"]!));
        request["region"] = new JsonArray(24, 8, 97, 56);
        await TestServer.Problem(HttpStatusCode.UnprocessableEntity, "prompt_outside_image", await Server.Post("/segment", request));
    }

    [Theory]
    [InlineData("/parts")]
    [InlineData("/whole")]
    public async Task Place_PartsAndWhole_AreTheEngines(string path)
    {
        using var session = Session();
        var expected = path == "/parts" ? session.PartsOf(Prompt.At(48, 32)) : session.WholeOf(Prompt.At(48, 32));
        var request = new JsonObject { ["image"] = new JsonObject { ["id"] = fixture.Id }, ["prompt"] = JsonNode.Parse("""{"points": [[48, 32]]}""") };
        Assert.Equal(Annotations(session, expected), Annotations(await TestServer.Json(await Server.Post(path, request))));
    }

    [Theory]
    [InlineData("application/x-ndjson")]
    [InlineData("text/event-stream")]
    public async Task Everything_Stream_TellsProgressThenAll(string accept)
    {
        using var session = Session();
        var expected = Annotations(session, await session.CollectEverything(new() { PointsPerSide = 6, PointsPerBatch = 16 }));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/everything") {
            Content = new StringContent($$"""{"image": {"id": "{{fixture.Id}}"}, "points_per_side": 6}""", Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd(accept);
        var response = await Server.Client.SendAsync(request);
        Assert.Equal(accept, response.Content.Headers.ContentType?.MediaType);
        string text = await response.Content.ReadAsStringAsync();
        var events = accept == "text/event-stream"
            ? text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
                .Select(e => JsonNode.Parse(e[(e.IndexOf("\ndata: ", StringComparison.Ordinal) + 7)..])!).ToArray()
            : [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];
        double[] shares = [.. events.Where(e => (string?)e["event"] == "progress").Select(e => (double)e["share"]!)];
        Assert.True(shares.Length >= 3, text); // 36 clicks go by 16
        Assert.Equal(shares.Order(), shares);
        Assert.Equal(1, shares[^1]);
        Assert.Equal("done", (string?)events[^1]["event"]);
        Assert.Equal(expected, Annotations(events[^1].AsObject()));
        Assert.Equal(events[^1]["annotations"]!.AsArray().Count, events.Where(e => (string?)e["event"] == "masks").Sum(e => e["annotations"]!.AsArray().Count));
    }

    /// <summary>Whoever looks for failures in the log is not to find one for each person who lost patience.</summary>
    [Fact]
    public async Task Everything_GivenUpInTheMiddle_IsNoFailure()
    {
        using var log = new MemoryLog();
        await using (var server = await TestServer.Start(logging: l => l.AddProvider(log)))
        {
            string id = await server.Upload(TestServer.Picture());
            string body = $$"""{"image": {"id": "{{id}}"}, "points_per_side": 64}""";
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/everything") {
                Content = new StringContent(body, Encoding.UTF8, "application/json") };
            using (var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
            using (var stream = await response.Content.ReadAsStreamAsync())
            {
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.NotEqual(-1, stream.ReadByte());
            }
            for (int i = 0; i < 200 && !log.Lines.Any(l => l.Contains("/everything", StringComparison.Ordinal)); i++) await Task.Delay(50);
        }
        Assert.Contains(log.Lines, l => l.Contains("/everything", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, l => l.Contains("unhandled", StringComparison.OrdinalIgnoreCase)
            || l.Contains("Exception: StatusCode", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON")]
    [InlineData("application/json;q=0.9")]
    public async Task Everything_JsonAlone_IsOneDocument(string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/everything") {
            Content = new StringContent($$"""{"image": {"id": "{{fixture.Id}}"}, "points_per_side": 4}""", Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        var answer = await TestServer.Json(await Server.Client.SendAsync(request));
        using var session = Session();
        Assert.Equal(Annotations(session, await session.CollectEverything(new() { PointsPerSide = 4 })), Annotations(answer));
    }

    [Fact]
    public async Task Batch_Images_GiveALineEach()
    {
        var request = new JsonObject
        {
            ["images"] = new JsonArray(new JsonObject { ["id"] = fixture.Id }, new JsonObject { ["base64"] = "AAAA" },
                new JsonObject { ["base64"] = Convert.ToBase64String(TestServer.Picture(3)) }),
            ["prompts"] = JsonNode.Parse("""[{"points": [[48, 32]]}]"""),
            ["levels"] = "whole",
        };
        var response = await Server.Post("/batch", request);
        JsonNode[] lines = [.. (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];
        Assert.Equal(["result", "error", "result", "done"], lines.Select(l => (string?)l["event"]));
        Assert.Equal("image_format", (string?)lines[1]["code"]);
        Assert.Equal("whole", (string?)lines[2]["result"]!["annotations"]![0]!["level"]);
        Assert.Equal((3, 1), ((int)lines[3]["images"]!, (int)lines[3]["failed"]!));
    }

    [Fact]
    public async Task Model_Description_SaysLevelsAndLimits()
    {
        var model = await TestServer.Json(await Server.Client.GetAsync("/api/v1/model"));
        Assert.Equal(["scene", "group", "whole", "part", "subpart", "detail"], model["levels"]!.AsArray().Select(l => (string?)l));
        Assert.Equal(TestServer.Options.MaxPixels, (long)model["limits"]!["max_pixels"]!);
        Assert.False((bool)model["limits"]!["takes_urls"]!);
    }

    [Fact]
    public async Task Pixels_OfAnEncodedImage_AreTheImage()
    {
        var response = await Server.Client.GetAsync($"/api/v1/images/{fixture.Id}/pixels");
        var image = ImageDecoder.Decode(await response.Content.ReadAsByteArrayAsync());
        Assert.Equal((96, 64), (image.Width, image.Height));
        await TestServer.Problem(HttpStatusCode.NotFound, "image_unknown", await Server.Client.GetAsync($"/api/v1/images/{new string('0', 64)}/pixels"));
    }

    [Fact]
    public async Task OpenApi_Answers_AreAsItSays()
    {
        var document = await TestServer.Json(await Server.Client.GetAsync("/api/v1/openapi.json"));
        var request = TestServer.Click(fixture.Id);
        request["include"] = new JsonArray("polygons", "png");
        request["prompts"]!.AsArray().Add(JsonNode.Parse("""{"names": ["ball", "couch", "zzqx"]}"""));
        var schema = document["paths"]!["/api/v1/segment"]!["post"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!;
        AnswerSchema.Conforms(schema, await TestServer.Json(await Server.Post("/segment", request)), "the answer", document);
    }

    [Fact]
    public async Task OpenApi_Examples_AreRequestsThatAreTaken()
    {
        var document = await TestServer.Json(await Server.Client.GetAsync("/api/v1/openapi.json"));
        foreach (var (path, type) in new Dictionary<string, Type>
                 {
                     ["/images"] = typeof(ImageRequest), ["/segment"] = typeof(SegmentRequest), ["/parts"] = typeof(PlaceRequest),
                         ["/whole"] = typeof(PlaceRequest),
                     ["/everything"] = typeof(EverythingRequest), ["/batch"] = typeof(BatchRequest),
                 })
        {
            var example = document["paths"]!["/api/v1" + path]!["post"]!["requestBody"]!["content"]!["application/json"]!["example"];
            Assert.NotNull(example);
            Assert.NotNull(System.Text.Json.JsonSerializer.Deserialize(example.ToJsonString(), type, SemanticSam.Server.Api.Json.Options));
        }
    }

    [Theory]
    [InlineData("""{"image": {"id": "ID"}, "prompts": []}""", 400, "malformed")]
    [InlineData("""{"image": {"id": "ID"}, "prompts": [{}]}""", 422, "prompt_empty")]
    [InlineData("""{"image": {"id": "ID"}, "prompts": [{"points": [[200, 10]]}]}""", 422, "prompt_outside_image")]
    [InlineData("""{"image": {"id": "ID"}, "prompts": [{"points": [[1]]}]}""", 400, "malformed")]
    [InlineData("""{"image": {"id": "ID"}, "prompts": [{"points": [[1, 2]]}], "colour": 1}""", 400, "malformed")]
    [InlineData("""{"image": {"id": "ID", "base64": ""}, "prompts": [{"points": [[1, 2]]}]}""", 400, "malformed")]
    [InlineData("""{"image": {"id": "ID"}, "prompts": [{"points": [[1, 2]]}], "levels": ["huge"]}""", 400, "malformed")]
    [InlineData("""{"image": {"id": "ID"}, "prompts": [{"points": [[1, 2]]}], "label_threshold": 2}""", 422, "option_out_of_range")]
    [InlineData("""{"image": {"id": "ID"}, "prompts": [{"points": [[1, 2]], "logits": "0"}]}""", 409, "logits_unknown")]
    [InlineData("""{"image": {"id": "ID"}, "prompts": [{"mask": {"size": [64, 96], "counts": "!"}}]}""", 400, "malformed")]
    [InlineData("""{"prompts": [{"points": [[1, 2]]}]}""", 400, "malformed")]
    [InlineData("""{"image": null, "prompts": null}""", 400, "malformed")]
    [InlineData("""[]""", 400, "malformed")]
    [InlineData("""{""", 400, "malformed")]
    public async Task Segment_Mistakes_AreSaid(string body, int status, string code)
    {
        var response = await Server.Client.PostAsync("/api/v1/segment", new StringContent(body.Replace("ID", fixture.Id), Encoding.UTF8, "application/json"));
        await TestServer.Problem((HttpStatusCode)status, code, response);
    }
}
