using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using SemanticSam.Engine;
using SemanticSam.Formats.Shapes;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server.Adapters;

/// <summary>CVAT, X-AnyLabeling, samapi, osam and KServe: requests written from the field names of their sources, answers compared with the engine's.</summary>
public sealed class OtherToolsTests(EmbeddedServer fixture) : IClassFixture<EmbeddedServer>
{
    private static readonly byte[] Picture = TestServer.Picture();
    private static readonly string Base64 = Convert.ToBase64String(Picture);
    private static readonly Lazy<ImageSession> Session = new(() => TestServer.Embedded().Open(ImageDecoder.Decode(Picture)));

    private HttpClient Client => fixture.Server.Client;

    private static Rle Best(Prompt prompt) => Session.Value.Segment(prompt, new() { Masks = MaskChoice.Single, Vocabulary = [] }).Single().Mask;

    private static Rle At(GranularityLevel level, Prompt prompt) => Session.Value.Segment(prompt, new() { Levels = [level], Vocabulary = [] }).Single().Mask;

    private async Task<JsonNode> Post(string path, JsonNode body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var response = await Client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private static Rle Filled(JsonNode polygons) => PolygonPixels.Fill(
        [.. polygons.AsArray().Select(p => (IReadOnlyList<(double, double)>)[.. p!.AsArray().Select(c => ((double)c![0]!, (double)c[1]!))])], 64, 96,
        PolygonRule.Center);

    [Fact]
    public async Task Cvat_Functions_AreListedAndInvoked()
    {
        var functions = JsonNode.Parse(await Client.GetStringAsync("/api/functions"))!.AsObject();
        Assert.Contains("semsam-click", functions.Select(f => f.Key));
        Assert.Contains("semsam-click-part", functions.Select(f => f.Key));
        foreach (var (id, function) in functions)
        {
            Assert.Equal("ready", (string?)function!["status"]!["state"]);
            // CVAT asks whether there is a text, not what it says: "false" would have it demand a box before the first click.
            Assert.DoesNotContain("false", function["metadata"]!["annotations"]!.AsObject().Select(a => (string?)a.Value));
            Assert.All(function["metadata"]!["annotations"]!.AsObject(), a => Assert.Equal(System.Text.Json.JsonValueKind.String, a.Value!.GetValueKind()));
            Assert.Equal(id, (string?)JsonNode.Parse(await Client.GetStringAsync($"/api/functions/{id}"))!["metadata"]!["name"]);
        }
        Assert.NotEmpty(JsonNode.Parse((string)functions["semsam-text"]!["metadata"]!["annotations"]!["spec"]!)!.AsArray());

        JsonObject click = new() { ["image"] = Base64, ["pos_points"] = JsonNode.Parse("[[48, 32]]"), ["neg_points"] = JsonNode.Parse("[[4, 4]]"),
            ["obj_bbox"] = JsonNode.Parse("[[20, 8], [76, 56]]") };
        var prompt = new Prompt { Points = [new(48, 32), new(4, 4, false)], Box = new BoxF(20, 8, 76, 56) };
        foreach (var (path, id, expected) in new[] { ("/api/function_invocations", "semsam-click", Best(prompt)),
            ("/api/function_invocations", "semsam-click-part", At(GranularityLevel.Part, prompt)), ("/", "", Best(prompt)) })
        {
            var rows = (await Post(path, click, [.. id.Length > 0 ? new[] { ("x-nuclio-function-name", id) } : []]))["mask"]!.AsArray();
            Assert.Equal(expected, Rle.FromBytes([.. rows.SelectMany(r => r!.AsArray()).Select(v => (byte)(int)v!)], 64, 96));
        }
        foreach (var shape in (await Post("/api/function_invocations", new JsonObject { ["image"] = Base64, ["threshold"] = 0.0 },
            ("x-nuclio-function-name", "semsam-text"))).AsArray())
        {
            int[] mask = [.. shape!["mask"]!.AsArray().Select(v => (int)v!)];
            Assert.Equal(mask.Length - 4, (mask[^2] - mask[^4] + 1) * (mask[^1] - mask[^3] + 1)); // the crop and its inclusive corners
        }
    }

    [Fact]
    public async Task XAnyLabeling_Models_PredictShapes()
    {
        Assert.Equal("healthy", (string?)JsonNode.Parse(await Client.GetStringAsync("/health"))!["status"]);
        var models = JsonNode.Parse(await Client.GetStringAsync("/v1/models"))!["data"]!.AsObject();
        Assert.Contains("semsam-whole", models.Select(m => m.Key));
        Assert.Contains("button_add_point", models["semsam"]!["widgets"]!.AsArray().Select(w => (string?)w!["name"]));
        JsonObject Request(string model) => new()
        {
            ["model"] = model, ["image"] = "data:image/png;base64," + Base64,
            ["params"] =
                JsonNode.Parse(
                """{"marks": [{"type": "point", "data": [48, 32], "label": 1}, {"type": "point", "data": [4, 4], "label": 0}, {"type": "rectangle", "data": [76, 56, 20, 8], "label": 1}], "epsilon_factor": 0, "conf_threshold": 0.25}"""),
        };
        var shapes = (await Post("/v1/predict", Request("semsam")))["data"]!["shapes"]!.AsArray();
        var expected = Best(new Prompt { Points = [new(48, 32), new(4, 4, false)], Box = new BoxF(20, 8, 76, 56) });
        var filled = Filled(new JsonArray([.. shapes.Select(s => s!["points"]!.DeepClone())]));
        Assert.InRange(expected.IoU(filled), 0.9, 1); // corners within a pixel are left out
        Assert.All(shapes, s => Assert.Equal("polygon", (string?)s!["shape_type"]));
        Assert.Equal("MODEL_NOT_FOUND", (string?)(await Post("/v1/predict", Request("other")))["error"]!["code"]);
        // Whether the shapes before are replaced is the user's choice where the client offers it: beside words, not beside clicks.
        Assert.False((bool)(await Post("/v1/predict", Request("semsam")))["data"]!["replace"]!);
        var words = Request("semsam-text");
        words["params"] = new JsonObject { ["text_prompt"] = "person" };
        Assert.False((await Post("/v1/predict", words))["data"]!.AsObject().ContainsKey("replace"));
        var unwanted = Request("semsam");
        unwanted["params"] = JsonNode.Parse("""{"marks": [{"type": "rectangle", "data": [76, 56, 20, 8], "label": 0}]}""");
        Assert.Contains("not wanted", (string?)(await Post("/v1/predict", unwanted))["error"]!["message"], StringComparison.Ordinal);
        var two = Request("semsam");
        two["params"] =
            JsonNode.Parse("""{"marks": [{"type": "rectangle", "data": [4, 4, 20, 20]}, {"type": "rectangle", "data": [76, 56, 20, 8]}]}""");
        Assert.InRange(Filled(new JsonArray([.. (await Post("/v1/predict", two))["data"]!["shapes"]!.AsArray().Select(s => s!["points"]!.DeepClone())]))
            .IoU(Best(new Prompt { Box = new BoxF(20, 8, 76, 56) }).Union(Best(new Prompt { Box = new BoxF(4, 4, 20, 20) }))), 0.85, 1);
        var bad = Request("semsam");
        bad["image"] = "AAAA";
        var failed = await Post("/v1/predict", bad);
        Assert.Equal("INVALID_IMAGE", (string?)failed["error"]!["code"]);
        // The client reads these whatever "success" says: without them it takes the shapes of the image for replaced by none.
        Assert.Empty(failed["data"]!["shapes"]!.AsArray());
        Assert.False((bool)failed["data"]!["replace"]!);
    }

    [Fact]
    public async Task SamApi_Features_AreTheMasks()
    {
        var features = (await Post("/sam/", new JsonObject { ["type"] = "vit_h", ["b64img"] = Base64, ["bbox"] = new JsonArray(20, 8, 76, 56),
            ["point_coords"] = JsonNode.Parse("[[48, 32]]"), ["point_labels"] = new JsonArray(1), ["multimask_output"] = false })).AsArray();
        var feature = Assert.Single(features)!;
        Assert.Equal(("Feature", 0, "vit_h"), ((string)feature["type"]!, (int)feature["properties"]!["object_idx"]!,
            (string)feature["properties"]!["sam_model"]!));
        var geometry = feature["geometry"]!;
        var rings = (string)geometry["type"]! == "Polygon" ? geometry["coordinates"]!.DeepClone()
            : new JsonArray([.. geometry["coordinates"]!.AsArray().Select(p => p![0]!.DeepClone())]);
        Assert.InRange(Best(new Prompt { Points = [new(48, 32)], Box = new BoxF(20, 8, 76, 56) }).IoU(Filled(rings)), 0.9, 1);
        Assert.NotEmpty((await Post("/sam/automask/", new JsonObject {
            ["b64img"] = Base64, ["points_per_side"] = 6, ["pred_iou_thresh"] = 0.88, ["include_image_edge"] = true })).AsArray());
        Assert.Equal("0.7.0", await Client.GetStringAsync("/sam/version/"));
        // The client takes the first of the weights, whatever type it asks for, and fails where there is none.
        var weights = JsonNode.Parse(await Client.GetStringAsync("/sam/weights/?type=vit_l"))![0]!;
        Assert.Equal("vit_l", (string?)weights["type"]);
        Assert.All(new[] { "name", "url" }, key => Assert.False(string.IsNullOrEmpty((string?)weights[key])));
    }

    /// <summary>One caller's many questions go through in portions, and their answers know which question is theirs.</summary>
    [Fact]
    public async Task Roboflow_ManyPrompts_AreEachAnswered()
    {
        static JsonNode Point(int x, int y) => new JsonObject { ["points"] = new JsonArray(new JsonObject { ["x"] = x, ["y"] = y }) };
        JsonObject Ask(int count) => new()
        {
            ["image"] = new JsonObject { ["type"] = "base64", ["value"] = Base64 }, ["multimask_output"] = false,
            ["prompts"] = new JsonArray([.. Enumerable.Range(0, count).Select(i => i < 70 ? Point(48, 32) : Point(4, 4))]),
        };
        var predictions = (await Post("/sam2/segment_image", Ask(71)))["predictions"]!.AsArray();
        Assert.Equal(71, predictions.Count);
        Assert.InRange(Filled(predictions[69]!["masks"]!).IoU(Best(Prompt.At(48, 32))), 0.85, 1);
        Assert.InRange(Filled(predictions[70]!["masks"]!).IoU(Best(Prompt.At(4, 4))), 0.85, 1);
        using var response = await Client.PostAsync("/sam2/segment_image", JsonContent.Create(Ask(1001)));
        await TestServer.Problem(HttpStatusCode.BadRequest, "malformed", response);
    }

    [Fact]
    public async Task KServe_Ready_DoesNotWaitForTheModel()
    {
        using var gate = new ManualResetEventSlim();
        await using var server = await TestServer.Start(model: () =>
        {
            gate.Wait(TimeSpan.FromMinutes(1));
            return TestServer.Embedded();
        });
        foreach (string path in new[] { "/v2/health/ready", "/v2/models/semsam/ready" })
        {
            using var loading = await server.Client.GetAsync(path).WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, loading.StatusCode);
            Assert.False((bool)JsonNode.Parse(await loading.Content.ReadAsStringAsync())!["ready"]!);
        }
        gate.Set();
        await server.Server.Ready;
        Assert.True((bool)JsonNode.Parse(await server.Client.GetStringAsync("/v2/health/ready"))!["ready"]!);
        Assert.True((bool)JsonNode.Parse(await server.Client.GetStringAsync("/v2/models/semsam/ready"))!["ready"]!);
    }

