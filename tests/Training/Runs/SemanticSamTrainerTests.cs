using System.Text.Json;
using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using SemanticSam.Training;
using SemanticSam.Training.Objectives;
using SemanticSam.Training.Runs;
using SemanticSam.Training.Samples;
using TorchSharp;

namespace SemanticSam.Tests.Training.Runs;

public sealed class SemanticSamTrainerTests : IDisposable
{
    private const int Steps = 4;
    private readonly string _folder = Directory.CreateTempSubdirectory("semsam-train-").FullName;

    private static string Data => Path.Combine(Fixtures.Own, "wholepart");

    private static TrainerOptions Options => new()
    {
        Steps = Steps,
        Batch = 2,
        WarmUp = 2,
        MetricsEvery = 2,
        Seed = 7,
        Fresh = true,
        Samples = new SampleOptions { Size = 64, Clicks = 3, Boxes = 1, MostMasks = 8 },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Advance_SameImagesAgain_LowersTheLossAndLeaksNothing()
    {
        using var trainer = SemanticSamTrainer.Create(Data, Path.Combine(_folder, "fit"), Options, Fixtures.SmallSemanticSam);
        var data = SemanticSam.Training.Data.WholePartDataset.LoadSplit(Data, "train");
        var config = ModelConfig.Nano;
        var builder = new SampleBuilder(data, Options.Samples, config.PixelMean, config.PixelStd);
        TrainingSample[] samples = [builder.Build(0, 1), builder.Build(1, 2)];
        var losses = new List<double>();
        var alive = new List<long>();
        for (int step = 0; step < 8; step++)
        {
            var report = new LossReport();
            trainer.Advance(samples, 5e-4, report);
            losses.Add(report.Means.Single(m => m.Key == "loss").Value);
            Assert.Equal(0, report.Means.Single(m => m.Key == "skipped").Value);
            alive.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
        Assert.True(losses[^1] < 0.7 * losses[0], $"The loss went from {losses[0]:f3} to {losses[^1]:f3}.");
        Assert.All(alive.Skip(2), count => Assert.Equal(alive[1], count)); // the first step makes the gradients
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task RunAsync_StoppedAndGoneOnWith_EndsAsUndisturbed()
    {
        string whole = Path.Combine(_folder, "whole"), parts = Path.Combine(_folder, "parts");
        Dictionary<string, byte[]> expected;
        using (var trainer = SemanticSamTrainer.Create(Data, whole, Options, Fixtures.SmallSemanticSam))
        {
            Assert.True(await trainer.RunAsync());
            expected = Bytes(trainer);
        }

        using (var stop = new CancellationTokenSource())
        using (var trainer = SemanticSamTrainer.Create(Data, parts, Options, Fixtures.SmallSemanticSam))
        {
            Assert.False(await trainer.RunAsync(new StopAt(2, stop), stop.Token));
            Assert.Equal(2, trainer.Step);
        }
        Assert.Throws<IOException>(() => SemanticSamTrainer.Create(Data, parts, Options, Fixtures.SmallSemanticSam));
        Assert.Throws<CheckpointException>(() => SemanticSamTrainer.Create(Data, parts, Options with { Seed = 8 }, Fixtures.SmallSemanticSam, resume: true));
        using (var trainer = SemanticSamTrainer.Create(Data, parts, Options, Fixtures.SmallSemanticSam, resume: true))
        {
            Assert.Equal(2, trainer.Step);
            Assert.True(await trainer.RunAsync());
            var actual = Bytes(trainer);
            Assert.Equal(expected.Keys, actual.Keys);
            Assert.All(expected, pair => Assert.True(pair.Value.AsSpan().SequenceEqual(actual[pair.Key]), $"{pair.Key} differs."));
        }

        Assert.Equal([2, 4], Metrics(parts).Select(m => m.GetProperty("step").GetInt32()));
        Assert.Equal(Metrics(whole)[1].GetProperty("loss").GetDouble(), Metrics(parts)[1].GetProperty("loss").GetDouble());
        using var model = SegmentationModel.Load(parts); // what was written is a model
        Assert.DoesNotContain(Directory.GetFiles(parts), f => f.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_WeightsThatAreNotFinite_WritesNothing()
    {
        string folder = Path.Combine(_folder, "nan");
        using var trainer = SemanticSamTrainer.Create(Data, folder, Options, Fixtures.SmallSemanticSam);
        using (torch.no_grad()) trainer.Weights.First(w => w.Value.is_floating_point()).Value.fill_(float.NaN);
        await Assert.ThrowsAsync<TrainingNotFiniteException>(() => trainer.RunAsync(cancellation: new CancellationToken(canceled: true)));
        Assert.False(File.Exists(Path.Combine(folder, TrainingState.File)) || File.Exists(Path.Combine(folder, "model.safetensors")));
    }

    [Fact]
    public void Create_NothingToGoOnWith_SaysSo() =>
        Assert.Contains("no training to resume",
            Assert.Throws<FileNotFoundException>(() => SemanticSamTrainer.Create(Data, _folder, Options, Fixtures.SmallSemanticSam, resume: true)).Message);

    [Fact]
    public void RateOf_Steps_RisesThenFallsToItsShare()
    {
        var options = new TrainerOptions { Steps = 1000, WarmUp = 100, LearningRate = 2 };
        Assert.Equal(0.02, options.RateOf(0), 3);
        Assert.Equal(1, options.RateOf(49), 1);
        Assert.True(options.RateOf(99) > options.RateOf(400) && options.RateOf(400) > options.RateOf(900));
        Assert.Equal(0.04, options.RateOf(1000), 6);
    }

    private static Dictionary<string, byte[]> Bytes(SemanticSamTrainer trainer) => trainer.Weights.ToDictionary(w => w.Key, w => w.Value.bytes.ToArray());

    private static JsonElement[] Metrics(string folder) =>
        [.. File.ReadAllLines(Path.Combine(folder, MetricsLog.File)).Select(line => JsonDocument.Parse(line).RootElement)];

    private sealed class StopAt(long step, CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == step) stop.Cancel();
        }
    }
}
