using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Sam;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Data;
using SemanticSam.Training.Evaluation.Coco;
using SemanticSam.Training.Objectives;
using SemanticSam.Training.Runs;
using SemanticSam.Training.Tuning;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Tuning;

public sealed partial class TunerTests : IDisposable
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

    /// <summary>A mask that fills half of its box says nothing against the box; measured by the mask's extent, airplanes were half boxes.</summary>
    [Fact]
    public async Task Detect_TunedPrompter_MeasuresTheDetectorsBoxesAndNotThoseOfMasks()
    {
        string folder = _scene.Out("out");
        using (var tuner = Create(folder, Options("MaskRcnn"))) tuner.Begin(resume: false); // random weights: masks like sieves
        using var model = SegmentationModel.Load(folder);
        var set = CocoSet.Of(WholePartDataset.Load(_scene.Data, _scene.Images));
        var detections = CocoModel.Detect(model, set, new(null)).Found[set.Images[0].Id].ToArray();
        using var session = model.Open(_scene.Image(0));
        var masks = await session.CollectEverything(new() { PredictedIouThreshold = 0 });
        Assert.NotEmpty(masks);
        Assert.Equal(masks.Select(m => m.FoundBox!.Value).Select(b => (b.X1, b.Y1, b.Width, b.Height)).Order(),
            detections.Select(d => ((float)d.Box.X, (float)d.Box.Y, (float)d.Box.Width, (float)d.Box.Height)).Order());
        Assert.Contains(detections, d => d.Box.IoU(CocoBox.Of(d.Mask!), isCrowd: false) < 0.9);
    }

    [Fact]
    public void Begin_FeaturesAreALink_AreNotWrittenThrough()
    {
        string folder = _scene.Out("out"), elsewhere = _scene.Out("elsewhere");
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(elsewhere);
        Directory.CreateSymbolicLink(Path.Combine(folder, "features"), elsewhere);
        Assert.Contains("is a link to", Assert.Throws<CannotWriteException>(() => Create(folder, Options("MaskRcnn"))).Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
    }

    [Fact]
    public void Begin_WhatAKilledRunLeft_Goes()
    {
        string folder = _scene.Out("out"), left = Path.Combine(folder, $".{new string('a', 32)}.tmp"), own = Path.Combine(folder, ".notes.tmp");
        Directory.CreateDirectory(folder);
        File.WriteAllText(left, "half");
        File.WriteAllText(own, "mine");
        using var tuner = Create(folder, Options("MaskRcnn"));
        tuner.Begin(resume: false);
        Assert.False(File.Exists(left));
        Assert.True(File.Exists(own));
    }

    [Fact]
    public void Save_FolderTakenAwayMeanwhile_IsSaid()
    {
        string folder = _scene.Out("out");
        using var tuner = Create(folder, Options("MaskRcnn"));
        tuner.Begin(resume: false);
        Directory.Delete(folder, recursive: true);
        Assert.Contains("removed it meanwhile", Assert.Throws<CannotWriteException>(tuner.Save).Message);
        Assert.False(Directory.Exists(folder));
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

    [Theory]
    [InlineData("\"square\"", "\"ship\"", "class 1: 'square' then, 'ship' now")]
    [InlineData("{\"id\":1,", "{\"id\":9,", "class 1: 'square' then, 'tile' now; class 2: 'tile' then, 'nowhere' now; class 3: 'nowhere' then, 'square' now")]
    [InlineData("{\"id\":3,\"name\":\"nowhere\"}", "{\"id\":3,\"name\":\"nowhere\"},{\"id\":4,\"name\":\"plane\"}", "classes: '3' then, '4' now")]
    public void Begin_ResumedWithOtherClasses_IsRefusedAndLeavesTheFolder(string from, string to, string message)
    {
        string folder = _scene.Out("out");
        using (var tuner = Create(folder, Options("MaskRcnn"))) tuner.Begin(resume: false);
        var before = Content(folder);
        string set = File.ReadAllText(_scene.Data);
        int categories = set.IndexOf("\"categories\"", StringComparison.Ordinal);
        set = set[..categories] + set[categories..].Replace(from, to, StringComparison.Ordinal);
        File.WriteAllText(_scene.Data, to.Contains('9') ? set.Replace("\"category_id\":1,", "\"category_id\":9,", StringComparison.Ordinal) : set);
        using var other = Create(folder, Options("MaskRcnn"));
        string said = Assert.Throws<CheckpointException>(() => other.Begin(resume: true)).Message;
        Assert.Contains(message, said);
        Assert.Contains("another output folder", said);
        Assert.Equal(before, Content(folder));
    }

    [Theory]
    [InlineData("method")]
    [InlineData("image size")]
    [InlineData("queries")]
    [InlineData("base model")]
    public void Begin_ResumedAsSomethingElse_IsRefused(string what)
    {
        string folder = _scene.Out("out"), model = _scene.Sam;
        var options = Options("Query");
        using (var tuner = Create(folder, options)) tuner.Begin(resume: false);
        switch (what)
        {
            case "method": options = Options("Mask2Former"); break;
            case "image size": options = options with { ImageSize = 192 }; break;
            case "queries": options = options with { Queries = 7 }; break;
            default:
                model = _scene.Out("other.safetensors");
                using (var scope = NewDisposeScope())
                {
                    Dictionary<string, Tensor> all;
                    using (var sam = SafetensorsFile.Open(_scene.Sam)) all = sam.Tensors.ToDictionary(t => t.Name, t => t.ToTensor() * 1.01);
                    SafetensorsWriter.Write(model, all);
                }
                break;
        }
        using var other = Create(folder, options, model);
        string said = Assert.Throws<CheckpointException>(() => other.Begin(resume: true)).Message;
        Assert.Contains(what, said);
        if (what != "base model") return;
        Assert.Contains(Path.Combine(folder, "base.safetensors"), said);
        using var copied = Create(folder, options, Path.Combine(folder, "base.safetensors")); // what it was begun with
        copied.Begin(resume: true);
    }

    /// <summary>Without its state a folder is as good as new, and what it holds of another base model would be taken for that of the new weights.</summary>
    [Fact]
    public void Begin_AnewWhereAnotherBaseModelLies_CopiesItsOwn()
    {
        string folder = _scene.Out("out"), copy = Path.Combine(folder, "base.safetensors");
        Directory.CreateDirectory(folder);
        File.WriteAllText(copy, "another");
        using (var tuner = Create(folder, Options("MaskRcnn"))) tuner.Begin(resume: false);
        Assert.Equal(File.ReadAllBytes(_scene.Sam), File.ReadAllBytes(copy));
        File.Delete(Path.Combine(folder, "training.safetensors"));
        using var again = Create(folder, Options("MaskRcnn"), copy);
        again.Begin(resume: false);
        Assert.Equal(File.ReadAllBytes(_scene.Sam), File.ReadAllBytes(copy));
    }

    /// <summary>A later version may embed another model: then the copy in the folder is what the tuning goes on with.</summary>
    [Fact]
    public void Begin_ResumedOnTheCopyOfAFolder_GoesOn()
    {
        string folder = _scene.Out("out"), below = _scene.Out("nano");
        TinyNano.Lay(below);
        var options = Options("MaskRcnn") with { ImageSize = 128, Views = null };
        using (var tuner = Create(folder, options, below)) tuner.Begin(resume: false);
        string copy = Path.Combine(folder, "base.safetensors");
        Assert.NotEqual(FileHash.Sha256(Path.Combine(below, "model.safetensors")), FileHash.Sha256(copy));
        foreach (string model in new[] { copy, below, copy })
        {
            using var again = Create(folder, options, model);
            again.Begin(resume: true);
            again.Save();
        }
    }

    [Fact]
    public void Begin_StateOfAnEarlierVersion_GoesOnAndIsComparedWithWhatTheFolderSays()
    {
        string folder = _scene.Out("out"), state = Path.Combine(folder, "training.safetensors");
        using (var tuner = Create(folder, Options("MaskRcnn"))) tuner.Begin(resume: false);
        using (var scope = NewDisposeScope())
        {
            Dictionary<string, Tensor> all;
            Dictionary<string, string> metadata;
            using (var file = SafetensorsFile.Open(state))
                (all, metadata) = (file.Tensors.ToDictionary(t => t.Name, t => t.ToTensor()), new(file.Metadata));
            Assert.True(metadata.Remove(TrainingIdentity.Key));
            SafetensorsWriter.Write(state, all, new() { Metadata = metadata });
        }
        string set = File.ReadAllText(_scene.Data);
        File.WriteAllText(_scene.Data, set.Replace("\"tile\"", "\"ship\"", StringComparison.Ordinal));
        using (var other = Create(folder, Options("MaskRcnn")))
            Assert.Contains("class 2: 'tile' then, 'ship' now", Assert.Throws<CheckpointException>(() => other.Begin(resume: true)).Message);
        File.WriteAllText(_scene.Data, set);
        using (var same = Create(folder, Options("MaskRcnn"))) same.Begin(resume: true);
        Assert.Contains(_said, line => line.Contains("earlier version", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(folder, "config.json"), "{");
        using var damaged = Create(folder, Options("MaskRcnn"));
        damaged.Begin(resume: true);
        SegmentationModel.Load(folder).Dispose(); // config.json is written anew
    }

    /// <summary>What may be another in each turn.</summary>
    [Fact]
    public void Begin_ResumedWithOtherRatesViewsAndTime_GoesOn()
    {
        string folder = _scene.Out("out");
        using (var tuner = Create(folder, Options("Anchor"))) tuner.Begin(resume: false);
        using var other = Create(folder, Options("Anchor") with
        {
            Epochs = 7, Rate = 1e-5, Views = 0, Scales = new(0.5, 1.5), Turns = true, Masks = 3, TimeLimit = TimeSpan.FromHours(1), MetricsEvery = 3,
        });
        other.Begin(resume: true);
    }

    private static Dictionary<string, string> Content(string folder) =>
        Directory.GetFiles(folder).ToDictionary(f => f, f => FileHash.Sha256(f));

    /// <summary>Features of NaN made every normalization NaN, and the state that was written then could not be gone on with.</summary>
    [Fact]
    public void Run_KeptFeaturesOfNaN_AreMadeAnewAndTheStateStaysFinite()
    {
        var options = Options("MaskRcnn") with { Views = 1 };
        string folder = _scene.Out("out");
        Train(resume: false);
        foreach (string file in Directory.GetFiles(Path.Combine(folder, "features")))
        {
            using var scope = NewDisposeScope();
            Dictionary<string, Tensor> all;
            using (var kept = SafetensorsFile.Open(file)) all = kept.Tensors.ToDictionary(t => t.Name, t => t.ToTensor().fill_(float.NaN));
            SafetensorsWriter.Write(file, all);
        }
        options = options with { Epochs = 2 };
        Train(resume: true);
        Assert.DoesNotContain("\"skipped\":1", File.ReadAllText(Path.Combine(folder, "metrics.jsonl")));
        SegmentationModel.Load(folder).Dispose();

        void Train(bool resume)
        {
            using var tuner = Create(folder, options);
            tuner.Begin(resume);
            Assert.True(tuner.Run(null, default));
        }
    }

    [Fact]
    public void Advance_StepThatMakesNormalizationsNaN_StopsNamesTheImageAndKeepsTheState()
    {
        string folder = _scene.Out("out");
        using var tuner = Create(folder, Options("MaskRcnn") with { Views = 0 });
        tuner.Begin(resume: false);
        byte[] before = File.ReadAllBytes(Path.Combine(folder, "training.safetensors"));
        using (no_grad())
            foreach (var (name, weight) in tuner.Weights)
                if (name.Contains("feature_aggregator.downconvs.0.0", StringComparison.Ordinal)) weight.fill_(float.NaN);
        var stopped = Assert.Throws<TrainingNotFiniteException>(() => tuner.Advance(1e-3, new()));
        Assert.Contains(".png", stopped.Message);
        Assert.Equal("training_not_finite", stopped.Code);
        Assert.Contains("Nothing of it is written", Assert.Throws<TrainingNotFiniteException>(tuner.Save).Message);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(folder, "training.safetensors")));
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
        File.WriteAllText(empty,
            """{"images":[{"id":1,"file_name":"0.png","width":120,"height":90}],"annotations":[],"categories":[{"id":1,"name":"square"}]}""");
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
        var config = SemanticSam.Granularity.RsPrompter.PrompterConfig.Of(SemanticSam.Granularity.RsPrompter.PrompterHead.Anchor, 10,
            [.. Enumerable.Repeat(vit.Width, vit.Depth / 2)]);
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
    private sealed class After(int steps, CancellationTokenSource source) : IProgress<SemanticSam.Training.TrainingProgress>
    {
        public void Report(SemanticSam.Training.TrainingProgress value)
        {
            if (value.Step >= steps) source.Cancel();
        }
    }
}
