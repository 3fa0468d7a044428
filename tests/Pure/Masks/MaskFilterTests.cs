using System.Text.Json;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class MaskFilterTests
{
    private static readonly BoxI Whole = new(0, 0, 40, 30);
    private static readonly MaskThresholds All = MaskThresholds.Sam with { PredictedIouThreshold = 0, StabilityThreshold = 0 };

    /// <summary>The golden candidates have boxes and scores but no masks; rectangles of those boxes do for the box NMS.</summary>
    [SkippableFact]
    public void WithinCrop_GoldenCandidates_GivesReferenceRecords()
    {
        var candidates = Golden.Load("amg/candidates.safetensors");
        float[] ious = candidates["iou"].Floats, stabilities = candidates["stability"].Floats;
        double[] corners = candidates["boxes"].DType.StartsWith('F') ? candidates["boxes"].Doubles : [.. candidates["boxes"].Integers.Select(v => (double)v)];
        int side = (int)Math.Round(Math.Sqrt(candidates["iou"].Shape[0])), compared = 0;
        foreach (var run in Fixtures.Json("amg/generate.json").RootElement.EnumerateObject().Where(r => r.Value.ValueKind == JsonValueKind.Object))
        {
            var arguments = run.Value.GetProperty("arguments");
            if (run.Value.GetProperty("model").GetString() != "amg" || arguments.TryGetProperty("crop_n_layers", out _)
                || arguments.GetProperty("points_per_side").GetInt32() != side) continue;
            var thresholds = MaskThresholds.Sam with
            {
                PredictedIouThreshold = arguments.GetProperty("pred_iou_thresh").GetSingle(),
                StabilityThreshold = arguments.GetProperty("stability_score_thresh").GetSingle(),
                NmsThreshold = arguments.GetProperty("box_nms_thresh").GetDouble(),
            };
            var (width, height, _) = Png.Read("amg/" + run.Value.GetProperty("picture").GetString());
            var filter = new MaskFilter(thresholds, ThresholdRule.OffAtZero);
            var accepted = Enumerable.Range(0, ious.Length)
                .Where(i => filter.IsPromising(ious[i]) && stabilities[i] >= (float)thresholds.StabilityThreshold!.Value)
                .Select(i => new MaskResult
                {
                    Mask = Rle.FromBox(height, width,
                    new((int)corners[4 * i], (int)corners[4 * i + 1], (int)corners[4 * i + 2] + 1, (int)corners[4 * i + 3] + 1)),
                    PredictedIou = ious[i], StabilityScore = stabilities[i], Prompt = i,
                }).ToList();
            var inOut = run.Value.GetProperty("nms_in_out")[0];
            Assert.Equal(inOut[0].GetInt32(), accepted.Count);
            var kept = new MaskGatherer(thresholds, severalCrops: false).WithinCrop(accepted);
            Assert.Equal(inOut[1].GetInt32(), kept.Count);
            Assert.Equal(run.Value.GetProperty("records").EnumerateArray()
                .Select(r => string.Join(',', r.GetProperty("bbox").EnumerateArray().Select(v => (int)v.GetDouble()))),
                kept.Select(k => $"{k.Box.X1},{k.Box.Y1},{k.Box.Width},{k.Box.Height}"));
            compared++;
        }
        Assert.True(compared > 0);
    }

    private static float[] Plane(BoxI crop, Func<int, int, float> logit) =>
        [.. from y in Enumerable.Range(crop.Top, crop.Height) from x in Enumerable.Range(crop.Left, crop.Width) select logit(x, y)];

    /// <summary>A plane that has the crop's size already.</summary>
    private static MaskResult? Accept(float[] plane, BoxI crop, BoxI image, MaskThresholds thresholds, ThresholdRule rule = ThresholdRule.OffAtZero)
    {
        var size = new PixelSize(crop.Height, crop.Width);
        return new MaskFilter(thresholds, rule).Accept(plane, MaskUpsampler.Bilinear(size, new ImageGeometry(size, size, size)), 0.5f, crop, image);
    }

    [Fact]
    public void IsPromising_Threshold_IsStrict()
    {
        foreach (var rule in Enum.GetValues<ThresholdRule>())
        {
            var filter = new MaskFilter(All with { PredictedIouThreshold = 0.5 }, rule);
            Assert.False(filter.IsPromising(0.5f));
            Assert.True(filter.IsPromising(float.BitIncrement(0.5f)));
        }
    }

    /// <summary>SAM's generator skips a threshold of 0 or less; in Semantic-SAM's these lines are commented out, so it compares.</summary>
    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0, -0.25f, false)]
    [InlineData(0, 0.25f, true)]
    [InlineData(-0.5, -0.25f, true)]
    [InlineData(-0.5, -0.5f, false)]
    [InlineData(-0.5, float.NaN, false)]
    public void IsPromising_ThresholdOfZeroOrLess_IsComparedByTheFamilyThatDoes(double threshold, float predictedIou, bool expected)
    {
        var thresholds = All with { PredictedIouThreshold = threshold };
        Assert.Equal(expected, new MaskFilter(thresholds, ThresholdRule.AlwaysOn).IsPromising(predictedIou));
        Assert.True(new MaskFilter(thresholds, ThresholdRule.OffAtZero).IsPromising(predictedIou));
    }

    [Fact]
    public void Accept_StabilityThresholdOfZero_DropsEmptyMasksOnlyWhereTheFamilyCompares()
    {
        float[] nothing = Plane(Whole, (_, _) => -9), faint = Plane(Whole, (x, _) => x < 10 ? 0.5f : -0.5f); // stability 0/0 and 0/1200
        Assert.Null(Accept(nothing, Whole, Whole, All, ThresholdRule.AlwaysOn));
        Assert.NotNull(Accept(nothing, Whole, Whole, All));
        Assert.Equal(0, Accept(faint, Whole, Whole, All, ThresholdRule.AlwaysOn)!.StabilityScore); // 0 is not below 0
    }

    [Fact]
    public void Constructor_OpenThreshold_IsRefusedByName() =>
        Assert.Contains("NmsThreshold",
            Assert.Throws<ArgumentException>(() => new MaskGatherer(new MaskThresholds { Overlap = OverlapMeasure.Boxes }, false)).Message);

    [Fact]
    public void Accept_Stability_IsInclusiveAndNaNFails()
    {
        float[] plane = Plane(Whole, (x, _) => x < 10 ? 2 : x < 20 ? 0.5f : -2); // 300 above 1, 600 above -1
        var accepted = Accept(plane, Whole, Whole, All with { StabilityThreshold = 0.5f })!;
        Assert.Equal((0.5f, 600, 0.5f), (accepted.StabilityScore, accepted.Area, accepted.PredictedIou));
        Assert.Null(Accept(plane, Whole, Whole, All with { StabilityThreshold = float.BitIncrement(0.5f) }));
        Assert.Null(Accept(Plane(Whole, (_, _) => -9), Whole, Whole, All with { StabilityThreshold = 0.01f })); // 0/0
        Assert.Null(Accept(plane, Whole, Whole, All with { MinMaskArea = 601 }));
    }

    [Fact]
    public void Accept_Crop_PlacesTheMaskAndDropsWhatTheCropCut()
    {
        BoxI crop = new(100, 0, 200, 80), image = new(0, 0, 300, 80);
        float[] inside = Plane(crop, (x, y) => x is >= 140 and < 160 && y < 30 ? 1 : -1);
        Assert.Equal(Rle.FromBox(80, 300, new(140, 0, 160, 30)), Accept(inside, crop, image, All)!.Mask);
        Assert.Null(Accept(Plane(crop, (x, y) => x < 160 && y < 30 ? 1 : -1), crop, image, All));
    }
}