    [Fact]
    public async Task Osam_Annotations_AreTheMasks()
    {
        var answer = await Post("/api/generate", new JsonObject { ["model"] = "efficientsam:part", ["image"] = Base64,
            ["prompt"] = JsonNode.Parse("""{"points": [[48, 32], [20, 8], [76, 56]], "point_labels": [1, 2, 3]}""") });
        var annotation = Assert.Single(answer["annotations"]!.AsArray())!;
        var expected = At(GranularityLevel.Part, new Prompt { Points = [new(48, 32)], Box = new BoxF(20, 8, 76, 56) });
        var box = annotation["bounding_box"]!;
        Assert.Equal(expected.Bounds, new BoxI((int)box["xmin"]!, (int)box["ymin"]!, (int)box["xmax"]! + 1, (int)box["ymax"]! + 1));
        Assert.Equal(expected.Crop(expected.Bounds), ImageDecoder.DecodeMask(Convert.FromBase64String((string)annotation["mask"]!), expected.Bounds.Width,
            expected.Bounds.Height));
    }

    /// <summary>labelme looks for an annotation's text among those it sent, and fails where it is none of them.</summary>
    [Fact]
    public async Task Names_AreThoseOfTheRequest()
    {
        string photo = Convert.ToBase64String(await File.ReadAllBytesAsync(Fixtures.OwnPath("wholepart/images/val/ccp_0667.jpg")));
        var osam = await Post("/api/generate", new JsonObject { ["model"] = "yoloworld", ["image"] = photo,
            ["prompt"] = new JsonObject { ["texts"] = new JsonArray("giraffe", "Persons") } });
        Assert.Contains("Persons", osam["annotations"]!.AsArray().Select(a => (string)a!["text"]!));
        Assert.Subset(new HashSet<string> { "giraffe", "Persons" }, osam["annotations"]!.AsArray().Select(a => (string)a!["text"]!).ToHashSet());
        var shapes = await Post("/v1/predict", new JsonObject { ["model"] = "semsam-text", ["image"] = photo,
            ["params"] = new JsonObject { ["text_prompt"] = "giraffe.Persons" } });
        Assert.Contains("Persons", shapes["data"]!["shapes"]!.AsArray().Select(a => (string)a!["label"]!));
        Assert.All(shapes["data"]!["shapes"]!.AsArray(), s =>
        {
            var points = s!["points"]!.AsArray();
            Assert.True(JsonNode.DeepEquals(points[0], points[^1])); // the client closes polygons by that alone
        });
        var tensors = await Post("/v2/models/semsam/infer", new JsonObject
        {
            ["inputs"] = new JsonArray(
                new JsonObject { ["name"] = "image", ["datatype"] = "BYTES", ["shape"] = new JsonArray(1), ["data"] = new JsonArray(photo) },
                new JsonObject { ["name"] = "names", ["datatype"] = "BYTES", ["shape"] = new JsonArray(2), ["data"] = new JsonArray("giraffe", "Persons") }),
            ["outputs"] = new JsonArray(new JsonObject { ["name"] = "names" }, new JsonObject { ["name"] = "scores" }),
        });
        var outputs = tensors["outputs"]!.AsArray().ToDictionary(t => (string)t!["name"]!, t => t!["data"]!.AsArray());
        Assert.Contains("Persons", outputs["names"].Select(n => (string)n!));
        Assert.Equal(outputs["scores"].Count, outputs["names"].Count);
    }

