using System.Text.Json;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Masks;
using SemanticSam.Tests.Reference.OpenSeeD;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.OpenSeeD;

/// <summary>The tiny OpenSeeD models from an image to results for every task string (golden/openseed: inference).</summary>
public sealed class TinyTextInferenceTests(ITestOutputHelper output)
{
    // A pixel on a cut may fall to the other side when sums are added in another order.
    private const int PixelsAllowed = 2;

    /// <summary>"plain sem_pan_seg": the tasks of both models.</summary>
    public static TheoryData<string> Tasks() => Fixtures.Cases(() => new[] { "plain", "decoupled" }
        .SelectMany(kind => Golden().Sidecar.GetProperty(kind).GetProperty("tasks").EnumerateObject().Select(task => $"{kind} {task.Name}")));

    [SkippableTheory]
    [MemberData(nameof(Tasks))]
    public void Run_Task_GivesReferenceResults(string kindAndTask)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = Golden();
        var (kind, task) = (kindAndTask.Split(' ')[0], kindAndTask.Split(' ')[1]);
        var reference = golden.Sidecar.GetProperty(kind);
        var expected = reference.GetProperty("tasks").GetProperty(task);
        using var fixture = new Fixture(golden, kind);
        using var result = fixture.Run(TextInference.OfTask(task), fixture.Defaults);

        Assert.Equal(expected.GetProperty("keys").EnumerateArray().Select(v => v.GetString()).Order(), Keys(result).Order());
        if (result.Semantic is not null)
        {
            output.WriteLine($"semantic {golden.Check($"{kind}.sem_seg", result.Semantic, 1e-4):g3}");
            TextInferenceGolden.CheckAreas(expected.GetProperty("sem_seg_argmax_area"), result.Semantic, PixelsAllowed);
        }
        if (result.Panoptic is not null)
            TextInferenceGolden.CheckPanoptic(SegTaskWhenReferredTo(reference, expected, "panoptic"), result.Panoptic, PixelsAllowed);
        if (result.Instances is not null)
            TextInferenceGolden.CheckInstances(expected.GetProperty("instances"), result.Instances, pixelsAllowed: PixelsAllowed);
    }

    [SkippableTheory]
    [InlineData("plain")]
    [InlineData("decoupled")]
    public void Run_PanopticSettings_GiveReferenceSegments(string kind)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = Golden();
        using var fixture = new Fixture(golden, kind);
        int index = 0;
        foreach (var setting in golden.Sidecar.GetProperty(kind).GetProperty("panoptic_settings").EnumerateArray())
        {
            var options = TextInferenceGolden.Options(setting.GetProperty("settings"), fixture.Defaults);
            using var result = fixture.Run(TextResults.Panoptic | TextResults.Semantic, options);
            TextInferenceGolden.CheckPanoptic(setting.GetProperty("panoptic"), result.Panoptic!, PixelsAllowed);
            if (golden.Has($"{kind}.sem_seg.{index}"))
                output.WriteLine($"semantic {index} {golden.Check($"{kind}.sem_seg.{index}", result.Semantic!):g3}");
            index++;
        }
        using var byName = fixture.Run(TextResults.Instances, fixture.Defaults with { ScoreByNameOnly = true });
        TextInferenceGolden.CheckInstances(golden.Sidecar.GetProperty(kind).GetProperty("inst_seg_focus_on_box"), byName.Instances!);
    }

    private static GoldenTensors Golden() => GoldenTensors.Load("openseed/inference");

    /// <summary>"as for seg" stands where a result is that of the seg task.</summary>
    private static JsonElement SegTaskWhenReferredTo(JsonElement reference, JsonElement expected, string name) =>
        expected.GetProperty(name) is { ValueKind: JsonValueKind.Object } own ? own : reference.GetProperty("tasks").GetProperty("seg").GetProperty(name);

    private static IEnumerable<string> Keys(TextInferenceResult result)
    {
        if (result.Semantic is not null) yield return "sem_seg";
        if (result.Panoptic is not null) yield return "panoptic_seg";
        if (result.Instances is not null) yield return "instances";
    }

    private sealed class Fixture : IDisposable
    {
        private readonly SemanticSamModel _model;
        private readonly SemanticSamFeatures _image;
        private readonly NameEmbeddings _names;
        private readonly bool[] _things;
        private readonly PixelSize _size;

        public Fixture(GoldenTensors golden, string kind)
        {
            var text = GoldenTensors.Load("openseed/tiny_text");
            int things = golden.Sidecar.GetProperty("things").GetInt32();
            _model = ModuleFill.Fill(new SemanticSamModel(ReferenceConfig.OpenSeeDTiny(kind)));
            _image = _model.Encode(ModelInput.Pixels("openseed", golden.Sidecar));
            _names = new NameEmbeddings(text.Tensor("text_embeddings"), null, text.Tensor("logit_scale"));
            _things = [.. Enumerable.Range(0, (int)_names.Whole!.shape[0]).Select(i => i < things)];
            var size = golden.Sidecar.GetProperty(kind + "_output_hw");
            _size = new PixelSize(size[0].GetInt32(), size[1].GetInt32());
            Defaults = TextInferenceGolden.Options(golden.Sidecar.GetProperty("defaults"));
        }

        public TextInferenceOptions Defaults { get; }

        public TextInferenceResult Run(TextResults results, TextInferenceOptions options) =>
            TextInference.Run(_model, _image, _names, _things, _size, results, options);

        public void Dispose()
        {
            _image.Dispose();
            _model.Dispose();
        }
    }
}
