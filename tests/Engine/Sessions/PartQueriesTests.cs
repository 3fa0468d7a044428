using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Engine.Sessions;

/// <summary>Parts and wholes of a model that knows them by name, as a fake that clicks find nothing in.</summary>
public sealed class PartQueriesTests
{
    private static readonly Rle Car = Box(10, 10, 90, 60), Wheel = Box(20, 50, 30, 60), Street = Box(0, 40, 100, 80);

    [Fact]
    public void PartsOf_KnownThing_AddsPartsByNameThatLieInIt()
    {
        using var image = new Fake(Candidates(Car, GranularityLevel.Whole, "car", null))
        {
            Parts = whole => whole == "car"
                ? [Named(Wheel, "car", "wheel"), Named(Box(80, 10, 99, 30), "car", "mirror"), Named(Box(11, 11, 90, 60), "car", "body")] : [],
        };
        var answer = PartQueries.PartsOf(image, Prompt.At(50, 30), new());
        Assert.Equal([Car, Wheel], answer.Select(m => m.Mask)); // the mirror lies outside for the most part, the body is the car once more
        Assert.Equal(("wheel", 0), (answer[1].Part!.Value.Label, answer[1].Parent));
    }

    [Fact]
    public void PartsOf_Names_AreThoseOfEachThing()
    {
        using var image = new Fake([])
        {
            Names = [Named(Car, "car", null), Named(Street, "street", null)], Parts = whole => whole == "car" ? [Named(Wheel, "car", "wheel")] : [],
        };
        Assert.Equal([Car, Wheel, Street], PartQueries.PartsOf(image, Prompt.Named("car", "street"), new()).Select(m => m.Mask));
    }

    [Fact]
    public void WholeOf_KnownPart_AddsTheWholeThatHoldsIt()
    {
        using var image = new Fake(Candidates(Wheel, GranularityLevel.Part, null, "wheel"))
        {
            Wholes = part => part == "wheel" ? [Named(Car, "car", null), Named(Box(60, 10, 99, 30), "car", null)] : [],
        };
        var chain = PartQueries.WholeOf(image, Prompt.At(25, 55));
        Assert.Equal([Wheel, Car], chain.Select(m => m.Mask));
        Assert.Equal("car", chain[1].Whole!.Value.Label);
        Assert.Equal("car", chain[0].Whole!.Value.Label); // the part has learned what it belongs to
    }

    private static Rle Box(int left, int top, int right, int bottom) => Rle.FromBox(80, 100, new(left, top, right, bottom));

    private static MaskResult Named(Rle mask, string whole, string? part) =>
        new() { Mask = mask, PredictedIou = 0.9f, Whole = new ScoredLabel(whole, 0.9f), Part = part is null ? null : new ScoredLabel(part, 0.9f) };

    private static Candidate[] Candidates(Rle mask, GranularityLevel level, string? whole, string? part) =>
        [new(mask, 0.9f, 0.9f, level, whole is null ? null : new(whole, 0.9f), part is null ? null : new(part, 0.9f))];

    private sealed class Fake(Candidate[] answer) : EncodedImage(new Model(), new(80, 100))
    {
        public IReadOnlyList<MaskResult> Names { get; init; } = [];

        public Func<string, IReadOnlyList<MaskResult>> Parts { get; init; } = _ => [];

        public Func<string, IReadOnlyList<MaskResult>> Wholes { get; init; } = _ => [];

        public override MaskUpsampler Upsampler { get; } = MaskUpsampler.Bilinear(new(20, 25), new(new(80, 100), new(80, 100), new(80, 100)));

        public override IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(IReadOnlyList<Prompt> prompts, PlaceRequest request) => [answer];

        public override IReadOnlyList<NameAnswer> AnswerNames(IReadOnlyList<string> names, double? presenceThreshold) => [new(null, Names)];

        public override IReadOnlyList<MaskResult> NamedParts(Rle thing, string whole) => Parts(whole);

        public override IReadOnlyList<MaskResult> NamedWholes(Rle piece, string part) => Wholes(part);

        public override ClickDecoder OpenClicks(ClickRequest request) => new Nothing();

        public override SavedEncoding Save() => throw new NotSupportedException();

        public override void Dispose()
        {
        }
    }

    private sealed class Nothing : ClickDecoder
    {
        public override ClickMemory Memory => new(1, 1, 1);

        public override DecodedClicks Decode(IReadOnlyList<(double X, double Y)> points) => new NoRows();
    }

    private sealed class NoRows : DecodedClicks
    {
        public override int RowsPerClick => 1;

        public override float[] PredictedIous => [];

        public override GranularityLevel LevelOf(int row) => GranularityLevel.Whole;

        public override float[] Draw(ReadOnlySpan<int> rows) => [];

        public override void Dispose()
        {
        }
    }

    private sealed class Model : Segmenter
    {
        public override string Name => "fake";

        public override string Sha256 => "00";

        public override InferenceSettings Settings { get; } = new();

        public override IReadOnlyList<GranularityLevel> Levels => GranularityMap.All;

        public override int ImageSize => 64;

        public override bool AnswersNames => true;

        protected override MaskThresholds FamilyThresholds => MaskThresholds.Sam;

        protected override ThresholdRule ThresholdRule => ThresholdRule.OffAtZero;

        public override EncodedImage Encode(RgbImage image) => throw new NotSupportedException();

        public override EncodedImage Restore(SavedEncoding saved, PixelSize size) => throw new NotSupportedException();

        protected override void Release()
        {
        }
    }
}
