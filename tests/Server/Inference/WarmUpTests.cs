using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions.Sam;
using SemanticSam.Imaging;
using SemanticSam.Server;
using SemanticSam.Server.Api;
using SemanticSam.Server.Images;
using SemanticSam.Server.Inference;
using SemanticSam.Server.Telemetry;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server.Inference;

/// <summary>What the worker makes ready before anybody asks, and that nobody waits for it.</summary>
public sealed class WarmUpTests
{
    [Fact]
    public void Steps_OfANetworkForSmallImages_AreAnEncodingAndEachKindOfQuestion()
    {
        using var folder = new TempFolder();
        using var model = TinyNano.Model(folder);
        Assert.Equal(["read", "encode", "ask", "ask", "ask", "ask"], WarmUp.Steps(model));
    }

    /// <summary>A made-up image would keep its thread for seconds.</summary>
    [Fact]
    public void Steps_OfANetworkForLargeImages_LeaveItAlone()
    {
        var small = SamConfigs.Of("small");
        var network = SamConfigs.Model(small with { Vit = new() { ImageSize = 1024, Width = 64, Depth = 1, Heads = 2, GlobalBlocks = [], Output = 64 } });
        using var model = new SegmentationModel(new SamSegmenter(network, "00", TorchSharp.torch.CPU));
        Assert.True(model.ImageSize > 512, $"{model.ImageSize} pixels");
        Assert.Equal(["read"], WarmUp.Steps(model));
    }

    [Fact]
    public async Task Worker_ThatWarmsUp_TakesRequestsBetweenTwoSteps()
    {
        using var folder = new TempFolder();
        using ManualResetEventSlim begun = new(), gate = new();
        var done = new List<string>();
        await using var services = Services(() => TinyNano.Model(folder), Steps);
        var worker = services.GetRequiredService<InferenceWorker>();
        worker.Start();
        Assert.True(begun.Wait(TimeSpan.FromSeconds(60)));
        Assert.True(worker.Model.IsCompletedSuccessfully); // ready before it is warm
        var answers = new[] { Ask(worker, done), Ask(worker, done) };
        gate.Set();
        await Task.WhenAll(answers).WaitAsync(TimeSpan.FromSeconds(60));
        await worker.StopAsync();
        Assert.Equal(["step", "request", "request"], done.Take(3));
        Assert.InRange(done.Count, 3, 4); // nor does stopping wait for what is left

        IEnumerable<string> Steps(SegmentationModel model)
        {
            done.Add("step");
            begun.Set();
            gate.Wait(TimeSpan.FromSeconds(60));
            yield return "";
            done.Add("step");
            Thread.Sleep(200);
            yield return "";
            done.Add("step");
        }
    }

    [Fact]
    public async Task Worker_WhoseWarmUpFails_Answers()
    {
        using var folder = new TempFolder();
        await using var services = Services(() => TinyNano.Model(folder), _ => throw new InvalidOperationException("as a test wants it"));
        var worker = services.GetRequiredService<InferenceWorker>();
        worker.Start();
        Assert.True(await Ask(worker, []).WaitAsync(TimeSpan.FromSeconds(60)));
        await worker.StopAsync();
    }

    /// <summary>What is made up is not an image that somebody sent: it is in no cache and no figure.</summary>
    [Fact]
    public async Task Server_ThatWarmedUp_CountsNothingOfIt()
    {
        using var folder = new TempFolder();
        using var log = new MemoryLog();
        await using var server = await TestServer.Start(TestServer.Options with { WarmsUp = true }, () => TinyNano.Model(folder),
            logging => logging.AddProvider(log));
        for (int i = 0; !log.Lines.Any(line => line.StartsWith("Warmed up", StringComparison.Ordinal)); i++, await Task.Delay(100))
            Assert.True(i < 600, string.Join("\n", log.Lines));
        Assert.Equal(0, server.Gauge("semsam.cache.images"));
        Assert.Empty(server.Measured("semsam.step.duration encode"));
    }

    private static ServiceProvider Services(Func<SegmentationModel> load, Func<SegmentationModel, IEnumerable<string>> steps)
    {
        var services = new ServiceCollection().AddLogging();
        Hosting.AddEngine(services, load, TestServer.Options);
        services.AddSingleton(s => new InferenceWorker(load, steps, 8, s.GetRequiredService<SessionCache>(), s.GetRequiredService<ServerMetrics>(),
            NullLogger<InferenceWorker>.Instance));
        return services.BuildServiceProvider();
    }

    private static Task<bool> Ask(InferenceWorker worker, List<string> done)
    {
        var image = new DecodedImage(new RgbImage(64, 48), []);
        return worker.Do(new Job<bool>(new("ab"), image, _ =>
        {
            done.Add("request");
            return true;
        }, CancellationToken.None));
    }
}
