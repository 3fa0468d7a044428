using SemanticSam.Engine;
using SemanticSam.Foundation;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using SemanticSam.Torch;
using TorchSharp;

namespace SemanticSam.Tests.Engine;

/// <summary>The public API on the embedded model.</summary>
public sealed class ImageSessionTests : IClassFixture<ImageSessionTests.Loaded>
{
    private readonly SegmentationModel _model;

    public ImageSessionTests(Loaded loaded) => _model = loaded.Model;

    public sealed class Loaded : IDisposable
    {
        public SegmentationModel Model { get; } = SegmentationModel.Default();

        public void Dispose() => Model.Dispose();
    }

    private static RgbImage Image(int width = 96, int height = 64)
    {
        var image = new RgbImage(width, height);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width * 3; x++)
                image.Row(y)[x] = (byte)((x / 3 > width / 3 && x / 3 < width * 2 / 3 && y > height / 4) ? 200 : 40 + y % 16);
        return image;
    }

    [Fact]
    public void Segment_TwentyCalls_LeakNoTensor() => LeakNothing(sessions: 4, calls: 5);

    [Fact]
    [Trait("Category", "Slow")]
    public void Segment_ThousandCalls_LeakNoTensor() => LeakNothing(sessions: 50, calls: 20);

    private void LeakNothing(int sessions, int calls)
    {
        var image = Image();
        void Job(int i)
        {
            using var session = _model.Open(image);
            for (int k = 0; k < calls; k++)
                session.Segment(k % 2 == 0 ? Prompt.At(i % 90 + 1, k % 60 + 1) : Prompt.Named("person", "wheel of a car"));
        }
        Job(0); // caches fill: the model's own vocabulary, shapes
        long before = LiveTensors.Settled();
        for (int i = 0; i < sessions; i++)
            Job(i);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public async Task Session_NamesBesideAPlace_LeakNoTensor()
    {
        using var session = _model.Open(Image());
        var prompt = Prompt.At(40, 30) with { Names = ["person", "wheel"] };
        async Task Job()
        {
            session.Segment(prompt);
            session.WholeOf(prompt);
            session.PartsOf(prompt);
            await session.CollectEverything(new() { PointsPerSide = 2, Vocabulary = prompt.Names });
        }
        await Job();
        long before = LiveTensors.Settled();
        for (int i = 0; i < 3; i++) await Job();
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Segment_SamePromptAlone_EqualsInABatch()
    {
        using var session = _model.Open(Image());
        var alone = session.Segment(Prompt.At(40, 30));
        var batch = session.Segment([Prompt.At(5, 5), Prompt.At(40, 30), Prompt.Around(30, 20, 70, 60)]);
        var same = batch.Where(r => r.Prompt == 1).ToArray();
        Assert.Equal(alone.Count, same.Length);
        for (int i = 0; i < same.Length; i++)
            Assert.True(alone[i].Mask.IsEmpty && same[i].Mask.IsEmpty || alone[i].Mask.IoU(same[i].Mask) > 0.999, $"level {i}");
    }

    [Fact]
    public void Segment_OneName_DoesNotDependOnTheOthers()
    {
        using var session = _model.Open(ImageDecoder.Decode(Fixtures.OwnPath("wholepart/images/val/ccp_0667.jpg")));
        Rle Person(params string[] names) => Rle.Merge(session.Segment(Prompt.Named(names)).Where(r => r.Whole?.Label == "person").Select(r => r.Mask));
        var alone = Person("person");
        Assert.True(alone.Area > 10_000);
        // Which object queries are selected depends on all names; that a name is there, and where, must not.
        Assert.InRange(alone.IoU(Person("person", "car")), 0.95, 1);
    }

    [Fact]
    public void Segment_Names_SayHowTheyWereAsked()
    {
        using var session = _model.Open(ImageDecoder.Decode(Fixtures.OwnPath("wholepart/images/val/ccp_0667.jpg")));
        var masks = session.Segment(Prompt.Named("giraffe", "Persons", "The hair of a Person"));
        Assert.Contains(masks, m => m is { AskedName: "Persons", Whole.Label: "person", Part: null });
        Assert.Contains(masks, m => m is { AskedName: "The hair of a Person", Part.Label: "hair" });
        Assert.Equal(2, masks.Select(m => m.AskedName).Distinct().Count());
        Assert.All(session.Segment(Prompt.At(100, 100)), m => Assert.Null(m.AskedName));
    }

    [Fact]
    public async Task SegmentEverything_Canceled_Stops()
    {
        using var session = _model.Open(Image());
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var mask in session.SegmentEverything(cancellation: cancel.Token)) Assert.NotNull(mask);
        });
    }

    [Fact]
    public async Task CollectEverything_Results_AreOrderedAndLinked()
    {
        using var session = _model.Open(Image());
        var masks = await session.CollectEverything(new EverythingOptions { PointsPerSide = 4, PredictedIouThreshold = -1, StabilityThreshold = 0 });
        Assert.NotEmpty(masks);
        Assert.Equal(masks.Select(m => m.Area).OrderDescending(), masks.Select(m => m.Area));
        Assert.All(masks, m => Assert.True(m.Parent is null || m.Parent < masks.Count && masks[m.Parent.Value].Area >= m.Area));
    }

    [Fact]
    public void Segment_MaskLogits_AreRefusedByADecoderWithoutMaskInput()
    {
        using var model = SegmentationModel.Load(Fixtures.SmallSemanticSam);
        using var session = model.Open(Image());
        Assert.Contains("no mask input",
            Assert.Throws<PromptException>(() => session.Segment(new Prompt { Logits = new MaskLogits(4, 4, new float[16]) })).Message);
        Assert.Contains("no mask input", Assert.Throws<PromptException>(() => session.Segment(Prompt.At(3, 3), new() { KeepLogits = true })).Message);
    }

    [Fact]
    public void Segment_Single_IsTheBestOfTheLevelsAskedFor()
    {
        using var session = _model.Open(Image());
        GranularityLevel[] levels = [GranularityLevel.Part, GranularityLevel.Subpart];
        var best = session.Segment(Prompt.At(40, 30), new() { Levels = levels }).MaxBy(m => m.PredictedIou)!;
        var single = Assert.Single(session.Segment(Prompt.At(40, 30), new() { Levels = levels, Masks = MaskChoice.Single }));
        Assert.Equal((best.Mask, best.PredictedIou, best.Level), (single.Mask, single.PredictedIou, single.Level));
    }

    public static TheoryData<Prompt, string, string> WrongPrompts => new()
    {
        { new Prompt(), "prompt_empty", "a point, a box, a mask or a name" },
        { new Prompt { Points = [new(3, 3, false)] }, "prompt_contradictory", "at least one positive point" },
        { Prompt.At(float.NaN, 1), "prompt_outside_image", "(NaN, 1) is not within the image, which is 96 x 64" },
        { Prompt.At(1, 64.5f), "prompt_outside_image", "(1, 64.5)" },
        { Prompt.Around(10, 10, 97, 20), "prompt_outside_image", "(10, 10, 97, 20)" },
        { Prompt.Around(20, 10, 20, 20), "prompt_empty", "right must exceed left" },
        { new Prompt { Mask = Rle.Full(10, 10) }, "prompt_outside_image", "10 x 10 pixels, the image 96 x 64" },
        { new Prompt { Mask = Rle.Empty(64, 96) }, "prompt_empty", "no pixel" },
        { Prompt.Named(" "), "prompt_empty", "name at least one thing" },
        { Prompt.Named("car:"), "prompt_malformed", "'car:'" },
    };

    [Theory]
    [MemberData(nameof(WrongPrompts))]
    public void Segment_WrongPrompt_IsRefusedWithTheValueAndWhatIsAllowed(Prompt prompt, string code, string says)
    {
        using var session = _model.Open(Image());
        var refusal = Assert.Throws<PromptException>(() => session.Segment(prompt));
        Assert.Equal(code, refusal.Code);
        Assert.Contains(says, refusal.Message);
        Assert.IsAssignableFrom<SemanticSamException>(refusal);
    }

    [Fact]
    public void Segment_FaultsOfTheCaller_AreArgumentExceptions()
    {
        using var session = _model.Open(Image());
        Assert.Throws<ArgumentNullException>(() => session.Segment((Prompt)null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Segment(Prompt.At(1, 1), new SegmentOptions { LabelThreshold = 2 }));
        Assert.Throws<ArgumentException>(() => SegmentationModel.Default(new() { Device = "tpu" }));
        Assert.Contains("'cuda:99' is not there", Assert.Throws<TorchRuntimeException>(() => SegmentationModel.Default(new() { Device = "cuda:99" })).Message);
    }

    [Fact]
    public async Task Session_Disposed_RefusesEverything()
    {
        var session = _model.Open(Image());
        await using var begun = session.FollowEverything(new() { PointsPerSide = 2, PointsPerBatch = 1 }).GetAsyncEnumerator();
        Assert.True(await begun.MoveNextAsync());
        session.Dispose();
        session.Dispose();
        var prompt = Prompt.At(1, 1);
        Assert.Throws<ObjectDisposedException>(() => session.Segment(prompt));
        Assert.Throws<ObjectDisposedException>(() => session.PartsOf(prompt));
        Assert.Throws<ObjectDisposedException>(() => session.WholeOf(prompt));
        Assert.Throws<ObjectDisposedException>(() => session.SaveFeatures("none"));
        Assert.Throws<ObjectDisposedException>(() => { session.SegmentEverything(); });
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await begun.MoveNextAsync());
    }

    [Fact]
    public void Model_Disposed_RefusesAndSoDoItsSessions()
    {
        var model = SegmentationModel.Default();
        using var session = model.Open(Image());
        model.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Segment(Prompt.At(1, 1)));
        Assert.Throws<ObjectDisposedException>(() => model.Open(Image()));
        Assert.Throws<ObjectDisposedException>(() => model.OpenFeatures("none"));
    }

    [Fact]
    public async Task Sessions_OfOneModelOnSeveralThreads_AnswerAsAlone()
    {
        using var session = _model.Open(Image());
        var prompts = new[] { Prompt.At(40, 30), Prompt.Around(30, 20, 70, 60), Prompt.Named("person", "wheel") };
        var alone = prompts.Select(p => session.Segment(p)).ToArray();
        await Parallel.ForEachAsync(Enumerable.Range(0, 4), new ParallelOptions { MaxDegreeOfParallelism = 4 }, (_, _) =>
        {
            using var own = _model.Open(Image());
            for (int p = 0; p < prompts.Length; p++) Assert.Equal(alone[p], own.Segment(prompts[p]));
            return ValueTask.CompletedTask;
        });
    }
}
