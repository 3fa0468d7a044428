using System.IO.Compression;
using System.Net;
using System.Text;
using SemanticSam.Engine;

namespace SemanticSam.Tests.Server.Api;

/// <summary>What every HTTP client may expect: HEAD beside GET, and a reason where a path, a method or an encoding of the body is not served.</summary>
public sealed class MethodsTests
{
    private static readonly Func<SegmentationModel> NoModel = () => throw new InvalidDataException("there is no model in this test");

    /// <summary>Load balancers and monitors ask with HEAD.</summary>
    [Theory]
    [InlineData("/")]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/page/style.css")]
    [InlineData("/api/v1/openapi.json")]
    [InlineData("/api/v1/images/0")]
    [InlineData("/label-studio/health")]
    [InlineData("/v2/health/live")]
    public async Task Head_IsAnsweredAsGet_WithoutTheBody(string path)
    {
        await using var server = await TestServer.Start(model: NoModel);
        using var get = await server.Client.GetAsync(path);
        using var head = await server.Client.SendAsync(new(HttpMethod.Head, path));
        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        // The connection goes on with the next answer: nothing of a body was sent that a client does not expect.
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/healthz")).StatusCode);
    }

    /// <summary>Tags are compared weakly, as a proxy that compresses makes them; a list and a star stand for what is there.</summary>
    [Theory]
    [InlineData("{0}", HttpStatusCode.NotModified)]
    [InlineData("W/{0}", HttpStatusCode.NotModified)]
    [InlineData("\"other\", W/{0}", HttpStatusCode.NotModified)]
    [InlineData("*", HttpStatusCode.NotModified)]
    [InlineData("\"other\"", HttpStatusCode.OK)]
    [InlineData("no tag", HttpStatusCode.OK)]
    public async Task PageFile_ThatTheClientHas_IsNotSentAgain(string condition, HttpStatusCode expected)
    {
        await using var server = await TestServer.Start(model: NoModel);
        string tag = (await server.Client.GetAsync("/page/style.css")).Headers.ETag!.ToString();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/page/style.css");
        request.Headers.TryAddWithoutValidation("If-None-Match", condition.Replace("{0}", tag, StringComparison.Ordinal));
        Assert.Equal(expected, (await server.Client.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("GET", "/nothing", HttpStatusCode.NotFound, "path_unknown", "")]
    [InlineData("GET", "/page/nothing.js", HttpStatusCode.NotFound, "path_unknown", "")]
    [InlineData("GET", "/api/v1/segment", HttpStatusCode.MethodNotAllowed, "method_refused", "POST")]
    [InlineData("HEAD", "/api/v1/segment", HttpStatusCode.MethodNotAllowed, "", "POST")]
    [InlineData("DELETE", "/api/v1/model", HttpStatusCode.MethodNotAllowed, "method_refused", "GET")]
    public async Task Address_ThatIsNotServed_IsSaidSo(string method, string path, HttpStatusCode status, string code, string allowed)
    {
        await using var server = await TestServer.Start(model: NoModel);
        using var response = await server.Client.SendAsync(new(new(method), path));
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow));
        if (code.Length > 0) await TestServer.Problem(status, code, response);
        else Assert.Equal(status, response.StatusCode);
    }

    /// <summary>A body that is compressed would be read as what it is not; nothing is unpacked here, so nothing can grow.</summary>
    [Theory]
    [InlineData("/api/v1/images", "gzip")]
    [InlineData("/api/v1/segment", "deflate")]
    [InlineData("/v2/models/semsam/infer", "gzip")]
    [InlineData("/api/v1/segment", "br, gzip")]
    public async Task Body_ThatIsCompressed_IsRefusedWithTheReason(string path, string encoding)
    {
        await using var server = await TestServer.Start(model: NoModel);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write("{}"u8);
        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.Add("Content-Encoding", encoding);
        using var response = await server.Client.PostAsync(path, content);
        await TestServer.Problem(HttpStatusCode.UnsupportedMediaType, "encoding_refused", response);
        Assert.Equal("identity", Assert.Single(response.Headers.GetValues("Accept-Encoding"))); // RFC 7694
    }

    [Fact]
    public async Task Body_OfEncodingIdentity_IsTaken()
    {
        await using var server = await TestServer.Start(model: NoModel);
        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        content.Headers.Add("Content-Encoding", "Identity");
        await TestServer.Problem(HttpStatusCode.BadRequest, "malformed", await server.Client.PostAsync("/api/v1/segment", content));
    }
}
