using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Formats;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training;
using SemanticSam.Training.Data;
using SemanticSam.Training.Nano.Teaching;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Nano.Teaching;

public sealed class TeacherTests : IDisposable
{
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
        var seen = new List<IReadOnlyDictionary<string, double>>();
        using (var teacher = new Teacher(new TaughtModel(init, null), data,
            new TeachOptions { Steps = 10, Batch = 2, Size = 64, Rate = 3e-3, TeachesPixels = pixels, KeptAside = 3, LogEvery = 1 }, CPU, taught))
        {
            Assert.True(teacher.Run(new Losses(seen)));
            Assert.Equal(data.Names.Select(n => n.Name).Distinct().Order(StringComparer.Ordinal), teacher.Report!.After.Select(f => f.Name));
        }
        double[] losses = [.. seen.Where(m => m.ContainsKey("dice")).Select(m => m["pixels"] + m["dice"])];
        Assert.Equal(10, losses.Length);
        Assert.True(losses.TakeLast(3).Average() < losses.Take(3).Average(),
            $"The losses went from {losses.Take(3).Average():f3} to {losses.TakeLast(3).Average():f3}.");

        var (before, after) = (Weights(init), Weights(taught));
        Assert.Equal(before.Keys, after.Keys);
        string[] changed = [.. before.Keys.Where(k => !before[k].AsSpan().SequenceEqual(after[k])).Select(k => k.Split('.')[0]).Distinct().Order()];
        Assert.Equal(pixels ? ["names", "pixel", "presence"] : ["names", "presence"], changed);
        Assert.True(File.Exists(Path.Combine(taught, "training.json")) && File.Exists(Path.Combine(taught, "taught.json"))
            && File.Exists(Path.Combine(taught, "text.safetensors")));

        using var stream = File.OpenRead(Path.Combine(taught, "vocabulary.json"));
        var vocabulary = NameVocabulary.Read(stream);
        Assert.NotNull(vocabulary.Whole("sofa")); // known before
        Assert.Contains("couch", vocabulary.Whole("sofa")!.Synonyms);
        Assert.All(data.Names, n => Assert.NotNull(n.IsPart ? vocabulary.Part(n.Name) : vocabulary.Whole(n.Name)));
        new TaughtModel(taught, null).OpenNetwork().Dispose(); // can be taught further
        using var model = SegmentationModel.Load(taught);
        using var session = model.Open(TinyNano.Image());
        session.Segment(Prompt.Named(data.Names.First(n => !n.IsPart).Name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // two heads, each of which answers some names
    public void Objective_ModelThatIsStillTheOldOne_HasNothingToRemember(bool surroundings)
    {
        var files = new TaughtModel(MakeModel(surroundings), null);
        var data = TeachData.Of(WholePartDataset.LoadSplit(Path.Combine(Fixtures.Own, "wholepart"), "train"), 0);
        using var teacher = new Teacher(files, data, new TeachOptions { Steps = 3, Batch = 2, Size = 64, Rate = 1e-9, LogEvery = 1 }, CPU,
            Path.Combine(_folder, "same"));
        var seen = new List<IReadOnlyDictionary<string, double>>();
        teacher.Run(new Losses(seen));
        Assert.Equal(3, seen.Count);
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

    [Fact]
    public void Files_ConfigurationWithHalfASurrogatePair_IsADamagedModel()
    {
        string init = MakeModel();
        File.WriteAllText(Path.Combine(init, "config.json"), """{"family":"nano","\ud800xxxxx":1}""");
        Assert.False(TaughtModel.IsPacked(init));
        Assert.Throws<CheckpointException>(() => new TaughtModel(init, null));
        Assert.Contains("surrogate", Assert.Throws<CheckpointException>(() => SegmentationModel.Load(init)).Message);
    }

    /// <summary>Names are added to the vocabulary at the end: what does not allow it ends the work before it begins.</summary>
    [Theory]
    [InlineData("""{"wholes":[{"name":"car"}],"parts":[],"wholes":[]}""", "the entry 'wholes' stands twice")]
    [InlineData("""{"wholes":[{"name":"car"}],"Wholes":[]}""", "stands twice")]
    [InlineData("""{"wholes":[{"name":"\ud800"}]}""", "half a surrogate pair")]
    [InlineData("""{"wholes":5}""", "the entry 'wholes' is no list")]
    public void Files_VocabularyThatCannotGrow_IsRefusedAtTheBeginning(string vocabulary, string message)
    {
        string init = MakeModel();
        File.WriteAllText(Path.Combine(init, "vocabulary.json"), vocabulary);
        var e = Assert.Throws<CheckpointException>(() => new TaughtModel(init, null));
        Assert.Contains(message, e.Message);
        Assert.Contains("vocabulary.json", e.Message);
    }

    /// <summary>As it may be read: without a list, in other case, after a mark of byte order.</summary>
    [Theory]
    [InlineData("""{"wholes":[{"name":"car"}]}""")]
    [InlineData("""{"Wholes":[{"name":"car"}],"parts":null}""")]
    [InlineData("\uFEFF{\"wholes\":[{\"name\":\"car\"}]}")]
    public void Write_VocabularyWithoutAList_GetsOne(string vocabulary)
    {
        string init = MakeModel(), taught = Path.Combine(_folder, "taught");
        File.WriteAllText(Path.Combine(init, "vocabulary.json"), vocabulary);
        var files = new TaughtModel(init, null);
        using var network = files.OpenNetwork();
        files.Write(taught, network, [new("kite", null, false), new("tail", "kite", true)]);
        using var stream = File.OpenRead(Path.Combine(taught, "vocabulary.json"));
        var read = NameVocabulary.Read(stream);
        Assert.Equal(["car", "kite"], read.Wholes.Select(w => w.Name));
        Assert.Equal("tail", Assert.Single(read.Parts).Name);
    }

    private sealed class Losses(List<IReadOnlyDictionary<string, double>> seen) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Metrics is { } metrics) seen.Add(metrics);
        }
    }

    private string MakeModel(bool surroundings = false)
    {
        string folder = Path.Combine(_folder, "init");
        if (surroundings) TinyNano.PackWithSurroundings(folder);
        else TinyNano.Lay(folder);
        return folder;
    }

    private static SortedDictionary<string, byte[]> Weights(string folder)
    {
        using var scope = NewDisposeScope();
        using var file = Checkpoint.Open(Path.Combine(folder, "model.safetensors"));
        return new(file.Tensors.ToDictionary(t => t.Name, t => t.ToTensor().contiguous().bytes.ToArray()));
    }
}
