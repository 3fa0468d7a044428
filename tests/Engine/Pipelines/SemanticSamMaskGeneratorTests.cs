using System.Text.Json;
using SemanticSam.Decoders;
using SemanticSam.Models;
using SemanticSam.Pipelines;
using SemanticSam.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Pipelines;

/// <summary>Whole runs of the generator on the modified tiny model (golden/semantic_sam: amg.json).</summary>
public sealed class SemanticSamMaskGeneratorTests
{
    private static readonly SemanticSamModel Tiny = new(ReferenceConfig.SemanticSamTiny());

    public static TheoryData<int> Runs()
    {
        using var json = Fixtures.Json("semantic_sam/amg.json");
        return [.. Enumerable.Range(0, json.RootElement.GetProperty("runs").GetArrayLength())];
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Generate_Run_GivesReferenceRecords(int index)
    {
        using var scope = NewDisposeScope();
        using var json = Fixtures.Json("semantic_sam/amg.json");
        var run = json.RootElement.GetProperty("runs")[index];
        var records = run.GetProperty("records").EnumerateArray().ToArray();
        using var picture = Encode(json.RootElement.GetProperty("weight_changes"));

        var masks = new SemanticSamMaskGenerator(Tiny, Options(run)).Generate(picture);

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
            Assert.Equal(point[0].GetDouble(), masks[i].Point!.Value.X / picture.Unpadded.Width, 1e-5);
            Assert.Equal(point[1].GetDouble(), masks[i].Point!.Value.Y / picture.Unpadded.Height, 1e-5);
        }
    }

    [Fact]
    public void Constructor_OptionsOutOfRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SemanticSamMaskGenerator(Tiny, new() { PointsPerBatch = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SemanticSamMaskGenerator(Tiny, new() { Points = [(0.5, double.NaN)] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SemanticSamMaskGenerator(Tiny, new() { Levels = [] }));
    }

    [Fact]
    public void Generate_Cancelled_Stops()
    {
        using var scope = NewDisposeScope();
        using var json = Fixtures.Json("semantic_sam/amg.json");
        using var picture = Encode(json.RootElement.GetProperty("weight_changes"));
        Assert.Throws<OperationCanceledException>(() => new SemanticSamMaskGenerator(Tiny).Generate(picture, cancel: new CancellationToken(true)));
    }

    private static EncodedPicture Encode(JsonElement weightChanges)
    {
        using var still = no_grad();
        ModuleFill.Fill(Tiny);
        var state = Tiny.state_dict();
        foreach (var change in weightChanges.EnumerateArray())
        {
            var weight = state[change.GetProperty("tensor").GetString()!];
            if (change.TryGetProperty("multiply_by", out var factor)) weight.mul_(factor.GetDouble());
            if (change.TryGetProperty("then_set", out var set))
                foreach (var element in set.EnumerateObject())
                    weight[long.Parse(element.Name)] = tensor(element.Value.GetSingle());
        }
        return Tiny.Encode(PictureTensor.Read("semantic_sam/demo_resized.png"));
    }

    private static MaskGeneratorOptions Options(JsonElement run)
    {
        var options = new MaskGeneratorOptions { Isolation = PromptIsolation.Joint };
        foreach (var argument in run.GetProperty("arguments_defaulted").EnumerateObject().Concat(run.GetProperty("arguments").EnumerateObject()))
        {
            var value = argument.Value;
            options = argument.Name switch
            {
                "points_per_side" => value.ValueKind == JsonValueKind.Null ? options : options with { PointsPerSide = value.GetInt32() },
                "point_grids" => options with { Points = [.. value[0].EnumerateArray().Select(p => (p[0].GetDouble(), p[1].GetDouble()))] },
                "points_per_batch" => options with { PointsPerBatch = value.GetInt32() },
                "level" => options with { Levels = [.. value.EnumerateArray().Select(v => (SemanticSam.Granularity)v.GetInt32())] },
                "box_nms_thresh" => options with { BoxNmsThreshold = value.GetDouble() },
                "crop_nms_thresh" => options with { CropNmsThreshold = value.GetDouble() },
                "pred_iou_thresh" => options with { PredictedIouThreshold = value.GetDouble() },
                "stability_score_thresh" => options with { StabilityThreshold = value.GetDouble() },
                "stability_score_offset" => options with { StabilityOffset = value.GetDouble() },
                "min_mask_region_area" => options with { MinRegionArea = value.GetInt32() },
                "crop_n_layers" => options,
                _ => throw new InvalidOperationException($"Unknown argument {argument.Name}."),
            };
        }
        return options;
    }
}
