using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server;

/// <summary>What was assumed of an image, and what was not taken as it was asked, stands in every answer about it, as the command line says it.</summary>
public sealed class NoticesTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly MemoryLog _log = new();
    private TestServer _server = null!;

    /// <summary>12 bits in samples of 16.</summary>
    private static byte[] Deep => File.ReadAllBytes(Fixtures.OwnPath("imaging/gray12of16.png"));

    public async Task InitializeAsync() => _server = await TestServer.Start(model: () => TinyNano.Model(_folder), logging: l => l.AddProvider(_log));

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private static string[] Said(JsonNode answer) => [.. (answer["notices"]?.AsArray() ?? []).Select(n => (string)n!)];

    private async Task<JsonObject> Upload(byte[] picture) => await TestServer.Json(await _server.Client.PostAsync("/api/v1/images", TestServer.File(picture)));

    private static JsonObject Ask(string id, string prompt) => new() { ["image"] = new JsonObject { ["id"] = id },
        ["prompts"] = new JsonArray(JsonNode.Parse(prompt)) };

    [Fact]
    public async Task Image_OfTwelveBits_IsSaidByEveryAnswerAboutIt()
    {
        var opened = await Upload(Deep);
        string id = (string)opened["id"]!;
        var answers = new List<JsonNode>
        {
            opened, await Upload(Deep), await TestServer.Json(await _server.Client.GetAsync($"/api/v1/images/{id}")),
            await TestServer.Json(await _server.Post("/segment", TestServer.Click(id, 10, 10))),
        };
        JsonObject place = new() { ["image"] = new JsonObject { ["id"] = id }, ["prompt"] = JsonNode.Parse("""{"points": [[10, 10]]}"""),
            ["region"] = new JsonArray(2, 2, 20, 20) };
        answers.Add(await TestServer.Json(await _server.Post("/parts", place.DeepClone())));
        answers.Add(await TestServer.Json(await _server.Post("/whole", place)));
        string stream = await (await _server.Post("/everything",
            new JsonObject { ["image"] = new JsonObject { ["id"] = id }, ["points_per_side"] = 2 })).Content.ReadAsStringAsync();
        answers.Add(JsonNode.Parse(stream.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1])!);
        string batch = await (await _server.Post("/batch", new JsonObject { ["images"] = new JsonArray(new JsonObject { ["id"] = id }),
            ["prompts"] = new JsonArray(JsonNode.Parse("""{"points": [[10, 10]]}""")) })).Content.ReadAsStringAsync();
        answers.Add(JsonNode.Parse(batch.Split('\n')[0])!["result"]!);
        Assert.All(answers, a => Assert.Contains("samples of 12 bits", Assert.Single(Said(a)), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Image_CutOffNearItsEnd_IsShownWithANotice_AndInTheMiddleRefused()
    {
        var noise = new RgbImage(256, 256); // so that every row takes as many bytes
        new Random(5).NextBytes(noise.Pixels);
        byte[] whole = ImageEncoder.Jpeg(noise, 95);
        Assert.Contains("cut off", Assert.Single(Said(await Upload(whole[..(whole.Length * 97 / 100)]))), StringComparison.Ordinal);
        await TestServer.Problem(HttpStatusCode.UnprocessableEntity, "image_truncated",
            await _server.Client.PostAsync("/api/v1/images", TestServer.File(whole[..(whole.Length / 2)])));
        Assert.Null((await Upload(whole))["notices"]);
    }

    [Fact]
    public async Task Box_ThatSticksOut_IsCutWithANotice_AndOneOutsideRefused()
    {
        string id = (string)(await Upload(TestServer.Picture()))["id"]!;
        var inside = await TestServer.Json(await _server.Post("/segment", Ask(id, """{"box": [20, 10, 96, 64]}""")));
        var sticking = await TestServer.Json(await _server.Post("/segment", Ask(id, """{"box": [20, 10, 100.5, 70]}""")));
        Assert.Empty(Said(inside));
        Assert.Equal(["the box (20, 10, 100.5, 70) sticks out of the image of 96 x 64 and is cut to (20, 10, 96, 64)."], Said(sticking));
        Assert.Equal(Masks(inside), Masks(sticking));
        var regional = Ask(id, """{"box": [20, 10, 100, 60]}""");
        regional["region"] = new JsonArray(10, 5, 90, 60);
        Assert.Equal(["the box (20, 10, 100, 60) sticks out of the region (10, 5, 90, 60) and is cut to (20, 10, 90, 60)."],
            Said(await TestServer.Json(await _server.Post("/segment", regional))));
        await TestServer.Problem(HttpStatusCode.UnprocessableEntity, "prompt_outside_image",
            await _server.Post("/segment", Ask(id, """{"box": [100, 70, 120, 90]}""")));
    }

    /// <summary>Shares of the sides are a spot of the first pixel, and were answered with an empty mask and no word.</summary>
    [Theory]
    [InlineData("""{"box": [0.2, 0.1, 0.8, 0.9]}""", "all of the box (0.2, 0.1, 0.8, 0.9) lies within the first pixel")]
    [InlineData("""{"points": [[0.5, 0.5]]}""", "the point (0.5, 0.5) lies within the first pixel")]
    public async Task Place_InSharesOfTheSides_IsANotice(string prompt, string notice)
    {
        string id = (string)(await Upload(TestServer.Picture()))["id"]!;
        Assert.StartsWith(notice, Assert.Single(Said(await TestServer.Json(await _server.Post("/segment", Ask(id, prompt))))), StringComparison.Ordinal);
    }

    private static string[] Masks(JsonObject answer) => [.. answer["annotations"]!.AsArray().Select(a => (string)a!["segmentation"]!["counts"]!)];

    [Fact]
    public async Task Names_ThatStandForOthers_AreNotices()
    {
        string id = (string)(await Upload(TestServer.Picture()))["id"]!;
        var answer = await TestServer.Json(await _server.Post("/segment", Ask(id, """{"names": ["couch"]}""")));
        Assert.Equal([(string)answer["names"]![0]!["notice"]!], Said(answer));
        Assert.StartsWith("couch -> sofa", Said(answer)[0], StringComparison.Ordinal);
    }

    /// <summary>The protocols of other programs have no place for notices: they go to the log, without the names that were asked for.</summary>
    [Fact]
    public async Task Adapters_LogNotices_WithoutNames()
    {
        string picture = Convert.ToBase64String(Deep);
        await TestServer.Json(await Post("/sam2/segment_image", $$$"""
            {"image": {"type": "base64", "value": "{{{picture}}}"}, "prompts": {"prompts": [{"box": {"x": 10, "y": 10, "width": 1000, "height": 16}}]}}
            """));
        await TestServer.Json(await Post("/sam3/concept_segment",
            $$$"""{"image": {"type": "base64", "value": "{{{picture}}}"}, "prompts": [{"type": "text", "text": "couch"}]}"""));
        Assert.Contains(_log.Lines, l => l.StartsWith("/sam2/segment_image: The image has samples of 16 bits", StringComparison.Ordinal));
        Assert.Contains(_log.Lines, l => l.StartsWith("/sam2/segment_image: the box (-490, 2, 510, 18) sticks out", StringComparison.Ordinal));
        Assert.Contains(_log.Lines, l => l.StartsWith("/sam3/concept_segment: 1 of 1 names", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Lines, l => l.Contains("couch", StringComparison.Ordinal));

        Task<HttpResponseMessage> Post(string path, string json) => _server.Client.PostAsync(path, new StringContent(json, null, "application/json"));
    }
}
