using System.Text.Json;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions.Sam;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using TorchSharp;

namespace SemanticSam.Tests.Scenarios;

/// <summary>Whole runs of SAM's automatic mask generation through the public session (golden/amg: generate.json).</summary>
public sealed class SamEverythingTests
{
    private static JsonElement Golden => Fixtures.Json("amg/generate.json").RootElement;

    public static TheoryData<string> Runs() => Fixtures.Cases(() => Golden.EnumerateObject()
        .Where(r => r.Value.ValueKind == JsonValueKind.Object && r.Value.TryGetProperty("records", out _)).Select(r => r.Name));

    private static SegmentationModel Model(string name) => new(new SamSegmenter(SamConfigs.Model(name), "00", torch.CPU));

    /// <summary>A golden run of the model "amg" that gives masks, on crops or on the whole image alone.</summary>
    private static JsonElement Some(bool crops) => Golden.EnumerateObject().Select(r => r.Value).First(r => r.ValueKind == JsonValueKind.Object
        && r.GetProperty("model").GetString() == "amg" && r.GetProperty("records").GetArrayLength() > 0 && r.GetProperty("arguments")
            .TryGetProperty("crop_n_layers", out _) == crops);

    private static RgbImage Image(string name)
    {
        string file = "amg/" + name;
        var (width, height, rgb) = Png.Read(file.EndsWith(".png", StringComparison.Ordinal) ? file : file + ".png");
        return new RgbImage(width, height, rgb);
    }

    [SkippableTheory]
    [MemberData(nameof(Runs))]
    public async Task SegmentEverything_GoldenRun_GivesReferenceRecords(string name)
    {
        var run = Golden.GetProperty(name);
        using var model = Model(run.GetProperty("model").GetString()!);
        using var session = model.Open(Image(run.GetProperty("picture").GetString()!));
        var options = Options(run);
        var masks = await All(session, options);
        Check(run, masks);

        // Neither the batch size nor the memory changes anything that counts.
        Check(run, await All(session, options with { PointsPerBatch = 3, MaxMemory = 1 << 20 }));
        Assert.Equal(run.GetProperty("records").GetArrayLength(), (await session.CollectEverything(options)).Count);
    }

    private static void Check(JsonElement run, List<MaskResult> masks)
    {
        var records = run.GetProperty("records").EnumerateArray().ToArray();
        Assert.Equal(records.Length, masks.Count);
        for (int i = 0; i < records.Length; i++)
        {
            var (record, mask) = (records[i], masks[i]);
            Assert.Equal(record.GetProperty("bbox").EnumerateArray().Select(v => v.GetSingle()), [mask.Box.X1, mask.Box.Y1, mask.Box.Width, mask.Box.Height]);
            Assert.InRange(mask.Area, record.GetProperty("area").GetInt32() - 2, record.GetProperty("area").GetInt32() + 2);
            Assert.Equal(record.GetProperty("predicted_iou").GetDouble(), mask.PredictedIou, 2e-5);
            Assert.Equal(record.GetProperty("stability_score").GetDouble(), mask.StabilityScore, 2e-3);
            var point = record.GetProperty("point_coords")[0];
            Assert.Equal((point[0].GetDouble(), point[1].GetDouble()), mask.Point);
            float[] crop = [.. record.GetProperty("crop_box").EnumerateArray().Select(v => v.GetSingle())];
            var own = mask.Crop ?? new(0, 0, mask.Mask.Width, mask.Mask.Height);
            Assert.Equal((crop[0], crop[1], crop[2], crop[3]), (own.Left, own.Top, own.Width, own.Height));
            var segmentation = record.GetProperty("segmentation");
            var expected = Rle.FromCompressedString(segmentation.GetProperty("size")[0].GetInt32(), segmentation.GetProperty("size")[1].GetInt32(),
                segmentation.GetProperty("counts").GetString());
            Assert.InRange(GoldenMasks.Differing(expected, mask.Mask), 0, 2);
        }
    }

    private static EverythingOptions Options(JsonElement run)
    {
        // The reference's defaults, where an argument is not named.
        var options = new EverythingOptions
        {
            MaskThreshold = run.GetProperty("mask_threshold").GetDouble(), PredictedIouThreshold = 0.88, StabilityThreshold = 0.95, StabilityOffset = 1,
            NmsThreshold = 0.7, CropNmsThreshold = 0.7, CropOverlapRatio = 512.0 / 1500, MinRegionArea = 0,
        };
        return options.With(run.GetProperty("arguments"));
    }

    private static async Task<List<MaskResult>> All(ImageSession session, EverythingOptions options)
    {
        var masks = new List<MaskResult>();
        await foreach (var mask in session.SegmentEverything(options)) masks.Add(mask);
        return masks;
    }

