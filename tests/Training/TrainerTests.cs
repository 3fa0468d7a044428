using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Tests.Support;
using SemanticSam.Training;
using TorchSharp;

namespace SemanticSam.Tests.Training;

/// <summary>The three recipes, as a program of somebody else's runs them.</summary>
public sealed class TrainerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static string Data => Path.Combine(Fixtures.Own, "wholepart");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RunAsync_TeachRecipe_WritesAModelAndTellsWhatChanged()
    {
        var recipe = Teach();
        var told = new Told();
        using (var trainer = Trainer.Create(recipe))
        {
            Assert.True(await trainer.RunAsync(told));
            Assert.Equal(recipe.Steps, trainer.Step);
        }
        Assert.Equal([1, 2, 3, 3], told.Steps);
        Assert.Contains("loss", told.Metrics[0].Keys);
        Assert.Equal(["iou_after", "iou_before"], told.Metrics[^1].Keys.Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Path.Combine(recipe.Output, "taught.json")));
        using var model = SegmentationModel.Load(recipe.Output);
        Assert.Contains("sofa", model.KnownWholes);
    }

    [Fact]
    public async Task RunAsync_TeachRecipeCanceled_WritesNothing()
    {
        using var stop = new CancellationTokenSource();
        var recipe = Teach();
        using var trainer = Trainer.Create(recipe);
        Assert.False(await trainer.RunAsync(new Told { At = (1, stop) }, stop.Token));
        Assert.Equal(1, trainer.Step);
        Assert.False(Directory.Exists(recipe.Output));
    }

    [Fact]
    public async Task RunAsync_SemanticSamRecipe_WritesAModel()
    {
        var recipe = new SemanticSamRecipe
        {
            Model = Fixtures.SmallSemanticSam, Data = Data, Output = _folder.File("semantic-sam"), Fresh = true, Steps = 1, Batch = 1, Size = 64,
        };
        using (var trainer = Trainer.Create(recipe)) Assert.True(await trainer.RunAsync());
        using var model = SegmentationModel.Load(recipe.Output);
        Assert.True(model.AnswersNames);
        Assert.Throws<IOException>(() => Trainer.Create(recipe)); // what is there is not overwritten
        using var again = Trainer.Create(recipe with { Resume = true });
        Assert.Equal(1, again.Step);
    }

    /// <summary>With the embedded model's own backbone and sentence encoder, and networks of their full size.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public async Task RunAsync_NanoRecipe_EndsWithAModelFolder()
    {
        var recipe = new NanoRecipe
        {
            Backbone = Backbone(), TextEncoder = TextEncoder(), Data = Data, Output = _folder.File("nano"), Steps = 2, Batch = 1, Size = 64, MetricsEvery = 1,
        };
        var told = new Told();
        var notices = new List<string>();
        using (var trainer = Trainer.Create(recipe with { Notice = notices.Add })) Assert.True(await trainer.RunAsync(told));
        Assert.NotEmpty(notices);
        Assert.Equal([1, 2], told.Steps);
        Assert.All(told.Metrics, m => Assert.True(double.IsFinite(m["loss"])));
        using var model = SegmentationModel.Load(Path.Combine(recipe.Output, "model"));
        using var session = model.Open(TinyNano.Image());
        Assert.Equal(6, session.Segment(Prompt.At(75, 50)).Count);
    }

    /// <summary>Its record names images, licenses and files: gone on with others, those of the first part would vanish from it.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public async Task Create_NanoRecipeResumedOnOtherDataOrFiles_IsRefusedAndKeepsItsRecord()
    {
        string output = _folder.File("nano"), other = _folder.File("other.safetensors"), state = Path.Combine(output, "training.safetensors");
        var notices = new List<string>();
        var recipe = new NanoRecipe
        {
            Backbone = Backbone(), TextEncoder = TextEncoder(), Data = Data, Output = output, Steps = 2, Batch = 1, Size = 64, Notice = notices.Add,
        };
        using (var trainer = Trainer.Create(recipe)) Assert.False(await trainer.RunAsync(cancellation: new CancellationToken(canceled: true)));
        File.Copy(recipe.Backbone, other);
        using (var grown = File.Open(other, FileMode.Append)) grown.WriteByte(0);
        string vocabulary = _folder.File("vocabulary.json");
        File.WriteAllText(vocabulary, TinyNano.Vocabulary);
        string first = SemanticSam.Training.Data.WholePartDataset.LoadSplit(Data, "train").Images[0].FileName;
        var before = Content();
        recipe = recipe with { Resume = true };
        (NanoRecipe, string)[] wrong =
        [
            (recipe with { Images = image => image.FileName != first }, "images: "), (recipe with { Backbone = other }, "--backbone: "),
            (recipe with { Vocabulary = vocabulary }, "--vocabulary: none then, "),
        ];
        Refused();
        WithoutIdentity(state); // as an earlier version wrote it: the record tells
        before = Content();
        Refused();
        File.Delete(Path.Combine(output, "training.json"));
        using (var unknown = Trainer.Create(recipe)) Assert.Equal(0, unknown.Step);
        Assert.Contains(notices, n => n.Contains("training.json is missing or damaged", StringComparison.Ordinal));

        void Refused()
        {
            foreach (var (asked, message) in wrong)
            {
                string said = Assert.Throws<CheckpointException>(() => Trainer.Create(asked)).Message;
                Assert.Contains(message, said);
                Assert.Contains($"--init {Path.Combine(output, "nano.safetensors")} with another --out", said);
                Assert.Equal(before, Content());
            }
        }

        Dictionary<string, string> Content() => Directory.GetFiles(output).ToDictionary(f => f, f => SemanticSam.Foundation.FileHash.Sha256(f));
    }

    private static void WithoutIdentity(string state)
    {
        using var scope = torch.NewDisposeScope();
        Dictionary<string, torch.Tensor> all;
        Dictionary<string, string> metadata;
        using (var file = SafetensorsFile.Open(state)) (all, metadata) = (file.Tensors.ToDictionary(t => t.Name, t => t.ToTensor()), new(file.Metadata));
        Assert.True(metadata.Remove("begun_with"));
        SafetensorsWriter.Write(state, all, new() { Metadata = metadata });
    }

    public static TheoryData<string, Func<TrainerTests, TrainingRecipe>> Wrong => new()
    {
        { "Steps", tests => tests.Teach() with { Steps = 0 } },
        { "Batch", tests => tests.Teach() with { Batch = 0 } },
        { "Size", tests => tests.Teach() with { Size = 100 } },
        { "Rate", tests => tests.Teach() with { LearningRate = double.NaN } },
        { "device 'gpu'", tests => tests.Teach() with { Device = "gpu" } },
        { "name another folder", tests => tests.Teach() with { Output = tests.Teach().Model! } },
        { "FinalRate", tests => tests.Fresh() with { FinalRate = 2 } },
        { "is empty", tests => tests.Fresh() with { Images = _ => false } },
        { "Workers", tests => tests.Nano() with { Workers = 0 } },
        { "TimeLimit", tests => tests.Nano() with { TimeLimit = TimeSpan.Zero } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Create_WhatCannotBe_IsSaid(string message, Func<TrainerTests, TrainingRecipe> recipe) =>
        Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(() => Trainer.Create(recipe(this))).Message);

    private TeachRecipe Teach()
    {
        string model = _folder.File("model");
        if (!Directory.Exists(model)) TinyNano.Lay(model);
        return new()
        {
            Model = model, Data = Data, Output = _folder.File("taught"), Steps = 3, Batch = 1, Size = 64, KeepAside = 3, MetricsEvery = 1,
        };
    }

    private SemanticSamRecipe Fresh() => new() { Model = Fixtures.SmallSemanticSam, Data = Data, Output = _folder.File("fresh"), Fresh = true };

    private NanoRecipe Nano() => new() { Backbone = "none", TextEncoder = "none", Data = Data, Output = _folder.File("none") };

    /// <summary>The backbone of the embedded model under torchvision's names.</summary>
    private string Backbone()
    {
        const string prefix = "backbone.";
        using var scope = torch.NewDisposeScope();
        using var file = Checkpoint.Open(Path.Combine(Fixtures.RepoRoot, "models", "nano", ModelPackage.WeightsFile));
        string path = _folder.File("resnet18.safetensors");
        SafetensorsWriter.Write(path, file.Tensors.Where(t => t.Name.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(t => t.Name[prefix.Length..], t => t.ToTensor()), new SafetensorsWriterOptions());
        return path;
    }

    private string TextEncoder()
    {
        string from = Path.Combine(Fixtures.RepoRoot, "models", "nano"), folder = _folder.File("text");
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(from, NanoPackage.TextFile), Path.Combine(folder, "model.safetensors"));
        File.Copy(Path.Combine(from, NanoPackage.WordPiecesFile), Path.Combine(folder, "vocab.txt"));
        return folder;
    }

    private sealed class Told : IProgress<TrainingProgress>
    {
        public List<long> Steps { get; } = [];

        public List<IReadOnlyDictionary<string, double>> Metrics { get; } = [];

        /// <summary>What to cancel after which step.</summary>
        public (long Step, CancellationTokenSource Stop)? At { get; init; }

        public void Report(TrainingProgress value)
        {
            Steps.Add(value.Step);
            if (value.Metrics is { } metrics) Metrics.Add(metrics);
            if (At is { } at && value.Step == at.Step) at.Stop.Cancel();
        }
    }
}
