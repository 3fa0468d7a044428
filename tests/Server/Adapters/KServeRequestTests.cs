using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace SemanticSam.Tests.Server.Adapters;

/// <summary>Requests of KServe v2: what is not understood is refused in the one key that its clients read, never left out silently.</summary>
public sealed class KServeRequestTests(EmbeddedServer fixture) : IClassFixture<EmbeddedServer>
{
    private static readonly string Base64 = Convert.ToBase64String(TestServer.Picture());

    private const string Points = """{"name": "points", "datatype": "FP32", "shape": [2, 2], "data": [48, 32, 4, 4]}""";

    private static string Image => $$"""{"name": "image", "datatype": "BYTES", "shape": [1], "data": ["{{Base64}}"]}""";

    private async Task<(HttpStatusCode Status, JsonNode Body)> Post(string path, string body)
    {
        using var response = await fixture.Server.Client.PostAsync(path, JsonContent.Create(JsonNode.Parse(body)));
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> Infer(string inputs, string outputs) =>
        Post("/v2/models/semsam/infer", $$"""{"inputs": [{{Image}}, {{inputs}}], "outputs": {{outputs}}}""");

    /// <summary>JSON cannot hold a file but as base64, which MLServer's clients write so.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("data:image/png;base64,")]
    public async Task Image_InJson_IsBase64(string before)
    {
        string image = Image.Replace(Base64, before + Base64, StringComparison.Ordinal);
        var (status, body) = await Post("/v2/models/semsam/infer", $$"""{"inputs": [{{image}}, {{Points}}], "outputs": [{"name": "masks"}]}""");
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        Assert.Equal([64, 96], body["outputs"]![0]!["shape"]!.AsArray().Skip(1).Select(s => (int)s!));
    }

    [Theory]
    [InlineData(Points, """[{"name": "mask"}]""", "'mask'")]
    [InlineData(Points, """[{"name": "scores"}, {"name": "scores"}]""", "twice")]
    [InlineData(Points + """, {"name": "point_labels", "datatype": "INT64", "shape": [2], "data": [1, 0]}""", "[]", "'point_labels'")]
    [InlineData(Points + """, {"name": "labels", "datatype": "INT64", "shape": [1], "data": [1]}""", "[]", "labels")]
    [InlineData(Points + """, {"name": "labels", "datatype": "INT64", "shape": [3], "data": [1, 0, 0]}""", "[]", "labels")]
    [InlineData(Points + """, {"name": "names", "datatype": "BYTES", "shape": [1], "data": ["ball"]}""", "[]", "names")]
    [InlineData("""{"name": "points", "datatype": "BYTES", "shape": [2], "data": ["48", "32"]}""", "[]", "numbers")]
    [InlineData("""{"name": "names", "datatype": "BYTES", "shape": [3], "data": ["ball"]}""", "[]", "3")]
    public async Task Request_ThatIsNotUnderstood_IsRefused(string inputs, string outputs, string reason)
    {
        var (status, body) = await Infer(inputs, outputs);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(reason, (string?)body["error"], StringComparison.Ordinal);
    }

    /// <summary>Clients read the header's length before anything else; it is there also where nothing was found.</summary>
    [Fact]
    public async Task Bytes_OfNothing_HaveTheirHeader()
    {
        string body = $$$"""
            {"inputs": [{{{Image}}}, {"name": "names", "shape": [1], "datatype": "BYTES", "data": ["giraffe"]}], "parameters": {"binary_data_output": true}}
            """;
        using var response = await fixture.Server.Client.PostAsync("/v2/models/semsam/infer", new StringContent(body));
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        Assert.True(response.IsSuccessStatusCode, System.Text.Encoding.UTF8.GetString(answer));
        int head = int.Parse(Assert.Single(response.Headers.GetValues("Inference-Header-Content-Length")), System.Globalization.CultureInfo.InvariantCulture);
        var masks = JsonNode.Parse(answer.AsSpan(0, head))!["outputs"]![0]!;
        Assert.Equal(0, (int)masks["shape"]![0]!);
        Assert.Equal(0, (int)masks["parameters"]!["binary_data_size"]!);
    }

    [Fact]
    public async Task Bytes_ThatBelongToNoTensor_AreRefused()
    {
        string head = $$"""{"inputs": [{{Image}}, {{Points}}]}""";
        using var content = new StringContent(head + "xx");
        content.Headers.Add("Inference-Header-Content-Length", head.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var response = await fixture.Server.Client.PostAsync("/v2/models/semsam/infer", content);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("2", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v2/models/other", HttpStatusCode.NotFound)]
    [InlineData("/v2/models/other/ready", HttpStatusCode.NotFound)]
    [InlineData("/v2/models/semsam/versions/9/ready", HttpStatusCode.NotFound)]
    [InlineData("/v2/models/semsam/versions/1/ready", HttpStatusCode.OK)]
    public async Task Model_OfAnotherNameOrVersion_IsUnknown(string path, HttpStatusCode status)
    {
        using var response = await fixture.Server.Client.GetAsync(path);
        Assert.Equal(status, response.StatusCode);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(status != HttpStatusCode.OK, body["error"] is not null);
    }

    /// <summary>Their clients read "error" of whatever is no success, the guards' refusals included.</summary>
    [Fact]
    public async Task Refusal_ByAGuard_HasTheirKey()
    {
        await using var server = await TestServer.Start(TestServer.Options with { ApiKeys = ["a-key-for-the-tests-0001"] });
        using var response = await server.Client.GetAsync("/v2/models/semsam");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("key", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"], StringComparison.Ordinal);
    }
}
