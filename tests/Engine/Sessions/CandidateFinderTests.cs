using System.Diagnostics;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Engine.Sessions;

/// <summary>How clicks are divided, on a decoder that only counts.</summary>
public sealed class CandidateFinderTests
{
    private const int Side = 64, Low = 16;

    /// <summary>Every click gives two masks, a square around it; predicted IoU 0.9 and 0.5.</summary>
    private sealed class Counting(ClickMemory memory) : Segmenter
    {
        public List<int> Together { get; } = [];

        public List<int[]> Drawn { get; } = [];

        /// <summary>Threads that decoded.</summary>
        public HashSet<Thread> Threads { get; } = [];

        /// <summary>Click decoders that were opened and not yet disposed.</summary>
        public int Open { get; set; }

        public ClickMemory Memory => memory;

        public override string Name => "counting";

        public override string Sha256 => "00";

        public override int ImageSize => Side;

        public override bool AnswersNames => false;

        public override IReadOnlyList<GranularityLevel> Levels => [GranularityLevel.Whole, GranularityLevel.Part];

        public override InferenceSettings Settings { get; } = new() { PredictedIouThreshold = 0.6, StabilityThreshold = 0 };

        protected override MaskThresholds FamilyThresholds => MaskThresholds.Sam;

        protected override ThresholdRule ThresholdRule => ThresholdRule.OffAtZero;

        public override EncodedImage Encode(RgbImage image) => new Plain(this, new(image.Height, image.Width));

        public override EncodedImage Restore(SavedEncoding saved, PixelSize size) => throw new NotSupportedException();

        protected override void Release()
        {
        }
    }

    private sealed class Plain(Counting model, PixelSize size) : EncodedImage(model, size)
    {
        public override MaskUpsampler Upsampler { get; } = MaskUpsampler.Bilinear(new(Low, Low), new ImageGeometry(new(Side, Side), new(Side, Side), size));

        public override IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(IReadOnlyList<Prompt> prompts, PlaceRequest request) =>
            throw new NotSupportedException();

        public override ClickDecoder OpenClicks(ClickRequest request)
        {
            model.Open++;
            return new Clicks(model);
        }

        public override SavedEncoding Save() => throw new NotSupportedException();

        public override void Dispose()
        {
        }
    }

    private sealed class Clicks(Counting of) : ClickDecoder
    {
        public override ClickMemory Memory => of.Memory;

        public override DecodedClicks Decode(IReadOnlyList<(double X, double Y)> points)
        {
            of.Together.Add(points.Count);
            of.Threads.Add(Thread.CurrentThread);
            return new Answers(of, points);
        }

        public override void Dispose() => of.Open--;
    }

    private sealed class Answers(Counting of, IReadOnlyList<(double X, double Y)> points) : DecodedClicks
    {
        public override int RowsPerClick => 2;

        public override float[] PredictedIous => [.. points.SelectMany(_ => new[] { 0.9f, 0.5f })];

        public override GranularityLevel LevelOf(int row) => row % 2 == 0 ? GranularityLevel.Whole : GranularityLevel.Part;

        public override float[] Draw(ReadOnlySpan<int> rows)
        {
            of.Drawn.Add(rows.ToArray());
            var low = new float[rows.Length * Low * Low];
            for (int i = 0; i < rows.Length; i++)
            {
                var (x, y) = points[rows[i] / 2];
                for (int cell = 0; cell < Low * Low; cell++)
                    low[i * Low * Low + cell] = Math.Abs(cell % Low * 4 - x) < 6 && Math.Abs(cell / Low * 4 - y) < 6 ? 5 : -5;
            }
            return low;
        }

        public override void Dispose()
        {
        }
    }

    [Theory]
    [InlineData(50, 1, 1)]      // less than one click: one goes
    [InlineData(1000, 6, 2)]    // 600 to spend: six at a time; beside their 60 kept, two drawings of 200
    [InlineData(100000, 10, 10)] // all of a batch
    public async Task SegmentEverything_MaxMemory_DecidesWhatGoesTogether(long megabytes, int together, int drawn)
    {
        var segmenter = new Counting(new ClickMemory(Attend: 100L << 20, Kept: 10L << 20, Draw: 200L << 20));
        using var model = new SegmentationModel(segmenter);
        using var session = model.Open(new RgbImage(Side, Side));
        var masks = new List<MaskResult>();
        await foreach (var mask in session.SegmentEverything(new()
        {
            PointsPerSide = 5, PointsPerBatch = 10, MaxMemory = megabytes << 20, NmsThreshold = 1, MinRegionArea = 0,
        })) masks.Add(mask);
        Assert.Equal(together, segmenter.Together.Max());
        Assert.Equal(drawn, segmenter.Drawn.Max(rows => rows.Select(r => r / 2).Distinct().Count()));
        Assert.Equal(25, segmenter.Together.Sum());
        Assert.All(segmenter.Drawn.SelectMany(r => r), row => Assert.Equal(0, row % 2)); // what the predicted IoU rules out is never drawn
        Assert.Equal(25, masks.Count);
        Assert.All(masks, m => Assert.True(m.Mask.Contains((int)m.Point!.Value.X, (int)m.Point.Value.Y)));
        Assert.All(masks, m => Assert.Equal(GranularityLevel.Whole, m.Level));
        Assert.Equal(0, segmenter.Open);
    }

    [Fact]
    public async Task SegmentEverything_Progress_TellsTheShareOfClicks()
    {
        using var model = new SegmentationModel(new Counting(default));
        using var session = model.Open(new RgbImage(Side, Side));
        var shares = new List<double>();
        var progress = new Direct(shares.Add);
        await session.CollectEverything(new() { PointsPerSide = 4, PointsPerBatch = 4 }, progress);
        Assert.Equal([0.25, 0.5, 0.75, 1, 1], shares);
    }

    /// <summary>Nobody disposes such an enumerator; still its thread has to end.</summary>
    [Fact]
    public async Task SegmentEverything_Abandoned_HoldsNoThread()
    {
        var segmenter = new Counting(default);
        using var model = new SegmentationModel(segmenter);
        using var session = model.Open(new RgbImage(Side, Side));
        var begun = session.FollowEverything(new() { PointsPerSide = 4, PointsPerBatch = 4 }).GetAsyncEnumerator();
        Assert.True(await begun.MoveNextAsync());
        var thread = Assert.Single(segmenter.Threads);
        var watch = Stopwatch.StartNew();
        while (thread.IsAlive && watch.Elapsed < TimeSpan.FromSeconds(60)) await Task.Delay(50);
        Assert.False(thread.IsAlive);
        Assert.True(await begun.MoveNextAsync()); // and it can still be taken up again
        await begun.DisposeAsync();
        Assert.Equal(0, segmenter.Open);
    }

    private sealed class Direct(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
