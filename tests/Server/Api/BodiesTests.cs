using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using SemanticSam.Engine;

namespace SemanticSam.Tests.Server.Api;

/// <summary>JSON as programs send it by mistake: what is wrong with it is said, in words that are not those of the program's inside.</summary>
public sealed class BodiesTests
{
    private static readonly Func<SegmentationModel> NoModel = () => throw new InvalidDataException("there is no model in this test");
    private const string Image = """ "image": {"id": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"} """;

    private static async Task<string> Detail(HttpResponseMessage response, HttpStatusCode status = HttpStatusCode.BadRequest, string code = "malformed")
    {
        string detail = (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]!;
        await TestServer.Problem(status, code, response);
        foreach (string inner in new[] { "SemanticSam.", "System.", "LineNumber", "BytePosition", "reader options", "nullab", "isFinalBlock", "An item with" })
            Assert.DoesNotContain(inner, detail, StringComparison.Ordinal);
        return detail;
    }

    private static MultipartFormDataContent Form(string request) => new()
    {
        { new ByteArrayContent(TestServer.Picture()), "image", "a.png" }, { new StringContent(request), "request" },
    };

    [Theory]
    [InlineData("""{IMAGE, "prompts": [{"points": [[1, 1]]}], "prompts": []}""", "'prompts' stands twice")]
    [InlineData("""{IMAGE, "prompts": [{"points": [[1, 1]], "points": [[2, 2]]}]}""", "'points' stands twice")]
    [InlineData("""{IMAGE, "prompts": null}""", "'prompts' is null")]
    [InlineData("""{IMAGE}""", "'prompts' is missing")]
    [InlineData("""{IMAGE, "prompts": [],}""", "comma")]
    [InlineData("""{IMAGE, "prompts": [{"points": [[NaN, 1]]}]}""", "'N' is not expected")]
    [InlineData("""{'image': 1}""", "single quotes")]
    [InlineData("""{IMAGE, "prompts": [{"names": ["\ud800"]}]}""", "Unicode")]
    [InlineData("""{"\ud800": 1}""", "Unicode")]
    [InlineData("""{IMAGE, "prompts": [{"point": [[1, 1]]}]}""", "prompts[0].point")]
    [InlineData("""{IMAGE, "prompts": []} more""", "column")]
    [InlineData("""{IMAGE, "levels": ["huge"], "prompts": []}""", "'levels': A level is scene")]
    [InlineData("", "too early")]
    public async Task Json_ThatIsWrong_IsSaid(string body, string said)
    {
        await using var server = await TestServer.Start(model: NoModel);
        string json = body.Replace("IMAGE", Image, StringComparison.Ordinal);
        using var response = await server.Client.PostAsync("/api/v1/segment", new StringContent(json, Encoding.UTF8, "application/json"));
        Assert.Contains(said, await Detail(response), StringComparison.Ordinal);
        using var form = Form(json);
        using var formed = await server.Client.PostAsync("/api/v1/segment", form);
        await Detail(formed);
    }

    /// <summary>As some programs of Windows write every text.</summary>
    [Theory]
    [InlineData("/api/v1/segment")]
    [InlineData("/sam/")]
    public async Task Json_BehindAByteOrderMark_IsRead(string path)
    {
        await using var server = await TestServer.Start(model: NoModel);
        byte[] body = [.. Encoding.UTF8.Preamble, .. "{}"u8];
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var response = await server.Client.PostAsync(path, content);
        Assert.Contains("missing", await Detail(response), StringComparison.Ordinal); // of what is in it
    }

    /// <summary>curl names a type of forms where nobody says another.</summary>
    [Theory]
    [InlineData("/api/v1/images", "application/x-www-form-urlencoded", "image/*")]
    [InlineData("/api/v1/segment", "application/x-www-form-urlencoded", "application/json, multipart/form-data")]
    [InlineData("/api/v1/batch", "text/plain", "application/json")]
    public async Task ContentType_ThatIsNotTaken_IsSaidWithThoseThatAre(string path, string type, string taken)
    {
        await using var server = await TestServer.Start(model: NoModel);
        using var content = new ByteArrayContent("{}"u8.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        using var response = await server.Client.PostAsync(path, content);
        string detail = await Detail(response, HttpStatusCode.UnsupportedMediaType, "content_type_refused");
        Assert.Contains(type, detail, StringComparison.Ordinal);
        Assert.Contains(taken, detail, StringComparison.Ordinal);
    }
}

/// <summary>Options beyond what is allowed are called by their names in the request.</summary>
public sealed class OptionNamesTests(EmbeddedServer shared) : IClassFixture<EmbeddedServer>
{
    [Theory]
    [InlineData("/segment", "presence_threshold", "5")]
    [InlineData("/segment", "label_threshold", "-1")]
    [InlineData("/segment", "min_region_area", "-5")]
    [InlineData("/everything", "points_per_side", "500")]
    [InlineData("/everything", "stability_score_thresh", "2")]
    [InlineData("/everything", "min_mask_area", "-1")]
    public async Task Option_OutOfRange_IsNamed(string path, string option, string value)
    {
        var body = TestServer.Click(shared.Id);
        if (path == "/everything") body.Remove("prompts");
        body[option] = JsonNode.Parse(value);
        using var response = await shared.Server.Post(path, body);
        string detail = (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]!;
        await TestServer.Problem(HttpStatusCode.UnprocessableEntity, "option_out_of_range", response);
        Assert.StartsWith(option + ": ", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("must be a non-negative", detail, StringComparison.Ordinal);
    }
}
