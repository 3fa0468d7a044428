using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Server;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Tests.Server;

/// <summary>A server on a free port, its client, and what it counted.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, List<double>> _measured = [];

    private TestServer(SegmentationServer server, HttpClient client) => (Server, Client) = (server, client);

    public SegmentationServer Server { get; }

    public HttpClient Client { get; }

    /// <summary>Limits that no test runs into by itself; and a process full of servers warms up by itself.</summary>
    public static ServerOptions Options { get; } = new() { Port = 0, RequestsPerSecond = 100_000, WarmsUp = false };

    /// <summary>The embedded model in float32, in which two encodings of an image are alike on however many threads.</summary>
    public static SegmentationModel Embedded() => SegmentationModel.Default(new ModelOptions { Precision = ModelPrecision.Float32 });

    public static async Task<TestServer> Start(ServerOptions? options = null, Func<SegmentationModel>? model = null,
        Action<Microsoft.Extensions.Logging.ILoggingBuilder>? logging = null)
    {
        var server = await SegmentationServer.StartAsync(model ?? Embedded, options ?? Options, logging);
        var started = new TestServer(server, new() { BaseAddress = new(server.Addresses[0]), Timeout = TimeSpan.FromMinutes(3) });
        started.Listen();
        return started;
    }

    /// <summary>A picture with something in it, different for each seed.</summary>
    public static byte[] Picture(int seed = 0, int width = 96, int height = 64)
    {
        var image = new RgbImage(width, height);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                bool inside = (x - width / 2) * (x - width / 2) + (y - height / 2) * (y - height / 2) < height * height / 9;
                var pixel = image.Row(y).Slice(3 * x, 3);
                (pixel[0], pixel[1], pixel[2]) = inside ? ((byte)220, (byte)40, (byte)(30 + seed)) : ((byte)60, (byte)(120 + y / 2), (byte)200);
            }
        return ImageEncoder.Png(image);
    }

    public static HttpContent File(byte[] bytes) => new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };

    public static JsonObject Click(string id, double x = 48, double y = 32) =>
        new() { ["image"] = new JsonObject { ["id"] = id }, ["prompts"] = new JsonArray(new JsonObject { ["points"] = new JsonArray(new JsonArray(x, y)) }) };

    /// <summary>Sends an image and gives its id.</summary>
    public async Task<string> Upload(byte[] picture) => (string)(await Json(await Client.PostAsync("/api/v1/images", File(picture))))["id"]!;

    public Task<HttpResponseMessage> Post(string path, JsonNode body, CancellationToken cancellation = default) =>
        Client.PostAsync("/api/v1" + path, JsonContent.Create(body), cancellation);

    /// <summary>The answer's JSON, which has to be a success.</summary>
    public static async Task<JsonObject> Json(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>That the answer is a problem of this kind, as RFC 9457 says it.</summary>
    public static async Task Problem(HttpStatusCode status, string code, HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(text)!;
        Assert.Equal(code, (string?)problem["code"]);
        Assert.NotEqual("", (string?)problem["detail"]);
    }

    /// <summary>What an instrument measured, such as "semsam.step.duration read".</summary>
    public IReadOnlyList<double> Measured(string name)
    {
        lock (_measured) return [.. _measured.GetValueOrDefault(name, [])];
    }

    private void Listen()
    {
        // Other servers of this process have meters of the same name: this one's are told apart by their factory.
        object scope = Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<IMeterFactory>(Server.Services);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ServerMetrics.Name && ReferenceEquals(instrument.Meter.Scope, scope)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Note(i, value, tags));
        _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Note(i, value, tags));
        _listener.SetMeasurementEventCallback<int>((i, value, tags, _) => Note(i, value, tags));
        _listener.Start();
    }

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string name = tags.Length > 0 ? $"{instrument.Name} {tags[0].Value}" : instrument.Name;
        lock (_measured)
        {
            if (!_measured.TryGetValue(name, out var list)) _measured[name] = list = [];
            list.Add(value);
        }
    }

    /// <summary>Reads the gauges once.</summary>
    public double Gauge(string name)
    {
        _listener.RecordObservableInstruments();
        return Measured(name)[^1];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        _listener.Dispose();
    }
}

/// <summary>One server with the embedded model for the tests of a class.</summary>
public sealed class EmbeddedServer : IAsyncLifetime
{
    internal TestServer Server { get; private set; } = null!;

    /// <summary>An image that is there.</summary>
    internal string Id { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Server = await TestServer.Start();
        Id = await Server.Upload(TestServer.Picture());
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
