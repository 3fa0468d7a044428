using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using SemanticSam.Masks;
using SemanticSam.Tests.Reference.OpenSeeD;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.OpenSeeD;

/// <summary>Semantic, panoptic and instance inference on hand-made predictions (golden/openseed: inference, synthetic).</summary>
public sealed partial class SyntheticInferenceTests(ITestOutputHelper output)
{
    private const string File = "openseed/inference";

    public static TheoryData<int> Runs() =>
        Fixtures.Cases(() => Enumerable.Range(0, Synthetic(GoldenTensors.Load(File)).GetProperty("runs").GetArrayLength()));

    [SkippableTheory]
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

    /// <summary>The selections of instances that the runs hold: "0 decoupled_first_8_queries_things_only".</summary>
    public static TheoryData<string> Selections() => Fixtures.Cases(() => Synthetic(GoldenTensors.Load(File)).GetProperty("runs").EnumerateArray()
        .SelectMany((run, index) => run.EnumerateObject().Where(e => Selection().IsMatch(e.Name)).Select(e => $"{index} {e.Name}")));

    [GeneratedRegex(@"^(?:decoupled_first_(?<queries>\d+)_queries|instances)_(?<names>things_only|all_classes)$")]
    private static partial Regex Selection();

    [SkippableTheory]
    [MemberData(nameof(Selections))]
    public void Select_Run_GivesReferenceInstances(string selection)
    {
        using var scope = NewDisposeScope();
        GoldenTensors.Load(File);
        string name = selection.Split(' ')[1];
        var said = Selection().Match(name);
        bool thingsOnly = said.Groups["names"].Value == "things_only";
        int? queries = said.Groups["queries"] is { Success: true } group ? int.Parse(group.Value, CultureInfo.InvariantCulture) : null;
        var (golden, run, options) = Run(int.Parse(selection.Split(' ')[0], CultureInfo.InvariantCulture));
        var logits = golden.Tensor("synthetic.pred_logits");
        var masks = golden.Tensor("synthetic.mask_logits");
        var scale = run.GetProperty("box_scale_hw");
        var size = new PixelSize((int)scale[0].GetSingle(), (int)scale[1].GetSingle());
        var boxes = InstanceInference.ToPixels(golden.Tensor("synthetic.boxes_cxcywh"), new ImageGeometry(size, size, size));

        var instances = InstanceInference.Select(logits, boxes, rows => masks.index_select(0, rows),
            thingsOnly ? Things(golden, logits.shape[1]) : null, options with { InstanceQueries = queries });

        TextInferenceGolden.CheckInstances(run.GetProperty(name), instances);
        float[] scores = instances.Scores.data<float>().ToArray();
        Assert.Equal(scores.OrderDescending(), scores);
    }

    [SkippableFact]
    public void MapWithNoObject_LastColumn_IsDropped()
    {
        using var scope = NewDisposeScope();
        var golden = GoldenTensors.Load(File);
        var map = SemanticInference.MapWithNoObject(golden.Tensor("synthetic.pred_logits"), golden.Tensor("synthetic.mask_logits"));
        output.WriteLine($"{golden.Check("synthetic.sem_seg_ce", map):g3}");
    }

    private static JsonElement Synthetic(GoldenTensors golden) => golden.Sidecar.GetProperty("synthetic");

    private static (GoldenTensors Golden, JsonElement Run, TextInferenceOptions Options) Run(int index)
    {
        var golden = GoldenTensors.Load(File);
        var run = Synthetic(golden).GetProperty("runs")[index];
        return (golden, run, TextInferenceGolden.Options(run.GetProperty("settings")));
    }

    private static bool[] Things(GoldenTensors golden, long names)
    {
        var things = Synthetic(golden).GetProperty("thing_classes").EnumerateArray().Select(v => v.GetInt32()).ToHashSet();
        return [.. Enumerable.Range(0, (int)names).Select(things.Contains)];
    }
}
