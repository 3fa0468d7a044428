using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Reference.SemanticSam;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Scenarios;

/// <summary>The tiny Semantic-SAM from a resized image to logits, as the published demo runs it (golden/semantic_sam: demo).</summary>
public sealed class DemoTests(ITestOutputHelper output)
{
    private const int PixelsAllowed = 2; // on the cut, when sums are added in another order

    [SkippableFact]
    public void Run_Click_GivesReferenceMasks()
    {
        using var scope = NewDisposeScope();
        using var demo = new Demo();
        var reference = demo.Golden.Sidecar.GetProperty("click");
        using var result = demo.Run(Clicks(reference.GetProperty("point_xy")));
        Report("masks", demo.Golden.Check("click.masks", result.Masks));
        Report("ious", demo.Golden.Check("click.ious", result.Ious.unsqueeze(0)));
        var masks = reference.GetProperty("masks");
        for (int i = 0; i < masks.GetArrayLength(); i++)
            Assert.InRange(GoldenMasks.Differing(GoldenMasks.Of(result.Masks[i] > 0), GoldenMasks.Read(masks[i])), 0, PixelsAllowed);
    }

    [SkippableFact]
    public void Run_DefaultClickAndScribble_GiveReferenceLogits()
    {
        using var scope = NewDisposeScope();
        using var demo = new Demo();
        using var byDefault = demo.Run(tensor(new[] { 0.5f, 0.5f, 0.006f, 0.006f }).view(1, 4)); // as specified
        Report("default masks", demo.Golden.Check("default_click.masks", byDefault.Masks));
        Report("default ious", demo.Golden.Check("default_click.ious", byDefault.Ious.unsqueeze(0)));
        using var scribble = demo.Run(demo.Golden.Tensor("scribble.point"));
        Report("scribble masks", demo.Golden.Check("scribble.masks", scribble.Masks));
        Report("scribble ious", demo.Golden.Check("scribble.ious", scribble.Ious.unsqueeze(0)));
    }

    [SkippableFact]
    public void Run_ThreeClicks_GiveReferenceLogitsAreasAndLevels()
    {
        using var scope = NewDisposeScope();
        using var demo = new Demo();
        var reference = demo.Golden.Sidecar.GetProperty("clicks3");
        var clicks = Clicks(reference.GetProperty("points_xy"));
        Report("points", demo.Golden.Check("clicks3.points_after", InteractiveInference.ToPadded(clicks, demo.Image)));
        using var all = demo.Run(clicks);
        Report("masks", demo.Golden.Check("clicks3.masks", all.Masks));
        Report("ious", demo.Golden.Check("clicks3.ious", all.Ious.unsqueeze(0)));
        var areas = reference.GetProperty("areas");
        for (int i = 0; i < areas.GetArrayLength(); i++)
        {
            long area = (all.Masks[i] > 0).sum().item<long>();
            Assert.InRange(area, areas[i].GetInt64() - PixelsAllowed, areas[i].GetInt64() + PixelsAllowed);
        }

        int[] levels = [.. demo.Golden.Sidecar.GetProperty("level_subset").GetProperty("level").EnumerateArray().Select(v => v.GetInt32())];
        using var some = demo.Run(clicks, levels);
        var expected = all.Masks.view(clicks.shape[0], -1, all.Masks.shape[1], all.Masks.shape[2]).index_select(1, tensor(levels)).flatten(0, 1);
        Close.AssertAbsolute(some.Masks, expected, 1e-5, "masks of some levels");
        Close.AssertAbsolute(some.Ious, all.Ious.index_select(1, tensor(levels)), 1e-6, "scores of some levels");
    }

    private static Tensor Clicks(System.Text.Json.JsonElement points) => tensor(
        points.EnumerateArray().SelectMany(p => new[] { p[0].GetSingle(), p[1].GetSingle(), InteractiveInference.ClickSize, InteractiveInference.ClickSize })
            .ToArray())
        .view(-1, 4);

    private void Report(string what, double error) => output.WriteLine($"{what}: {error:g3}");

    private sealed class Demo : IDisposable
    {
        private readonly SemanticSamModel _model = ModuleFill.Fill(new SemanticSamModel(ReferenceConfig.SemanticSamTiny()));

        public Demo()
        {
            using var still = no_grad();
            Image = _model.Encode(PngTensor.Read("semantic_sam/" + Golden.Sidecar.GetProperty("resized").GetProperty("file").GetString()));
        }

        public GoldenTensors Golden { get; } = GoldenTensors.Load("semantic_sam/demo");

        public SemanticSamFeatures Image { get; }

        public InteractiveResult Run(Tensor clicks, IReadOnlyList<int>? tokens = null)
        {
            using var still = no_grad();
            return InteractiveDemo.Run(_model, Image, clicks, zeros(clicks.shape[0], ScalarType.Int64), tokens, joint: true);
        }

        public void Dispose()
        {
            Image.Dispose();
            _model.Dispose();
        }
    }
}
