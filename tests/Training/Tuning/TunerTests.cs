using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.Sam;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Objectives;
using SemanticSam.Training.Tuning;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Tuning;

public sealed class TunerTests : IDisposable
{
    private readonly TuningScene _scene = new(images: 3);
    private readonly List<string> _said = [];

    public void Dispose() => _scene.Dispose();

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData("Anchor")]
    [InlineData("Query")]
    [InlineData("MaskRcnn")]
    [InlineData("Mask2Former")]
    public async Task Run_Prompter_GivesAFolderThatAnswersWithoutAPrompt(string method)
    {
        string folder = _scene.Out("out");
        using (var tuner = Create(folder, Options(method)))
        {
            tuner.Begin(resume: false);
            Assert.True(tuner.Run(null, default));
        }
        Assert.True(File.Exists(Path.Combine(folder, "metrics.jsonl")));
        using var model = SegmentationModel.Load(folder);
        Assert.Equal(["square", "tile", "nowhere"], model.KnownWholes);
        using var session = model.Open(_scene.Image(0));
        var everything = await session.CollectEverything(new() { PredictedIouThreshold = 0 });
        Assert.NotEmpty(everything);
        Assert.All(everything, m =>
        {
            Assert.Contains(m.Whole!.Value.Label, model.KnownWholes);
            Assert.Equal((TuningScene.Width, TuningScene.Height), (m.Mask.Width, m.Mask.Height));
            Assert.Equal(m.PredictedIou, m.Whole.Value.Score);
        });
        // Clicks are answered by the frozen SAM below, as by itself.
        using var plain = SegmentationModel.LoadCheckpoint(_scene.Sam);
        using var alone = plain.Open(_scene.Image(0));
        var click = new Prompt { Points = [new(20, 20)] };
        var (here, there) = (session.Segment(click), alone.Segment(click));
        Assert.Equal(there.Count, here.Count);
        for (int i = 0; i < here.Count; i++) Assert.InRange(here[i].Mask.IoU(there[i].Mask), 0.999, 1);
        // Saved features answer the same without the encoder.
        session.SaveFeatures(_scene.Out("features.safetensors"));
        using var restored = model.OpenFeatures(_scene.Out("features.safetensors"));
        var again = await restored.CollectEverything(new() { PredictedIouThreshold = 0 });
        Assert.Equal(everything.Count, again.Count);
        var pairs = everything.Select(m => again.MinBy(a => Math.Abs(a.PredictedIou - m.PredictedIou))!).Zip(everything);
        Assert.All(pairs, p =>
        {
            Assert.Equal(p.Second.PredictedIou, p.First.PredictedIou, 1e-5);
            Assert.Equal(p.Second.Whole!.Value.Label, p.First.Whole!.Value.Label);
        });
        Assert.Contains("square, tile, nowhere", Assert.Throws<PromptException>(() => session.Segment(Prompt.Named("zebra"))).Message);
        Assert.All(session.Segment(Prompt.Named("tile")), m => Assert.Equal("tile", m.Whole!.Value.Label));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Run_OnAFolderOfTheEmbeddedFamily_AnswersWithoutAPromptAndClicksAsTheFamilyDoes()
    {
        const int Side = 128;
        string folder = _scene.Out("out"), below = _scene.Out("nano");
        TinyNano.Lay(below);
        string config = Path.Combine(below, ModelPackage.ConfigFile);
        File.WriteAllText(config, (TinyNano.Config with { ImageSize = Side }).ToJson());
        using (var tuner = Create(folder, Options("MaskRcnn") with { ImageSize = Side, Views = null }, below))
        {
            Assert.Equal(0, tuner.Views);
            tuner.Begin(resume: false);
            Assert.True(tuner.Run(null, default));
        }
        Directory.Delete(below, recursive: true);
        TinyNano.Lay(below);
        File.WriteAllText(config, (TinyNano.Config with { ImageSize = Side }).ToJson());
        using var model = SegmentationModel.Load(folder);
        using var own = SegmentationModel.Load(below);
        // A square of the network's own size is seen by both alike, without padding.
        using ImageSession session = model.Open(TinyNano.Image(Side, Side)), alone = own.Open(TinyNano.Image(Side, Side));
        Assert.NotNull(await session.CollectEverything(new() { PredictedIouThreshold = 0 }));
        foreach (var prompt in new[] { new Prompt { Points = [new(40, 60)] }, new Prompt { Box = new(10, 20, 70, 90) } })
            Same(alone.Segment(prompt), session.Segment(prompt));
        session.SaveFeatures(_scene.Out("features.safetensors"));
        using var restored = model.OpenFeatures(_scene.Out("features.safetensors"));
        var click = new Prompt { Points = [new(90, 30)] };
        Same(session.Segment(click), restored.Segment(click));

        static void Same(IReadOnlyList<MaskResult> wanted, IReadOnlyList<MaskResult> found)
        {
            Assert.NotEmpty(wanted);
            Assert.Equal(wanted.Select(w => w.Level), found.Select(f => f.Level));
            for (int i = 0; i < wanted.Count; i++)
            {
                Assert.Equal(wanted[i].PredictedIou, found[i].PredictedIou, 1e-4);
                Assert.True(wanted[i].Mask.Area == 0 ? found[i].Mask.Area == 0 : wanted[i].Mask.IoU(found[i].Mask) > 0.999);
            }
        }
    }

    /// <summary>The authors' variant at half the side: adapters are trained with the prompter, on positions that were brought to the size.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public async Task Run_AdaptedEncoderAtHalfTheSide_TrainsAdaptersGoesOnAfterAStopAndAnswers()
    {
        var options = Options("Anchor") with { Adapters = true, ImageSize = 64, Epochs = 2, Rank = 4, Rate = 1e-3, AverageDecay = 0, Views = 0 };
        Dictionary<string, float[]> straight = Trained(_scene.Out("straight"), stops: 0), twice = Trained(_scene.Out("twice"), stops: 2);
        Assert.Equal(straight.Keys, twice.Keys);
        Assert.All(straight, w => Assert.Equal(w.Value, twice[w.Key]));
        var adapters = straight.Where(w => w.Key.EndsWith("lora_B.weight", StringComparison.Ordinal)).ToList();
        Assert.Equal(TuningScene.Config.Vit!.Depth, adapters.Count); // one a block, on qkv
        Assert.All(adapters, w => Assert.Contains(w.Value, v => v != 0));

        using var model = SegmentationModel.Load(_scene.Out("twice"));
        using var session = model.Open(_scene.Image(0));
        var everything = await session.CollectEverything(new() { PredictedIouThreshold = 0 });
        Assert.NotEmpty(everything);
        Assert.Equal(PromptError.PlacesNotSupported, Assert.Throws<PromptException>(() => session.Segment(new Prompt { Points = [new(20, 20)] })).Error);
        // The adapters that were written are what answers: without them it is another answer.
        string folder = _scene.Out("twice"), weights = Path.Combine(folder, "model.safetensors");
        using (var scope = NewDisposeScope())
        {
            Dictionary<string, Tensor> all;
            using (var file = SafetensorsFile.Open(weights)) all = file.Tensors.ToDictionary(t => t.Name, t => t.Name.EndsWith("lora_B.weight", StringComparison.Ordinal) ? t.ToTensor() * 50 : t.ToTensor());
            SafetensorsWriter.Write(weights, all);
        }
        using var changed = SegmentationModel.Load(folder);
        using var other = changed.Open(_scene.Image(0));
        Assert.NotEqual(everything.Sum(m => m.PredictedIou), (await other.CollectEverything(new() { PredictedIouThreshold = 0 })).Sum(m => m.PredictedIou));

        Dictionary<string, float[]> Trained(string to, int stops)
        {
            if (stops > 0)
            {
                using var first = Create(to, options);
                first.Begin(resume: false);
                using var source = new CancellationTokenSource();
                Assert.False(first.Run(new After(stops, source), source.Token));
            }
            using var tuner = Create(to, options);
            tuner.Begin(resume: stops > 0);
            Assert.True(tuner.Run(null, default));
            using var scope = NewDisposeScope();
            return tuner.Weights.Where(w => w.Value.is_floating_point()).ToDictionary(w => w.Key, w => Close.Values(w.Value));
        }
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Run_Detector_LearnsAndItsFolderAnswersWithMasksOfSam()
    {
        string folder = _scene.Out("out"), backbone = _scene.Out("backbone.safetensors");
        WriteBackbone(backbone);
        var options = Options("Detector") with { Backbone = backbone, Epochs = 8, Rate = 1e-3, Views = 1, AverageDecay = 0 };
        double first = 0, last = 0;
        using (var tuner = Create(folder, options))
        {
            tuner.Begin(resume: false);
            for (int epoch = 0; epoch < 8; epoch++)
            {
                var report = new LossReport();
                for (int i = 0; i < 3; i++) Assert.True(tuner.Advance(1e-3, report));
                last = report.Means.Where(m => m.Key.StartsWith("loss", StringComparison.Ordinal)).Sum(m => m.Value);
                if (epoch == 0) first = last;
            }
            tuner.Save();
        }
        Assert.True(last < 0.8 * first, $"The loss went from {first} to {last}.");
        // What ImageNet taught the stem and the first stage stays.
        using (ICheckpoint given = SemanticSam.Engine.Checkpoints.Checkpoint.Open(backbone), written = SemanticSam.Engine.Checkpoints.Checkpoint.Open(Path.Combine(folder, "model.safetensors")))
        {
            Assert.True(written.TryGet("backbone.layer1.0.conv1.weight", out var stage) && given.TryGet("layer1.0.conv1.weight", out var original) && stage.ToSingles().SequenceEqual(original.ToSingles()));
            Assert.True(written.TryGet("backbone.layer4.0.conv1.weight", out stage) && given.TryGet("layer4.0.conv1.weight", out original) && !stage.ToSingles().SequenceEqual(original.ToSingles()));
        }
        using var model = SegmentationModel.Load(folder);
        Assert.StartsWith("sam-det", model.Name);
        using var session = model.Open(_scene.Image(0));
        var everything = await session.CollectEverything(new() { PredictedIouThreshold = 0 });
        Assert.NotEmpty(everything);
        Assert.All(everything, m => Assert.Contains(m.Whole!.Value.Label, model.KnownWholes));
        Assert.All(everything, m => Assert.Equal((TuningScene.Width, TuningScene.Height), (m.Mask.Width, m.Mask.Height)));
        session.SaveFeatures(_scene.Out("features.safetensors"));
        using var restored = model.OpenFeatures(_scene.Out("features.safetensors"));
        Assert.Equal(everything.Sum(m => m.PredictedIou), (await restored.CollectEverything(new() { PredictedIouThreshold = 0 })).Sum(m => m.PredictedIou), 1e-4);
        using var plain = SegmentationModel.LoadCheckpoint(_scene.Sam);
        using var alone = plain.Open(_scene.Image(0));
        var click = new Prompt { Points = [new(20, 20)] };
        Assert.InRange(session.Segment(click)[0].Mask.IoU(alone.Segment(click)[0].Mask), 0.999, 1);
    }

    [Fact]
    public void ResNet50_OfThePublishedSizes_HasThePublishedNumbers()
    {
        using var network = new SemanticSam.Granularity.RsPrompter.ResNet(SemanticSam.Granularity.RsPrompter.ResNetConfig.ResNet50);
        Assert.Equal(25_557_032 - 2_049_000, network.parameters().Sum(p => p.numel())); // without the classifier
    }

    [Fact]
    public void Create_DetectorWithoutABackboneOrSam_SaysWhatIsNeeded()
    {
        Assert.Contains("ResNet-50", Assert.Throws<ArgumentException>(() => Create(_scene.Out("out"), Options("Detector"))).Message);
        string other = _scene.Out("other.safetensors"), backbone = _scene.Out("backbone.safetensors");
        using (var scope = NewDisposeScope()) SafetensorsWriter.Write(other, new Dictionary<string, Tensor> { ["weight"] = ones(3) });
        Assert.Contains("ResNet-50", Assert.Throws<CheckpointException>(() => Create(_scene.Out("out"), Options("Detector") with { Backbone = other })).Message);
        WriteBackbone(backbone);
        Assert.Contains("drawn by SAM", Assert.Throws<ArgumentException>(() => Create(_scene.Out("out"), Options("Detector") with { Backbone = backbone, ImageSize = 128 }, _scene.Nano())).Message);
    }

    private static void WriteBackbone(string path)
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        using var network = new SemanticSam.Granularity.RsPrompter.ResNet(new(8, [1, 1, 1, 1]));
        SafetensorsWriter.Write(path, network.state_dict());
    }

    [Fact]
    public void Create_AdaptersWithoutAVisionTransformer_SaysWhatToTake()
    {
        var e = Assert.Throws<ArgumentException>(() => Create(_scene.Out("out"), Options("Anchor") with { Adapters = true, ImageSize = 128 }, _scene.Nano()));
        Assert.Contains("ViT-B", e.Message);
    }

    [Fact]
    public void Open_WeightsOfTheEmbeddedNetworkAlone_AreABase()
    {
        using var below = BaseSource.Of(_scene.Nano()).Open(192, CPU);
        Assert.Equal(("nano", 192), (below.Name, below.Encoder.ImageSize));
        Assert.NotNull(below.Clicks);
    }

    [Fact]
    public void Run_ParserStoppedAndResumed_GivesTheSameWeights() => StoppedAndResumed("Parser");

    [Fact]
    [Trait("Category", "Slow")]
    public void Run_PrompterStoppedAndResumed_GivesTheSameWeights() => StoppedAndResumed("MaskRcnn");

    private void StoppedAndResumed(string method)
    {
        var options = Options(method) with { Epochs = 1 };
        float[] straight = Weights(_scene.Out("straight"), stops: 0), twice = Weights(_scene.Out("twice"), stops: 2);
        Assert.Equal(straight, twice);

        float[] Weights(string folder, int stops)
        {
            if (stops > 0)
            {
                using var first = Create(folder, options);
                first.Begin(resume: false);
                using var source = new CancellationTokenSource();
                Assert.False(first.Run(new After(stops, source), source.Token));
                Assert.Equal(stops, first.Step);
            }
            using var tuner = Create(folder, options);
            tuner.Begin(resume: stops > 0);
            Assert.Equal(stops, tuner.Step);
            Assert.True(tuner.Run(null, default));
            using var scope = NewDisposeScope();
            return [.. tuner.Weights.Values.Where(w => w.is_floating_point()).SelectMany(Close.Values)];
        }
    }

    [Theory]
    [InlineData("Anchor")]
    [InlineData("Parser")]
    [InlineData("LowRank")]
    public void Advance_ManySteps_LowersTheLoss(string method)
    {
        using var tuner = Create(_scene.Out("out"), Options(method) with { Epochs = 20, Rate = 1e-3, Views = 1 });
        var losses = new List<double>();
        for (int epoch = 0; epoch < 5; epoch++)
        {
            var report = new LossReport();
            for (int i = 0; i < 3; i++) Assert.True(tuner.Advance(1e-3, report));
            losses.Add(report.Means.Where(m => m.Key.StartsWith("loss", StringComparison.Ordinal)).Sum(m => m.Value));
        }
        Assert.True(losses[^1] < 0.9 * losses[0], $"The loss went from {losses[0]} to {losses[^1]}.");
    }

    [Theory]
    [InlineData("Parser")]
    [InlineData("LowRank")]
    public void Save_TunedSam_IsAnOrdinarySamThatAnswersAsTrained(string method)
    {
        string folder = _scene.Out("out");
        using (var tuner = Create(folder, Options(method) with { Epochs = 3, Rate = 1e-2, AverageDecay = 0 }))
        {
            tuner.Begin(resume: false);
            Assert.True(tuner.Run(null, default));
        }
        string merged = Path.Combine(folder, "model.safetensors");
        using (Checkpoint original = Open(_scene.Sam), own = Open(merged))
            Assert.Equal(original.Names, own.Names);
        using var tuned = SegmentationModel.LoadCheckpoint(merged);
        using var before = SegmentationModel.LoadCheckpoint(_scene.Sam);
        using ImageSession after = tuned.Open(_scene.Image(0)), untouched = before.Open(_scene.Image(0));
        var box = new Prompt { Box = new(8, 6, 32, 30) };
        Assert.NotEqual(untouched.Segment(box)[0].PredictedIou, after.Segment(box)[0].PredictedIou);
        long apart = new FileInfo(Path.Combine(folder, "adapters.safetensors")).Length;
        Assert.InRange(apart, 1, new FileInfo(merged).Length);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void Features_OfFrozenEncoder_AreKeptWithinTheLimitAndReadBack()
    {
        var options = Options("MaskRcnn") with { Epochs = 2 };
        string features = Path.Combine(_scene.Out("out"), "features");
        using (var tuner = Create(_scene.Out("out"), options))
        {
            tuner.Begin(resume: false);
            Assert.True(tuner.Run(null, default));
            Assert.True(tuner.Plan().CacheBytes > 0);
        }
        string[] kept = Directory.GetFiles(features, "*.safetensors");
        Assert.InRange(kept.Length, 2, 6);
        using var small = Create(_scene.Out("small"), options with { MostCache = new FileInfo(kept[0]).Length * 3 / 2 });
        small.Begin(resume: false);
        Assert.True(small.Run(null, default));
        Assert.Single(Directory.GetFiles(Path.Combine(_scene.Out("small"), "features"), "*.safetensors"));
    }

    [Fact]
    public void Run_CorruptImage_SaysSoOnceAndGoesOn()
    {
        byte[] bytes = File.ReadAllBytes(_scene.Image(2));
        bytes.AsSpan(bytes.Length / 2).Clear(); // its size can still be read
        File.WriteAllBytes(_scene.Image(2), bytes);
        using var tuner = Create(_scene.Out("out"), Options("Parser") with { Epochs = 3 });
        tuner.Begin(resume: false);
        Assert.True(tuner.Run(null, default));
        Assert.Single(_said, line => line.Contains("2.png", StringComparison.Ordinal) && line.Contains("left out", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_ClassWithoutInstances_IsTold()
    {
        var data = TuningData.Load(_scene.Data, _scene.Images, _said.Add);
        Assert.Equal((3, 6, 3), (data.Images.Count, data.Instances, data.Classes.Count));
        Assert.Contains(_said, line => line.Contains("nowhere", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_NothingToLearnFrom_SaysSo()
    {
        string empty = _scene.Out("empty.json");
        File.WriteAllText(empty, """{"images":[{"id":1,"file_name":"0.png","width":120,"height":90}],"annotations":[],"categories":[{"id":1,"name":"square"}]}""");
        Assert.Contains("nothing to learn from", Assert.Throws<TuningException>(() => TuningData.Load(empty, _scene.Images, _said.Add)).Message);
    }

    [Fact]
    public void Load_MissingFileAndMaskOutside_AreToldAndLeftOut()
    {
        File.Delete(_scene.Image(1));
        string text = File.ReadAllText(_scene.Data);
        File.WriteAllText(_scene.Data, text.Replace("\"segmentation\":[[8,6,32,6,32,30,8,30]]", "\"segmentation\":[[800,600,900,600,900,700]]"));
        var data = TuningData.Load(_scene.Data, _scene.Images, _said.Add);
        Assert.Equal((2, 3), (data.Images.Count, data.Instances));
        Assert.Contains(_said, line => line.Contains("1.png", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_PublishedAnchorOnViTB_HasThePublishedNumbers()
    {
        var vit = ImageEncoderViTConfig.B;
        var config = SemanticSam.Granularity.RsPrompter.PrompterConfig.Of(SemanticSam.Granularity.RsPrompter.PrompterHead.Anchor, 10, [.. Enumerable.Repeat(vit.Width, vit.Depth / 2)]);
        using var prompter = new SemanticSam.Granularity.RsPrompter.Prompter(config);
        // 256 numbers of no_mask_embed are counted with the decoder in the published 27,418,677.
        Assert.Equal(27_418_677, prompter.named_parameters().Where(p => PrompterOptimizer.Trains(config, p.name)).Sum(p => p.parameter.numel()));
    }

    private Tuner Create(string folder, TuningOptions options, string? model = null) =>
        Tuner.Create(TuningData.Load(_scene.Data, _scene.Images, _said.Add), BaseSource.Of(model ?? _scene.Sam), folder, options, CPU, _said.Add);

    private static TuningOptions Options(string method) => new()
    {
        Method = Enum.Parse<TuningMethod>(method),
        Epochs = 1,
        Views = 2,
        Queries = 6,
        MetricsEvery = 1,
    };

    private static Checkpoint Open(string path) => new(path);

    /// <summary>The names in a file.</summary>
    private sealed class Checkpoint(string path) : IDisposable
    {
        private readonly ICheckpoint _file = SemanticSam.Engine.Checkpoints.Checkpoint.Open(path);

        public IEnumerable<string> Names => _file.Tensors.Select(t => t.Name).Order();

        public void Dispose() => _file.Dispose();
    }

    /// <summary>Cancels after so many steps.</summary>
    private sealed class After(int steps, CancellationTokenSource source) : IProgress<SemanticSam.Training.Runs.TrainingProgress>
    {
        public void Report(SemanticSam.Training.Runs.TrainingProgress value)
        {
            if (value.Step >= steps) source.Cancel();
        }
    }
}
