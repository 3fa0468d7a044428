using System.Text.Json;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.SemanticSam;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Scenarios;

/// <summary>Whole runs of Semantic-SAM's generator on the modified tiny model, through the public session (golden/semantic_sam: amg.json).</summary>
public sealed class SemanticSamEverythingTests
{
    private static JsonElement Golden => Fixtures.Json("semantic_sam/amg.json").RootElement;

    public static TheoryData<int> Runs() => Fixtures.Cases(() => Enumerable.Range(0, Golden.GetProperty("runs").GetArrayLength()));

    [SkippableTheory]
    [MemberData(nameof(Runs))]
    public async Task SegmentEverything_GoldenRun_GivesReferenceRecords(int index)
    {
        var run = Golden.GetProperty("runs")[index];
        var records = run.GetProperty("records").EnumerateArray().ToArray();
        var image = Image();
        using var model = Model(image);
        using var session = model.Open(image);

        var masks = new List<MaskResult>();
        await foreach (var mask in session.SegmentEverything(Options(run))) masks.Add(mask);

        Assert.Equal(records.Length, masks.Count);
        for (int i = 0; i < records.Length; i++)
        {
            Assert.Equal(GoldenMasks.Read(records[i].GetProperty("segmentation")), masks[i].Mask);
            Assert.Equal(records[i].GetProperty("area").GetInt32(), masks[i].Area);
            var box = masks[i].Box;
            Assert.Equal(records[i].GetProperty("bbox").EnumerateArray().Select(v => v.GetSingle()), [box.X1, box.Y1, box.X2 - box.X1, box.Y2 - box.Y1]);
            Assert.Equal(records[i].GetProperty("predicted_iou").GetDouble(), masks[i].PredictedIou, 1e-4);
            Assert.Equal(records[i].GetProperty("stability_score").GetDouble(), masks[i].StabilityScore, 1e-3);
            var point = records[i].GetProperty("point_coords")[0];
            Assert.Equal(point[0].GetDouble(), masks[i].Point!.Value.X / image.Width, 1e-5);
            Assert.Equal(point[1].GetDouble(), masks[i].Point!.Value.Y / image.Height, 1e-5);
        }
    }

    /// <summary>Its generator compares whatever the thresholds are, where SAM's takes 0 or less for "keep all".</summary>
    [SkippableFact]
    public async Task SegmentEverything_ThresholdsOfZero_StillDropWhatIsNotAbove()
    {
        var image = Image();
        using var model = Model(image);
        using var session = model.Open(image);
        // Nothing is suppressed, so that each mask stands or falls by its own scores.
        var open = Options(Golden.GetProperty("runs")[0]) with { NmsThreshold = 1, MinRegionArea = 0, PredictedIouThreshold = -1000, StabilityThreshold = -1 };
        var all = await session.CollectEverything(open);
        Assert.Contains(all, m => m.PredictedIou <= 0);
        Assert.All(all, m => Assert.False(float.IsNaN(m.StabilityScore)));
        var positive = await session.CollectEverything(open with { PredictedIouThreshold = 0 });
        Assert.NotEmpty(positive);
        Assert.Equal(all.Where(m => m.PredictedIou > 0).Select(m => (m.Mask, m.PredictedIou)), positive.Select(m => (m.Mask, m.PredictedIou)));
    }

    /// <summary>Crops work for this family, too: it is the same generator.</summary>
    [SkippableFact]
    public async Task SegmentEverything_Crops_GiveMasksInsideTheirCrops()
    {
        var image = Image();
        using var model = Model(image);
        using var session = model.Open(image);
        var masks = await session.CollectEverything(new()
        {
            PointsPerSide = 4, CropLayers = 1, CropPointsDownscaleFactor = 2, PredictedIouThreshold = 0, StabilityThreshold = 0.05, MinRegionArea = 0,
        });
        Assert.NotEmpty(masks);
        Assert.Contains(masks, m => m.Crop!.Value.Width < image.Width);
        Assert.All(masks, m => Assert.Equal(m.Bounds, m.Bounds.Intersect(m.Crop!.Value)));
    }

    /// <summary>The image of the README, which the sidecar's description repeats.</summary>
    private static RgbImage Image()
    {
        var (width, height, rgb) = Png.Read("semantic_sam/demo_resized.png");
        return new RgbImage(width, height, rgb);
    }

    /// <summary>Takes the image at the size it has.</summary>
    private static SegmentationModel Model(RgbImage image)
    {
        var config = ReferenceConfig.SemanticSamTiny() with { Sizing = new() { Pixels = Math.Min(image.Width, image.Height) } };
        var tiny = ModuleFill.Fill(new SemanticSamModel(config));
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var state = tiny.state_dict();
        foreach (var change in Golden.GetProperty("weight_changes").EnumerateArray())
        {
            var weight = state[change.GetProperty("tensor").GetString()!];
            if (change.TryGetProperty("multiply_by", out var factor)) weight.mul_(factor.GetDouble());
            if (change.TryGetProperty("then_set", out var set))
                foreach (var element in set.EnumerateObject())
                    weight[long.Parse(element.Name)] = tensor(element.Value.GetSingle());
        }
        return new(new SemanticSamSegmenter(tiny, new InferenceSettings(), "00", null, CPU));
    }

    private static EverythingOptions Options(JsonElement run) =>
        new EverythingOptions { JointClicks = true }.With(run.GetProperty("arguments_defaulted")).With(run.GetProperty("arguments"));
}
