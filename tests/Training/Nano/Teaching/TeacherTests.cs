using System.Text;
using System.Text.Json;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Formats;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Nano;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training.Data;
using SemanticSam.Training.Nano;
using SemanticSam.Training.Nano.Teaching;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Nano.Teaching;

public sealed class TeacherTests : IDisposable
{
    private static readonly NanoConfig Network =
        new() { PyramidWidth = 32, NormGroups = 4, EmbeddingWidth = 16, SentenceWidth = 24, NameHidden = 16, MaskHidden = 16, MaskFeatures = 8, QueryWidth = 32 };

    private static readonly SentenceEncoderConfig Text = new() { Width = 24, Layers = 1, Heads = 3, FeedForward = 32, VocabularySize = 57, Positions = 64 };

    private readonly string _folder = Directory.CreateTempSubdirectory("semsam-teach-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_NewNames_LearnsThemAndLeavesTheRestOfTheNetwork(bool pixels)
    {
        string init = MakeModel(), taught = Path.Combine(_folder, "taught");
        var data = TeachData.Of(WholePartDataset.LoadSplit(Path.Combine(Fixtures.Own, "wholepart"), "train"), keptAside: 3);
        Assert.NotEmpty(data.Kept);
        Assert.Empty(data.Kept.Intersect(data.Learned));
        var losses = new List<double>();
        using (var teacher = new Teacher(new TaughtModel(init, null), data, new TeachOptions { Steps = 10, Batch = 2, Size = 64, Rate = 5e-3, MeasuredSize = 64, TeachesPixels = pixels, KeptAside = 3 }, CPU))
        {
            var report = teacher.Run(step => losses.Add(step["pixels"] + step["dice"]));
            Assert.Equal(data.Names.Select(n => n.Name).Distinct().Order(StringComparer.Ordinal), report!.After.Select(f => f.Name));
            teacher.Write(taught, report);
        }
        Assert.True(losses.TakeLast(3).Average() < losses.Take(3).Average(), $"The losses went from {losses.Take(3).Average():f3} to {losses.TakeLast(3).Average():f3}.");

        var (before, after) = (Weights(init), Weights(taught));
        Assert.Equal(before.Keys, after.Keys);
        string[] changed = [.. before.Keys.Where(k => !before[k].AsSpan().SequenceEqual(after[k])).Select(k => k.Split('.')[0]).Distinct().Order()];
        Assert.Equal(pixels ? ["names", "pixel", "presence"] : ["names", "presence"], changed);
        Assert.True(File.Exists(Path.Combine(taught, "training.json")) && File.Exists(Path.Combine(taught, "taught.json")) && File.Exists(Path.Combine(taught, "text.safetensors")));

        using var stream = File.OpenRead(Path.Combine(taught, "vocabulary.json"));
        var vocabulary = NameVocabulary.Read(stream);
        Assert.NotNull(vocabulary.Whole("sofa")); // known before
        Assert.Equal(["couch"], vocabulary.Whole("sofa")!.Synonyms);
        Assert.All(data.Names, n => Assert.NotNull(n.IsPart ? vocabulary.Part(n.Name) : vocabulary.Whole(n.Name)));
        new TaughtModel(taught, null).OpenNetwork().Dispose(); // can be taught further
    }

    [Fact]
    public void Objective_ModelThatIsStillTheOldOne_HasNothingToRemember()
    {
        var files = new TaughtModel(MakeModel(), null);
        var data = TeachData.Of(WholePartDataset.LoadSplit(Path.Combine(Fixtures.Own, "wholepart"), "train"), 0);
        using var teacher = new Teacher(files, data, new TeachOptions { Steps = 3, Batch = 2, Size = 64, Rate = 1e-9 }, CPU);
        var seen = new List<IReadOnlyDictionary<string, double>>();
        teacher.Run(seen.Add);
        foreach (var losses in seen) Assert.All(new[] { "old_answers", "old_presence", "old_words" }, l => Assert.InRange(losses[l], -1e-4, 1e-3));
    }

    [Fact]
    public void Of_NamesAsIdentifiers_AreSaidAsPeopleSayThem()
    {
        var named = TeachData.Named(new AnnotatedImage
        {
            FileName = "a", Width = 4, Height = 4,
            Annotations = [new() { Mask = SemanticSam.Masks.Rle.Full(4, 4), Whole = new("Storage_Tank"), Part = new("roof  top") }],
        }).Annotations[0];
        Assert.Equal(("storage tank", "roof top"), (named.Whole!.Value.Name, named.Part!.Value.Name));
    }

    [Fact]
    public void Files_FolderOfAnotherKind_IsRefused()
    {
        Assert.Throws<CheckpointException>(() => new TaughtModel(_folder, null));
        string init = MakeModel();
        File.Delete(Path.Combine(init, "text.safetensors"));
        Assert.Contains("text.safetensors", Assert.Throws<CheckpointException>(() => new TaughtModel(init, null)).Message);
        Assert.True(TaughtModel.IsPacked(init));
        Assert.False(TaughtModel.IsPacked(_folder));
    }

    private string MakeModel()
    {
        string folder = Path.Combine(_folder, "init");
        Directory.CreateDirectory(folder);
        manual_seed(4);
        using var scope = NewDisposeScope();
        using var network = new NanoModel(Network);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), network.state_dict().Where(t => t.Value.is_floating_point()).ToDictionary(t => t.Key, t => t.Value),
            new SafetensorsWriterOptions { Floats = CheckpointDType.Float16, Metadata = new Dictionary<string, string> { ["format"] = "pt" } });
        using var encoder = new SentenceEncoder(Text);
        NanoFiles.SaveText(encoder, Path.Combine(folder, "text.safetensors"));
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n" + string.Join('\n', "abcdefghijklmnopqrstuvwxyz".Select(c => $"{c}\n##{c}")));
        File.WriteAllText(Path.Combine(folder, "vocabulary.json"), """{"wholes": [{"name": "sofa", "synonyms": ["couch"]}, {"name": "car"}], "parts": [{"name": "wheel", "of": ["car"]}]}""");
        File.WriteAllBytes(Path.Combine(folder, "config.json"), Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { family = "nano", network = Network, text = Text }, JsonSettings.Indented)));
        return folder;
    }

    private static SortedDictionary<string, byte[]> Weights(string folder)
    {
        using var scope = NewDisposeScope();
        using var file = Checkpoint.Open(Path.Combine(folder, "model.safetensors"));
        return new(file.Tensors.ToDictionary(t => t.Name, t => t.ToTensor().contiguous().bytes.ToArray()));
    }
}
