using System.Text.Json;
using SemanticSam.Granularity.OpenSeeD;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.OpenSeeD;

/// <summary>Semantic, panoptic and instance inference on hand-made predictions (golden/openseed: inference, synthetic).</summary>
public sealed class SyntheticInferenceTests(ITestOutputHelper output)
{
    public static TheoryData<int> Runs() =>
        [.. Enumerable.Range(0, Synthetic(GoldenTensors.Load("openseed/inference")).GetProperty("runs").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Runs))]
    public void Segment_Run_GivesReferencePanopticAndSemantic(int index)
    {
        using var scope = NewDisposeScope();
        var (golden, run, options) = Run(index);
        var logits = golden.Tensor("synthetic.pred_logits");
        var masks = golden.Tensor("synthetic.mask_logits");
        var size = new PixelSize((int)masks.shape[1], (int)masks.shape[2]);

        var semantic = SemanticInference.Map(logits, masks, options);
        output.WriteLine($"semantic {golden.Check($"synthetic.sem_seg.{index}", semantic):g3}");
        TextInferenceGolden.CheckAreas(run.GetProperty("sem_seg_argmax_area"), semantic);

        var panoptic = PanopticInference.Segment(logits, rows => masks.index_select(0, rows), size, Things(golden, logits.shape[1]), options);
        TextInferenceGolden.CheckPanoptic(run.GetProperty("panoptic"), panoptic);
    }

    [Theory]
    [InlineData("instances_things_only", true, null)]
    [InlineData("decoupled_first_8_queries_things_only", true, 8)]
    [InlineData("instances_all_classes", false, null)]
    [InlineData("decoupled_first_8_queries_all_classes", false, 8)]
    public void Select_FirstRun_GivesReferenceInstances(string name, bool thingsOnly, int? queries)
    {
        using var scope = NewDisposeScope();
        var (golden, run, options) = Run(0);
        var logits = golden.Tensor("synthetic.pred_logits");
        var masks = golden.Tensor("synthetic.mask_logits");
        var scale = run.GetProperty("box_scale_hw");
        var size = new PixelSize((int)scale[0].GetSingle(), (int)scale[1].GetSingle());
        var boxes = InstanceInference.ToPixels(golden.Tensor("synthetic.boxes_cxcywh"), new PictureGeometry(size, size, size));

        var instances = InstanceInference.Select(logits, boxes, rows => masks.index_select(0, rows),
            thingsOnly ? Things(golden, logits.shape[1]) : null, options with { InstanceQueries = queries });

        TextInferenceGolden.CheckInstances(run.GetProperty(name), instances);
        float[] scores = instances.Scores.data<float>().ToArray();
        Assert.Equal(scores.OrderDescending(), scores);
    }

    [Fact]
    public void MapWithNoObject_LastColumn_IsDropped()
    {
        using var scope = NewDisposeScope();
        var golden = GoldenTensors.Load("openseed/inference");
        var map = SemanticInference.MapWithNoObject(golden.Tensor("synthetic.pred_logits"), golden.Tensor("synthetic.mask_logits"));
        output.WriteLine($"{golden.Check("synthetic.sem_seg_ce", map):g3}");
    }

    private static JsonElement Synthetic(GoldenTensors golden) => golden.Sidecar.GetProperty("synthetic");

    private static (GoldenTensors Golden, JsonElement Run, TextInferenceOptions Options) Run(int index)
    {
        var golden = GoldenTensors.Load("openseed/inference");
        var run = Synthetic(golden).GetProperty("runs")[index];
        return (golden, run, TextInferenceGolden.Options(run.GetProperty("settings")));
    }

    private static bool[] Things(GoldenTensors golden, long names)
    {
        var things = Synthetic(golden).GetProperty("thing_classes").EnumerateArray().Select(v => v.GetInt32()).ToHashSet();
        return [.. Enumerable.Range(0, (int)names).Select(things.Contains)];
    }
}
