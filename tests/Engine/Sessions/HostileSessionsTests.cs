using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Sessions;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Engine.Batch;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Sessions;

/// <summary>Prompts, saved features and callers that ask for too much or for nothing.</summary>
public sealed class HostileSessionsTests(EmbeddedModel shared) : IClassFixture<EmbeddedModel>, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SegmentationModel _model = shared.Model;
    private readonly Lazy<SegmentationModel> _small = new(() => SegmentationModel.Load(Fixtures.SmallSemanticSam)); // of a family that refuses more

    public void Dispose()
    {
        if (_small.IsValueCreated) _small.Value.Dispose();
        _folder.Dispose();
    }

    /// <summary>However many points, no more than a group goes through the decoder at a time.</summary>
    [Fact]
    public void MixedPrompts_ThousandsOfPoints_GoThroughInGroups()
    {
        int most = 0, calls = 0;
        IReadOnlyList<IReadOnlyList<Candidate>> Decode(IReadOnlyList<PlaceQuery> queries)
        {
            (most, calls) = (Math.Max(most, queries.Count), calls + 1);
            return [.. queries.Select(IReadOnlyList<Candidate> (q) =>
                [new(Rle.FromBox(60, 80, new((int)q.X, (int)q.Y, (int)q.X + 2, (int)q.Y + 2)), 0.5f, 1, GranularityLevel.Whole, null, null)])];
        }
        var points = Enumerable.Range(0, 3000).Select(i => new PointPrompt(i % 70, i / 70, i == 0 || i % 3 == 0));
        var answer = new MixedPrompts(Decode, LevelRule.Tokens).Answer([new() { Points = [.. points] }]);
        Assert.Single(answer);
        Assert.True(most <= 64 && calls >= 3000 / 64, $"{most} in one of {calls} calls");
    }

    [Fact]
    public void PointOrder_AnyMaskAndPoints_CountsAsLookingAtEach()
    {
        var random = new Random(5);
        for (int round = 0; round < 200; round++)
        {
            int height = random.Next(1, 12), width = random.Next(1, 12);
            var mask = Rle.FromBools([.. Enumerable.Range(0, height * width).Select(_ => random.Next(2) == 0)], height, width);
            PointPrompt[] points = [.. Enumerable.Range(0, random.Next(20))
                .Select(_ => new PointPrompt(random.NextSingle() * width, random.NextSingle() * height, random.Next(2) == 0))];
            int expected = points.Count(p => mask.Contains(Math.Min((int)p.X, width - 1), Math.Min((int)p.Y, height - 1)) != p.Positive);
            Assert.Equal(expected, new PointOrder(points).Contradictions(mask));
        }
    }

    [Fact]
    public void Segment_TooManyPoints_NamesTheLimit()
    {
        using var session = _model.Open(BatchImages.Make(1));
        var prompt = new Prompt { Points = [.. Enumerable.Range(0, 10_001).Select(i => new PointPrompt(i % 70, 5))] };
        Assert.Contains("10001 points; at most 10000", Assert.Throws<PromptException>(() => session.Segment(prompt)).Message);
    }

    [Theory]
    [InlineData(60, 60, 4)]
    [InlineData(20, 20, 3)]
    [InlineData(300, 6, 2)]
    [InlineData(6, 300, 4)]
    [InlineData(2, 2, 4)]
    [InlineData(1, 2, 4)]
    public void CropBoxes_TinyImage_AreAllInsideAndNotEmpty(int width, int height, int layers)
    {
        var crops = CropBoxes.Generate(height, width, layers);
        Assert.All(crops, c => Assert.True(c.Box is { Left: >= 0, Top: >= 0, Width: > 0, Height: > 0 } && c.Box.Right <= width && c.Box.Bottom <= height
            && c.Box.Width * c.Box.Height > 1));
    }

    /// <summary>The embedded model sees 28 x 28 cells: layers of crops of fewer pixels are left out, those after them as well, and that is said.</summary>
    [Theory]
    [InlineData(60, 60, 4, 1, "The crops of layers 2 to 4 are left out: of an image of 60 x 60 they would have 23 x 23 pixels and fewer, which is less than " +
        "the 28 x 28 cells that the model sees.")]
    [InlineData(60, 60, 2, 1, "The crops of layer 2 are left out: of an image of 60 x 60 they would have 23 x 23 pixels, which")]
    [InlineData(20, 20, 3, 0, "The crops of layers 1 to 3 are left out")]
    [InlineData(300, 6, 2, 0, "The crops of layers 1 to 2 are left out")]
    [InlineData(60, 60, 1, 1, null)]
    [InlineData(60, 60, 0, 0, null)]
    [InlineData(640, 480, 4, 4, null)]
    [InlineData(20_000, 60, 3, 3, null)]
    public void CropPlan_TinyCrops_AreLeftOutWithANotice(int width, int height, int layers, int last, string? notice)
    {
        var plan = CropPlan.Of(448, new(height, width), new() { CropLayers = layers });
        Assert.Equal(last, plan.Crops.Max(c => c.Layer));
        Assert.Equal(CropBoxes.ByPriority(CropBoxes.Generate(height, width, last)), plan.Crops);
        if (notice is null) Assert.Null(plan.Notice);
        else Assert.StartsWith(notice, plan.Notice);
    }

    [Fact]
    public async Task Everything_CropsOfATinyImage_AreOfItsSize()
    {
        using var session = _model.Open(BatchImages.Make(1, 60, 60));
        var crops = new HashSet<BoxI>();
        var options = new EverythingOptions { PointsPerSide = 1, CropLayers = 4 };
        await foreach (var step in session.FollowEverything(options)) crops.Add(step.Crop);
        Assert.Equal(5, crops.Count); // 341 without the limit
        Assert.Contains("layers 2 to 4", session.NoticeOf(options));
    }

    [Fact]
    public async Task Everything_CropsOfATinyImage_AnswersAll()
    {
        using var session = _model.Open(BatchImages.Make(1, 20, 20));
        var options = new EverythingOptions { PointsPerSide = 1, CropLayers = 2 };
        await foreach (var step in session.FollowEverything(options)) Assert.True(step.Share is > 0 and <= 1);
    }

    [Fact]
    public void Open_ImageOfOneLongLine_SaysThatItsSidesDiffer() =>
        Assert.Contains("sides differ too much", Assert.Throws<ImageException>(() => _small.Value.Open(new RgbImage(20_000, 2))).Message);

    [Theory]
    [InlineData("image", "2000000000x2000000000")]
    [InlineData("image", "60000x60000")]
    [InlineData("image", "5x5")]
    [InlineData("size.image", "72x54")]
    [InlineData("size.padded", "64000x64000")]
    [InlineData("size.unpadded", "1x1")]
    [InlineData("size.levels", "1x1,1x1,1x1,1x1")]
    public void OpenFeatures_SizeThatDoesNotFollowFromTheImage_IsRefused(string entry, string value)
    {
        var image = BatchImages.Make(1);
        string path = Features(_small.Value, image, m => m[entry] = value);
        Assert.Throws<CheckpointException>(() => _small.Value.OpenFeatures(path, image));
        Assert.Throws<CheckpointException>(() => _small.Value.OpenFeatures(path));
    }

    [Theory]
    [InlineData("nan")]
    [InlineData("zero")]
    [InlineData("f8")]
    [InlineData("many")]
    public void OpenFeatures_ValuesThatNoEncoderGives_AreRefused(string what)
    {
        var image = BatchImages.Make(1);
        string path = Features(_model, image, null, t => what switch
        {
            "nan" => [CheckpointTensor.FromMemory(t.Name, t.DType, t.Shape, Enumerable.Repeat((byte)0xFF, t.ByteCount).ToArray())],
            "zero" => [CheckpointTensor.FromMemory(t.Name, t.DType, t.Shape, new byte[t.ByteCount])],
            "f8" => [CheckpointTensor.FromMemory(t.Name, CheckpointDType.Float8E4M3, t.Shape, new byte[t.ElementCount])],
            _ => (CheckpointTensor[])[t, .. Enumerable.Range(0, 100).Select(i => CheckpointTensor.FromMemory($"{t.Name}{i}", t.DType, [1], new byte[4]))],
        });
        Assert.Throws<CheckpointException>(() => _model.OpenFeatures(path, image));
    }

    private string Features(SegmentationModel model, RgbImage image, Action<Dictionary<string, string>>? metadata, Func<CheckpointTensor,
        IEnumerable<CheckpointTensor>>? tensors = null)
    {
        string path = _folder.File("f.safetensors"), changed = _folder.File("changed.safetensors");
        using (var session = model.Open(image)) session.SaveFeatures(path);
        using var file = SafetensorsFile.Open(path);
        var entries = new Dictionary<string, string>(file.Metadata);
        metadata?.Invoke(entries);
        SafetensorsWriter.Write(changed, file.Tensors.SelectMany(t => tensors is null ? [t] : tensors(t)), new() { Metadata = entries });
        return changed;
    }

    [Fact]
    public async Task Misuse_OfTheLibrary_IsAnArgumentOrADisposedObject()
    {
        Assert.Throws<ArgumentNullException>(() => new Prompt { Points = null! });
        Assert.Throws<ArgumentNullException>(() => new Prompt { Names = null! });
        Assert.Throws<ArgumentNullException>(() => Prompt.Named("car", null!));
        Assert.Throws<ArgumentNullException>(() => _model.Open((RgbImage)null!));
        Assert.Throws<ArgumentNullException>(() => SegmentationModel.Load(null!));
        var session = _model.Open(BatchImages.Make(1));
        Assert.Throws<ArgumentNullException>(() => session.Segment((Prompt)null!));
        Assert.Throws<ArgumentNullException>(() => session.Segment((IReadOnlyList<Prompt>)null!));
        Assert.Throws<ArgumentNullException>(() => session.Segment([null!]));
        Assert.Throws<ArgumentNullException>(() => session.PartsOf(null!));
        Assert.Throws<ArgumentNullException>(() => session.WholeOf(null!));
        Assert.Throws<ArgumentNullException>(() => session.FollowEverything(new() { PointGrids = [null!] }));
        Assert.Throws<ArgumentNullException>(() => session.Segment(Prompt.At(1, 1), new() { Vocabulary = ["a", null!] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Segment(Prompt.At(1, 1), new() { Levels = [] }));
        var steps = session.FollowEverything(new() { PointsPerSide = 4, PointsPerBatch = 1 }).GetAsyncEnumerator();
        Assert.True(await steps.MoveNextAsync());
        session.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await steps.MoveNextAsync());
        Assert.Throws<ObjectDisposedException>(() => session.Segment(Prompt.At(1, 1)));
        Assert.Throws<ObjectDisposedException>(() => session.SaveFeatures(_folder.File("x")));
        Assert.Throws<ObjectDisposedException>(() => session.FollowEverything());
        Assert.Throws<ObjectDisposedException>(() => session.PartsOf(Prompt.At(1, 1)));
    }

    [Fact]
    public async Task Enumerations_ThatAreAbandoned_KeepNoThreads()
    {
        using var session = _model.Open(BatchImages.Make(1));
        int before = System.Diagnostics.Process.GetCurrentProcess().Threads.Count;
        for (int i = 0; i < 30; i++) await session.FollowEverything(new() { PointsPerSide = 2, PointsPerBatch = 1 }).GetAsyncEnumerator().MoveNextAsync();
        for (int tries = 0; tries < 40 && System.Diagnostics.Process.GetCurrentProcess().Threads.Count > before + 8; tries++) await Task.Delay(100);
        Assert.True(System.Diagnostics.Process.GetCurrentProcess().Threads.Count <= before + 8);
    }
}
