using System.Text;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.Nano;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training.Data;
using SemanticSam.Training.Nano;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Nano;

public sealed class NanoTrainerTests : IDisposable
{
    private const int Steps = 4;
    private readonly string _folder = Directory.CreateTempSubdirectory("semsam-nano-").FullName;

    private static readonly string Pieces = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n" + string.Join('\n', "abcdefghijklmnopqrstuvwxyz".Select(c => $"{c}\n##{c}"));

    private static SentenceEncoderConfig TinyText => new() { Width = 24, Layers = 1, Heads = 3, FeedForward = 32, VocabularySize = 64, Positions = 64 };

    private static NanoTrainerOptions Options => new()
    {
        Steps = Steps, Batch = 2, WarmUp = 2, LogEvery = 2, Seed = 7, Workers = 1,
        Samples = new NanoSampleOptions { Size = 64, Names = 8, PresentNames = 5, Clicks = 3, Regions = 1, Corrections = 1 },
        Model = new NanoConfig
        {
            BackboneWidth = 16, PyramidWidth = 32, NormGroups = 4, EmbeddingWidth = 16, SentenceWidth = 24, NameHidden = 16, MaskHidden = 16,
            MaskFeatures = 8, QueryWidth = 32,
            ContextLayers = 1, ContextWidth = 32, LevelBlocks = 1, MaskBlocks = 1, PlaceLooks = 2, LookWidth = 32,
        },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Learn_SamePicturesAgain_LowersTheLossAndLeaksNothing()
    {
        using var trainer = Create("fit", Options with { Steps = 1000 });
        var batch = trainer.Make(0);
        var losses = new List<double>();
        var alive = new List<long>();
        for (int step = 0; step < 12; step++)
        {
            losses.Add(trainer.Learn(new NanoBatch(step, batch.Samples, Options.Samples)).Single(m => m.Name == "loss").Value);
            alive.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
        Assert.True(losses[^1] < 0.8 * losses[0], $"The loss went from {losses[0]:f3} to {losses[^1]:f3}.");
        Assert.All(alive.Skip(2), count => Assert.Equal(alive[1], count)); // the first step makes the gradients
    }

    /// <summary>What is known of things stays bit for bit as it is, the statistics of normalization too.</summary>
    [Fact]
    public void Learn_Surroundings_LowersTheirLossAndMovesNothingElse()
    {
        using var trainer = CreateSurroundings("around", 1000);
        var before = Weights(trainer);
        var batch = trainer.Make(0);
        Assert.All(batch.Samples, s => Assert.NotEmpty(s.Names));
        Assert.All(batch.Samples, s => Assert.Contains(s.Image.Annotations, a => Around.Contains(new(a.Category!, null))));
        var losses = new List<double>();
        var alive = new List<long>();
        for (int step = 0; step < 8; step++)
        {
            losses.Add(trainer.Learn(new NanoBatch(step, batch.Samples, AroundSamples)).Single(m => m.Name == "loss").Value);
            alive.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
        Assert.True(losses[^1] < 0.9 * losses[0], $"The losses were {string.Join(", ", losses.Select(l => $"{l:f2}"))}.");
        Assert.All(alive.Skip(2), count => Assert.Equal(alive[1], count));
        foreach (var (name, bytes) in Weights(trainer))
            Assert.True(name.StartsWith("surroundings.", StringComparison.Ordinal) != bytes.AsSpan().SequenceEqual(before[name]), name);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void Run_SurroundingsStoppedAndGoneOnWith_EndAsUndisturbed()
    {
        Dictionary<string, byte[]> expected;
        using (var trainer = CreateSurroundings("around whole", Steps))
        {
            trainer.Begin(resume: false);
            Assert.True(trainer.Run());
            expected = Weights(trainer);
        }
        using (var trainer = CreateSurroundings("around parts", Steps))
        {
            trainer.Begin(resume: false);
            for (int i = 0; i < 2; i++) trainer.Learn(trainer.Make(i));
            trainer.StopAt(2);
        }
        using (var trainer = CreateSurroundings("around parts", Steps))
        {
            trainer.Begin(resume: true);
            Assert.True(trainer.Run());
            foreach (var (name, bytes) in Weights(trainer)) Assert.True(bytes.AsSpan().SequenceEqual(expected[name]), name);
        }
    }

    /// <summary>Where nobody knows, nothing is learned; and whether such a name is in the image at all is not asked.</summary>
    [Fact]
    public void WordLoss_CellsThatAreUnknown_DoNotCount()
    {
        using var trainer = Create("unknown", Options);
        using var scope = NewDisposeScope();
        var sample = trainer.Make(0).Samples[0];
        int cells = sample.Valid.Length;
        byte[] known = new byte[cells];
        for (int i = cells / 2; i < cells; i++) known[i] = AskedName.Unknown;
        var open = new AskedName(0, 0, 1, known) { IsOpen = true };
        var tensors = Batch(open).ToTensors(CPU);
        Assert.Equal(0, tensors.Present.sum().item<float>());
        Assert.Equal(0, tensors.Masks.sum().item<float>());
        Assert.Equal(cells / 2, tensors.Known[0, 0].to(ScalarType.Float32).sum().item<float>());
        var features = trainer.Model.Encode(tensors.Images, tensors.CoarseValid);
        Tensor sentences = nn.functional.normalize(ones(1, Options.Model.SentenceWidth), 2, -1);
        manual_seed(3);
        var (pixels, _, presence) = WordLoss.Of(trainer.Model, features, sentences, tensors);
        Assert.Equal(0, presence.item<float>());
        // Whatever is seen in the other half changes nothing.
        Tensor changed = features.Pixels.clone();
        changed.slice(1, cells / 2, cells, 1).neg_();
        manual_seed(3);
        Assert.Equal(pixels.item<float>(), WordLoss.Of(trainer.Model, features with { Pixels = changed }, sentences, tensors).Pixels.item<float>(), 6);
        manual_seed(3);
        var all = WordLoss.Of(trainer.Model, features with { Pixels = changed }, sentences, Batch(open with { Mask = new byte[cells] }).ToTensors(CPU));
        Assert.NotEqual(pixels.item<float>(), all.Pixels.item<float>(), 4);

        NanoBatch Batch(AskedName name) => new(0, [new NanoSample
        {
            Image = sample.Image, Pixels = sample.Pixels, Valid = sample.Valid, Clicks = [], Regions = [], Masks = [], Names = [name],
        }], Options.Samples);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void Run_StoppedAndGoneOnWith_EndsAsUndisturbed()
    {
        Dictionary<string, byte[]> expected;
        using (var trainer = Create("whole", Options))
        {
            trainer.Begin(resume: false);
            Assert.True(trainer.Run());
            expected = Weights(trainer);
        }
        using (var trainer = Create("parts", Options))
        {
            trainer.Begin(resume: false);
            for (int i = 0; i < 2; i++) trainer.Learn(trainer.Make(i));
            trainer.StopAt(2);
        }
        using (var trainer = Create("parts", Options))
        {
            trainer.Begin(resume: true);
            Assert.Equal(2, trainer.Step);
            Assert.True(trainer.Run());
            var got = Weights(trainer);
            foreach (var (name, bytes) in expected) Assert.True(bytes.AsSpan().SequenceEqual(got[name]), name);
        }
    }

    [Fact]
    public void Factor_LimitOfTime_CoolsByTheClock()
    {
        var options = new NanoTrainerOptions { Steps = 1000, WarmUp = 1, Cooling = 0.3, LastRate = 0.01, TimeLimit = TimeSpan.FromSeconds(100) };
        Assert.Equal(1, options.Factor(10, TimeSpan.FromSeconds(70)), 6);
        Assert.Equal(1 - 0.99 / 2, options.Factor(10, TimeSpan.FromSeconds(85)), 6);
        Assert.Equal(0.01, options.Factor(10, TimeSpan.FromSeconds(200)), 6);
        Assert.Equal(0.01, options.Factor(1000, TimeSpan.Zero), 6); // steps end it as well
    }

    [Fact]
    public void Run_TimeIsUp_IsDoneBeforeItsSteps()
    {
        using var trainer = Create("time", Options with { Steps = 1_000_000, TimeLimit = TimeSpan.FromSeconds(0.3) });
        trainer.Begin(resume: false);
        Assert.True(trainer.Run());
        Assert.InRange(trainer.Step, 1, 10_000);
    }

    [Fact]
    public void Upload_OfABatch_GivesTheSameTensors()
    {
        using var trainer = Create("upload", Options);
        using var scope = NewDisposeScope();
        var batch = trainer.Make(3);
        var before = batch.ToTensors(CPU);
        batch.Upload(CPU);
        var after = batch.ToTensors(CPU);
        foreach (var (one, two) in new[] { (before.Images, after.Images), (before.Masks, after.Masks), (before.Valid, after.Valid),
            (before.Asked, after.Asked) })
            Assert.True(one.equal(two).all().item<bool>());
        batch.Release();
        Assert.True(batch.ToTensors(CPU).Images.equal(before.Images).all().item<bool>());
    }

    [Fact]
    public void Dispose_BatchesThatNobodyTook_LeavesNothingOnTheDevice()
    {
        using var trainer = Create("ahead", Options);
        long before = LiveTensors.Settled();
        using var made = new CountdownEvent(3);
        var batches = new NanoBatches(index =>
        {
            var batch = trainer.Make(index);
            batch.Upload(CPU);
            if (!made.IsSet) made.Signal();
            return batch;
        }, 0, workers: 1, depth: 3);
        Assert.True(made.Wait(TimeSpan.FromSeconds(60)));
        Assert.True(Tensor.TotalCount >= before + 3 * 7);
        batches.Dispose();
        Assert.Equal(before, LiveTensors.Settled());
    }

    [Fact]
    public void Run_AllDone_MakesAModelFolderOfItsWeights()
    {
        var options = Options with { Steps = 1 };
        string? packed = null;
        using (var stopped = Create("stopped", Options, pack: folder => packed = folder))
        {
            stopped.Begin(resume: false);
            Assert.False(stopped.Run(cancellation: new CancellationToken(canceled: true)));
            Assert.Null(packed);
        }
        using var trainer = Create("packed", options, pack: Pack);
        trainer.Begin(resume: false);
        Assert.True(trainer.Run());
        Assert.Equal(Path.Combine(_folder, "packed", "model"), packed);
        using var model = SemanticSam.Engine.SegmentationModel.Load(packed!);
        using var session = model.Open(TinyNano.Image());
        Assert.Equal(6, session.Segment(SemanticSam.Engine.Prompt.At(30, 30)).Count);

        void Pack(string folder)
        {
            packed = folder;
            using var weights = Checkpoint.Open(Path.Combine(_folder, "packed", NanoFiles.Weights));
            using var encoder = new SentenceEncoder(TinyText);
            NanoPackageWriter.Write(folder, new NanoPackageContent
            {
                Config = new() { ImageSize = 64, Network = options.Model, Text = TinyText },
                Weights = weights.Tensors.ToDictionary(t => t.Name, t => t.ToTensor()), Text = encoder,
                WordPieces = Encoding.UTF8.GetBytes(Pieces), Vocabulary = """{"wholes": [{"name": "car"}]}"""u8.ToArray(),
            });
        }
    }

    [Fact]
    public void Begin_StateOfOtherSettings_IsRefused()
    {
        using (var trainer = Create("other", Options)) trainer.StopAt(0);
        using var another = Create("other", Options, run: "other settings");
        Assert.Throws<CheckpointException>(() => another.Begin(resume: true));
    }

    [Fact]
    public void Learn_WeightsThatAreNotFinite_StopsAndNamesThePictures()
    {
        using var trainer = Create("nan", Options);
        var batch = trainer.Make(0);
        using (no_grad()) trainer.Model.named_parameters().First(p => p.name.StartsWith("pixel.", StringComparison.Ordinal)).parameter.fill_(float.NaN);
        var before = Weights(trainer);
        var stopped = Assert.Throws<NanoNotFiniteException>(() => trainer.Learn(batch));
        Assert.All(batch.Samples, s => Assert.Contains(s.Image.FileName, stopped.Message));
        foreach (var (name, bytes) in Weights(trainer)) Assert.True(bytes.AsSpan().SequenceEqual(before[name]), $"{name} moved.");
    }

    [Fact]
    public void Save_WeightsThatAreNotFinite_KeepsWhatIsThere()
    {
        using var trainer = Create("nan", Options);
        trainer.StopAt(0);
        string[] files = [NanoFiles.State, NanoFiles.Weights];
        byte[][] before = [.. files.Select(f => File.ReadAllBytes(Path.Combine(_folder, "nan", f)))];
        using (no_grad()) trainer.Model.named_parameters().First().parameter.fill_(float.NaN);
        var stopped = Assert.Throws<SemanticSam.Training.Runs.TrainingNotFiniteException>(trainer.Save);
        Assert.Contains("stays as it is", stopped.Message);
        Assert.Equal(before, files.Select(f => File.ReadAllBytes(Path.Combine(_folder, "nan", f))));
    }

    [Fact]
    public void Step_FourSteps_AverageTakesUpTheWeights()
    {
        using var layer = nn.Linear(2, 1, hasBias: false);
        using (no_grad()) layer.weight!.fill_(1);
        using var optimizer = new NanoOptimizer(layer, Options with { Rate = 0.1, WeightDecay = 0, AverageDecay = 0.9 });
        for (int step = 0; step < 4; step++)
        {
            optimizer.Clear();
            using var loss = layer.weight!.sum();
            loss.backward();
            optimizer.Step(step, 1);
        }
        // The gradient is always 1: AdamW goes by the rate each step. The average is taken every fourth step, at the start with 4/43 of itself kept.
        Assert.Equal(0.6f, layer.weight![0, 0].item<float>(), 4);
        Assert.Equal(0.6 + 0.4 * 4 / 43, optimizer.Average.Single().Value[0, 0].item<float>(), 4);
    }

    [Fact]
    public void Make_SameIndex_GivesTheSameSamples()
    {
        using var trainer = Create("same", Options);
        var (one, two) = (trainer.Make(5), trainer.Make(5));
        for (int i = 0; i < one.Samples.Count; i++)
        {
            Assert.Equal(one.Samples[i].Pixels, two.Samples[i].Pixels);
            Assert.Equal(one.Samples[i].Names.Select(n => (n.Query, n.Row)), two.Samples[i].Names.Select(n => (n.Query, n.Row)));
            Assert.Equal(one.Samples[i].Clicks.SelectMany(c => c.Points), two.Samples[i].Clicks.SelectMany(c => c.Points));
        }
    }

    private static NanoSampleOptions AroundSamples => Options.Samples with { Clicks = 0, Regions = 0, Corrections = 0 };

    private NanoTrainer CreateSurroundings(string folder, int steps) => Create(folder, Options with
    {
        Steps = steps, Samples = AroundSamples, Rate = 5e-4, Model = Options.Model with { SurroundingsWidth = 16, SurroundingsBlocks = 1 },
    }, around: Around);

    private static IReadOnlySet<QueryName> Around => new HashSet<QueryName> { new("vegetation", null), new("facade", null), new("chair", null) };

    private NanoTrainer Create(string folder, NanoTrainerOptions options, string run = "test", Action<string>? pack = null,
        IReadOnlySet<QueryName>? around = null)
    {
        using var vocabulary = File.OpenRead(Path.Combine(Fixtures.RepoRoot, "models", "nano", "vocabulary.json"));
        using var pieces = new MemoryStream(Encoding.UTF8.GetBytes(Pieces));
        manual_seed(11);
        using var encoder = new SentenceEncoder(TinyText);
        var images = WholePartDataset.LoadSplit(Path.Combine(Fixtures.Own, "wholepart"), "train").Images;
        var material = new NanoMaterial(images, NameVocabulary.Read(vocabulary), new SentenceTokenizer(pieces), encoder) { Around = around };
        return new NanoTrainer(material, _ => { }, Path.Combine(_folder, folder), run, options, CPU, _ => { }) { Pack = pack };
    }

    private static Dictionary<string, byte[]> Weights(NanoTrainer trainer) => trainer.Model.state_dict().ToDictionary(p => p.Key, p => Bytes(p.Value));

    private static byte[] Bytes(Tensor tensor)
    {
        using var whole = tensor.contiguous(); // without a name it could be collected while it is copied
        return whole.bytes.ToArray();
    }
}
