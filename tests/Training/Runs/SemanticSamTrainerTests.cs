using System.Text.Json;
using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
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

    /// <summary>The weights would get the sizes, words or names of something that they never saw.</summary>
    [Theory]
    [InlineData("config.json", "SHA-256 of the initial model's config.json")]
    [InlineData("vocab.json", "SHA-256 of the initial model's vocab.json")]
    [InlineData("model.safetensors", "SHA-256 of the initial model's model.safetensors")]
    [InlineData("size", "size: '64' then, '96' now")]
    [InlineData("data", "annotations: ")]
    public async Task Create_ResumedFromSomethingElse_IsRefusedAndLeavesTheFolder(string what, string message)
    {
        string folder = Path.Combine(_folder, "begun"), init = Path.Combine(_folder, "init");
        var options = Options with { Fresh = false };
        await Begin(folder, options);
        Copy(Fixtures.SmallSemanticSam, init);
        if (what == "size") options = options with { Samples = options.Samples with { Size = 96 } };
        else if (what == "data") options = options with { Images = image => image.FileName != LoadedNames()[0] };
        else if (what.EndsWith(".json", StringComparison.Ordinal)) File.AppendAllText(Path.Combine(init, what), "\n");
        else
        {
            using var scope = torch.NewDisposeScope();
            using var file = SafetensorsFile.Open(Path.Combine(Fixtures.SmallSemanticSam, what));
            SafetensorsWriter.Write(Path.Combine(init, what), file.Tensors.ToDictionary(t => t.Name, t => t.ToTensor() * 0.5f));
        }
        var before = Content(folder);
        string said = Assert.Throws<CheckpointException>(() => SemanticSamTrainer.Create(Data, folder, options, init, resume: true)).Message;
        Assert.Contains(message, said);
        Assert.Contains($"--init {folder}", said);
        Assert.Equal(before, Content(folder));
    }

    /// <summary>Sizes and words are known from the folder; that its weights are taken from elsewhere is not, nor does it matter any more.</summary>
    [Fact]
    public async Task Create_StateOfAnEarlierVersion_GoesOnWithTheSameFilesAlone()
    {
        string folder = Path.Combine(_folder, "begun"), init = Path.Combine(_folder, "init"), state = Path.Combine(folder, TrainingState.File);
        await Begin(folder, Options);
        using (var scope = torch.NewDisposeScope())
        {
            Dictionary<string, torch.Tensor> all;
            Dictionary<string, string> metadata;
            using (var file = SafetensorsFile.Open(state))
                (all, metadata) = (file.Tensors.ToDictionary(t => t.Name, t => t.ToTensor()), new(file.Metadata));
            Assert.True(metadata.Remove(TrainingIdentity.Key));
            SafetensorsWriter.Write(state, all, new() { Metadata = metadata });
        }
        SemanticSamTrainer.Create(Data, folder, Options, Fixtures.SmallSemanticSam, resume: true).Dispose();
        Copy(Fixtures.SmallSemanticSam, init);
        File.AppendAllText(Path.Combine(init, "config.json"), "\n");
        Assert.Contains("config.json", Assert.Throws<CheckpointException>(() => SemanticSamTrainer.Create(Data, folder, Options, init, resume: true)).Message);
    }

    private static async Task Begin(string folder, TrainerOptions options)
    {
        using var trainer = SemanticSamTrainer.Create(Data, folder, options, Fixtures.SmallSemanticSam);
        Assert.False(await trainer.RunAsync(cancellation: new CancellationToken(canceled: true)));
    }

    private static string[] LoadedNames() =>
        [.. SemanticSam.Training.Data.WholePartDataset.LoadSplit(Data, "train").Images.Select(i => i.FileName)];

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static Dictionary<string, string> Content(string folder) =>
        Directory.GetFiles(folder).ToDictionary(f => f, f => SemanticSam.Foundation.FileHash.Sha256(f));

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