    /// <summary>Codes that osam does not have, and half a box, would leave out what was asked.</summary>
    [Theory]
    [InlineData("[1, 2]", "corners")]
    [InlineData("[1, 3]", "corners")]
    [InlineData("[1, 4]", "4")]
    [InlineData("[1]", "as many")]
    public async Task Osam_PointsThatCannotBeUnderstood_AreRefused(string labels, string reason)
    {
        using var response = await Client.PostAsync("/api/generate", JsonContent.Create(new JsonObject { ["image"] = Base64,
            ["prompt"] = new JsonObject { ["points"] = JsonNode.Parse("[[48, 32], [20, 8]]"), ["point_labels"] = JsonNode.Parse(labels) } }));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(reason, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"], StringComparison.Ordinal);
    }

    /// <summary>As osam does: what lies in the middle.</summary>
    [Fact]
    public async Task Osam_WithoutPrompt_AsksForTheMiddle()
    {
        var box = (await Post("/api/generate", new JsonObject { ["model"] = "semsam", ["image"] = Base64 }))["annotations"]![0]!["bounding_box"]!;
        var expected = Best(Prompt.At(48, 32)).Bounds;
        Assert.Equal((expected.Left, expected.Top), ((int)box["xmin"]!, (int)box["ymin"]!));
    }

    /// <summary>The servers that these tools were written for take numbers and flags in quotes.</summary>
    [Theory]
    [InlineData("/api/function_invocations", """{"image": IMAGE, "pos_points": [["48", "32"]], "neg_points": []}""")]
    [InlineData("/v1/predict", """{"model": "semsam", "image": IMAGE, "params": {"marks": [{"type": "point", "data": ["48", "32"], "label": "1"}]}}""")]
    [InlineData("/sam/", """{"b64img": IMAGE, "point_coords": [["48.0", "32"]], "point_labels": ["1"], "multimask_output": "false"}""")]
    [InlineData("/sam2/segment_image",
        """{"image": {"type": "base64", "value": IMAGE}, "prompts": [{"points": [{"x": "48", "y": "32", "positive": "True"}]}]}""")]
    public async Task Numbers_InQuotes_AreTaken(string path, string body)
    {
        string quoted = (await Post(path, JsonNode.Parse(body.Replace("IMAGE", $"\"{Base64}\"", StringComparison.Ordinal))!)).ToJsonString();
        string plain = body.Replace("\"48\"", "48", StringComparison.Ordinal).Replace("\"48.0\"", "48", StringComparison.Ordinal)
            .Replace("\"32\"", "32", StringComparison.Ordinal).Replace("\"1\"", "1", StringComparison.Ordinal)
            .Replace("\"false\"", "false", StringComparison.Ordinal).Replace("\"True\"", "true", StringComparison.Ordinal);
        string expected = (await Post(path, JsonNode.Parse(plain.Replace("IMAGE", $"\"{Base64}\"", StringComparison.Ordinal))!)).ToJsonString();
        Assert.Equal(expected.Split("\"time\"")[0], quoted.Split("\"time\"")[0]);
        Assert.DoesNotContain("\"success\":false", quoted, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/sam2/segment_image", "binary")]
    [InlineData("/sam3/visual_segment", "png")]
    [InlineData("/sam3/concept_segment", "npz")]
    public async Task Roboflow_FormatThatIsNotWritten_IsRefused(string path, string format)
    {
        using var response = await Client.PostAsync(path, JsonContent.Create(new JsonObject { ["format"] = format,
            ["image"] = new JsonObject { ["type"] = "base64", ["value"] = Base64 }, ["prompts"] = JsonNode.Parse("""[{"text": "person"}]""") }));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(format, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task KServe_Tensors_InJsonAndBinary(bool binary)
    {
        var image = ImageDecoder.Decode(Picture);
        var expected = Session.Value.Segment(Prompt.At(48, 32), new() { Vocabulary = [] }).Where(m => !m.Mask.IsEmpty).ToArray();
        var request = new JsonObject
        {
            ["id"] = "42",
            ["inputs"] = new JsonArray(new JsonObject { ["name"] = "image", ["shape"] = new JsonArray(1, 64, 96, 3), ["datatype"] = "UINT8" },
                new JsonObject { ["name"] = "points", ["shape"] = new JsonArray(1, 2), ["datatype"] = "FP32", ["data"] = JsonNode.Parse("[[48, 32]]") }),
            ["outputs"] = JsonNode.Parse("""[{"name": "masks", "parameters": {"binary_data": BINARY}}, {"name": "levels"}]""".Replace("BINARY", binary
                ? "true" : "false", StringComparison.Ordinal)),
        };
        if (binary) request["inputs"]![0]!["parameters"] = new JsonObject { ["binary_data_size"] = image.Pixels.Length };
        else request["inputs"]![0]!["data"] = new JsonArray([.. image.Pixels.Select(p => (JsonNode)(int)p)]);
        byte[] head = Encoding.UTF8.GetBytes(request.ToJsonString());
        using var content = new ByteArrayContent(binary ? [.. head, .. image.Pixels] : head);
        if (binary) content.Headers.Add("Inference-Header-Content-Length", head.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var response = await Client.PostAsync("/v2/models/semsam/infer", content);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        Assert.True(response.IsSuccessStatusCode, Encoding.UTF8.GetString(body));
        int length = binary ? int.Parse(response.Headers.GetValues("Inference-Header-Content-Length").Single(),
            System.Globalization.CultureInfo.InvariantCulture) : body.Length;
        var answer = JsonNode.Parse(body.AsSpan(0, length))!;
        Assert.Equal("42", (string?)answer["id"]);
        Assert.Equal([expected.Length, 64, 96], answer["outputs"]![0]!["shape"]!.AsArray().Select(s => (int)s!));
        byte[] masks = binary ? body[length..] : [.. answer["outputs"]![0]!["data"]!.AsArray().Select(v => (byte)(int)v!)];
        Assert.Equal(expected.SelectMany(m => m.Mask.ToBytes()), masks);
        Assert.Equal(expected.Select(m => (int)m.Level!), answer["outputs"]![1]!["data"]!.AsArray().Select(v => (int)v!));
    }

    [Fact]
    public async Task KServe_Mistakes_HaveTheirOwnForm()
    {
        var response = await Client.PostAsync("/v2/models/semsam/infer",
            JsonContent.Create(JsonNode.Parse("""{"inputs": [{"name": "image", "shape": [1, 9, 9, 3], "datatype": "UINT8", "data": [1]}]}""")));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("shape", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await Client.GetAsync("/v2/models/other")).StatusCode);
        Assert.Equal("""["binary_tensor_data"]""", JsonNode.Parse(await Client.GetStringAsync("/v2"))!["extensions"]!.ToJsonString());
    }

    [Theory]
    [InlineData("/v1/predict")]
    [InlineData("/sam/")]
    [InlineData("/sam/automask/")]
    [InlineData("/sam/sam3/")]
    [InlineData("/api/generate")]
    [InlineData("/api/function_invocations")]
    [InlineData("/sam2/segment_image")]
    [InlineData("/sam3/concept_segment")]
    [InlineData("/yolo_world/infer")]
    [InlineData("/label-studio/setup")]
    [InlineData("/label-studio/predict")]
    [InlineData("/label-studio/webhook")]
    [InlineData("/v2/models/semsam/infer")]
    public async Task Bodies_OfAnyForm_AreNeverAnInnerFailure(string path)
    {
        string png = $"\"{Base64}\"";
        foreach (string body in new[]
                 {
                     "", "[]", "{", "null", "1", "{}", "{\"image\": 1}", $"{{\"image\": {png}, \"b64img\": {png}}}",
                         "{\"image\": {\"type\": \"base64\", \"value\": 3}}",
                         $"{{\"image\": {png}, \"pos_points\": [[1]], \"params\": {{\"marks\": [{{}}]}}, \"prompt\": {{\"points\": [1]}}}}",
                     $"{{\"image\": {{\"type\": \"base64\", \"value\": {png}}}, \"prompts\": [1], \"text\": [null]}}",
                         "{\"tasks\": [{\"data\": {}}], \"label_config\": \"<\", \"action\": 3}",
                         "{\"inputs\": [{\"name\": \"image\", \"datatype\": \"X\", \"shape\": [-1]}]}",
                     $"{{\"b64img\": {png}, \"bbox\": [1, 2], \"point_coords\": [[900, 900]], \"text_prompt\": \",\"}}", "{\"image\": \"\\ud800\"}",
                         new string('[', 100),
                 })
        {
            using var response = await Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
            Assert.True((int)response.StatusCode < 500, $"{(int)response.StatusCode} for {body}");
        }
    }
}
