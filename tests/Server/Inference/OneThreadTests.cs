using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.Sam;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Server.Inference;

/// <summary>On how many threads an answer is computed: one for what takes milliseconds, all for the rest, and all again afterwards.</summary>
public sealed class OneThreadTests : IDisposable
{
    private readonly int _threads = get_num_threads();

    /// <summary>A part of the number is the process's, and other tests compare what is computed by it.</summary>
    public void Dispose() => set_num_threads(_threads);

    private static readonly Prompt Click = Prompt.At(5, 5);

    [Fact]
    public void Where_OnePromptOfAQuickModel_IsOneThread()
    {
        using var folder = new TempFolder();
        using var model = TinyNano.Model(folder);
        Assert.Equal(1, Within(model, Click));
        Assert.Equal(1, Within(model, Prompt.Named("sofa")));
        Assert.Equal(1, Within(model, Click with { Names = ["sofa", "car"] })); // which label it
        Assert.Equal(3, Within(model, Click, Click));
        Assert.Equal(3, Within(model, Prompt.Named("sofa", "car")));
    }

    [Fact]
    public void Where_AModelThatNeedsLonger_IsAllThreads()
    {
        using var model = new SegmentationModel(new SamSegmenter(SamConfigs.Model("small"), "00", CPU));
        Assert.Equal(3, Within(model, Click));
    }

    /// <summary>The server's thread computes an encoding and a batch with all it has, however many clicks came before.</summary>
    [Fact]
    public async Task Server_AfterAClick_HasItsThreadsAgain()
    {
        using var folder = new TempFolder();
        var threads = new List<int>();
        await using var server = await TestServer.Start(model: () =>
        {
            set_num_threads(3);
            return TinyNano.Model(folder);
        });
        string id = await server.Upload(TestServer.Picture());
        var answer = await server.Post("/segment", TestServer.Click(id));
        await TestServer.Json(answer);
        // Where the time went is told, too.
        string timing = Assert.Single(answer.Headers.GetValues("Server-Timing"));
        Assert.Equal(["read", "wait", "compute", "resume", "write"], timing.Split(", ").Select(part => part.Split(";dur=")[0]));
        Assert.All(timing.Split(", "), part => Assert.InRange(double.Parse(part.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture), 0, 60_000));
        var calls = Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions
            .GetRequiredService<SemanticSam.Server.Inference.InferenceWorker>(server.Server.Services);
        Assert.Equal(3, await calls.Do(new SemanticSam.Server.Inference.Job<int>(new(id), null, _ => get_num_threads(), CancellationToken.None)));
    }

    /// <summary>The number within, of a thread of its own that has three.</summary>
    private static int Within(SegmentationModel model, params Prompt[] prompts)
    {
        int within = 0, after = 0;
        var thread = new Thread(() =>
        {
            set_num_threads(3);
            using (OneThread.Where(model.AnswersInMilliseconds, prompts)) within = get_num_threads();
            after = get_num_threads();
        });
        thread.Start();
        thread.Join();
        Assert.Equal(3, after);
        return within;
    }
}