    [SkippableFact]
    public async Task FollowEverything_Crops_DecidesEachCropWhenItIsDone()
    {
        using var model = Model("amg");
        var run = Some(crops: true);
        using var session = model.Open(Image(run.GetProperty("picture").GetString()!));
        var options = Options(run);
        var steps = new List<EverythingStep>();
        await foreach (var step in session.FollowEverything(options)) steps.Add(step);
        int firstDecided = steps.FindIndex(s => s.Decided.Count > 0);
        Assert.True(steps[firstDecided].Share < 0.5, $"first decided at {steps[firstDecided].Share}");
        Assert.Equal(steps.Select(s => s.Share).Order(), steps.Select(s => s.Share));
        Assert.Equal(1, steps[^1].Share);
        Assert.Equal(new BoxI(0, 0, session.Width, session.Height), steps.Last(s => s.Candidates.Count > 0).Crop); // the whole image goes last
        Assert.Equal((await All(session, options)).Select(m => m.Mask), steps.SelectMany(s => s.Decided).Select(m => m.Mask));
        var candidates = steps.SelectMany(s => s.Candidates).Select(c => c.Point).ToHashSet();
        Assert.All(steps.SelectMany(s => s.Decided), m => Assert.Contains(m.Point, candidates));
    }

    [SkippableFact]
    public async Task SegmentEverything_Left_StopsAndLeaksNothing()
    {
        using var model = Model("amg");
        var run = Some(crops: true);
        using var session = model.Open(Image(run.GetProperty("picture").GetString()!));
        var options = Options(run);
        session.Segment(Prompt.At(60, 60)); // the first answer leaves what all others on this image share
        long before = LiveTensors.Settled();
        await foreach (var mask in session.SegmentEverything(options))
        {
            Assert.NotEmpty(session.Segment(Prompt.At(60, 60))); // between two steps the session is free
            break;
        }
        Assert.Equal(before, torch.Tensor.TotalCount);
        using var stop = new CancellationTokenSource();
        var shares = new List<double>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var step in session.FollowEverything(options, stop.Token))
            {
                shares.Add(step.Share);
                await stop.CancelAsync();
            }
        });
        Assert.Single(shares);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [SkippableFact]
    public async Task SegmentEverything_Levels_AreThoseOfTheTokens()
    {
        using var model = Model("amg");
        var run = Some(crops: false);
        using var session = model.Open(Image(run.GetProperty("picture").GetString()!));
        var options = Options(run) with { NmsThreshold = 1, PredictedIouThreshold = 0, StabilityThreshold = 0.1 };
        var all = await All(session, options);
        Assert.Equal([GranularityLevel.Whole, GranularityLevel.Part, GranularityLevel.Subpart], all.Select(m => m.Level!.Value).Distinct().Order());
        var parts = await All(session, options with { Levels = [GranularityLevel.Part] });
        Assert.Equal(all.Where(m => m.Level == GranularityLevel.Part).Select(m => m.Mask), parts.Select(m => m.Mask));
        var refusal = Assert.Throws<PromptException>(() => { session.SegmentEverything(new() { Levels = [GranularityLevel.Scene] }); });
        Assert.Contains("'scene'; it has whole, part, subpart", refusal.Message);
    }

    [SkippableFact]
    public void EverythingOptions_OutOfRange_AreRefusedByName()
    {
        using var model = Model("amg");
        using var session = model.Open(Image(Some(crops: false).GetProperty("picture").GetString()!));
        void Refused(string name, EverythingOptions options) =>
            Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => { session.SegmentEverything(options); }).ParamName);
        Refused("PointsPerSide", new() { PointsPerSide = 0 });
        Refused("PointsPerBatch", new() { PointsPerBatch = 0 });
        Refused("PointGrids", new() { PointGrids = [[(0.5, double.NaN)]] });
        Refused("PointGrids", new() { PointGrids = [[]] });
        Refused("PointGrids", new() { PointGrids = [[(0.5, 0.5)]], CropLayers = 1 });
        Refused("PointGrids", new() { PointGrids = [[(0.5, 0.5)]], PointsPerSide = 4 });
        Refused("Levels", new() { Levels = [] });
        Refused("StabilityThreshold", new() { StabilityThreshold = 1.5 });
        Refused("StabilityOffset", new() { StabilityOffset = -1 });
        Refused("NmsThreshold", new() { NmsThreshold = double.NaN });
        Refused("CropNmsThreshold", new() { CropNmsThreshold = 2 });
        Refused("CropLayers", new() { CropLayers = 5 });
        Refused("CropOverlapRatio", new() { CropOverlapRatio = 1 });
        Refused("CropPointsDownscaleFactor", new() { CropPointsDownscaleFactor = 0 });
        Refused("pointsPerSide", new() { PointsPerSide = 4, CropLayers = 3, CropPointsDownscaleFactor = 2 }); // a layer without a point
        Refused("MinRegionArea", new() { MinRegionArea = -1 });
        Refused("MinMaskArea", new() { MinMaskArea = -1 });
        Refused("MaxMemory", new() { MaxMemory = 5 });
    }
}
