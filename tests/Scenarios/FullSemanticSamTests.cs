using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Reference.SemanticSam;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Scenarios;

/// <summary>The published sizes from an image to masks (golden/semantic_sam: swint_full, swinl_full).</summary>
[Trait("Category", "Slow")]
public sealed class FullSemanticSamTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Run_SwinT_GivesReference() => Check("swint_full", ModelConfig.SemanticSamSwinT);

    [SkippableFact]
    public void Run_SwinL_GivesReference() => Check("swinl_full", ModelConfig.SemanticSamSwinL);

    private void Check(string name, ModelConfig config)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("semantic_sam/" + name);
        var image = ModelInput.Pixels("semantic_sam", golden.Sidecar);
        using var model = ModuleFill.Fill(new SemanticSamModel(config));
        model.eval();

        var maps = model.Backbone.call(model.Normalize(image.unsqueeze(0)));
        for (int i = 0; i < maps.Length; i++) Report($"res{i + 2}", golden.Check($"res{i + 2}", maps[i]));
        var features = model.PixelDecoder.call(maps);
        Report("mask features", golden.Check("mask_features", features.MaskFeatures));
        for (int i = 0; i < features.MultiScale.Count; i++) Report($"multi scale {i}", golden.Check($"multi_scale{i}", features.MultiScale[i]));

        using var encoded = new SemanticSamFeatures(model.Decoder.Remember(features.MaskFeatures, features.MultiScale),
            new((int)maps[0].shape[2] * 4, (int)maps[0].shape[3] * 4), new((int)image.shape[1], (int)image.shape[2]));
        float size = golden.Sidecar.GetProperty("point_box_wh").GetSingle();
        var clicks = tensor(golden.Sidecar.GetProperty("points_xy").EnumerateArray()
            .SelectMany(p => new[] { p[0].GetSingle(), p[1].GetSingle(), size, size }).ToArray()).view(-1, 4);
        var kinds = tensor(golden.Sidecar.GetProperty("pb").EnumerateArray().Select(v => v.GetInt64()).ToArray());
        var layers = model.Decoder.forward(encoded.Memory, new DecoderRequest
        {
            Prompts = new PromptQueries(InteractiveInference.ToPadded(clicks, encoded).unsqueeze(0), kinds.unsqueeze(0)) { Joint = true },
            Depth = DecoderDepth.AllLayers,
            Masks = MaskOutput.All,
        }).Prompts;
        for (int i = 0; i < layers.Count; i++)
        {
            string prefix = i == layers.Count - 1 ? "" : $"aux{i}.";
            if (!golden.Has(prefix + "pred_ious")) continue;
            Report(prefix + "masks", golden.Check(prefix + "pred_masks", layers[i].Masks!, 1e-3));
            Report(prefix + "ious", golden.Check(prefix + "pred_ious", layers[i].Ious!, 1e-3));
            Report(prefix + "boxes", golden.Check(prefix + "pred_boxes", layers[i].Boxes, 1e-3));
        }

        using var result = InteractiveDemo.Run(model, encoded, clicks, kinds, joint: true);
        Report("demo masks", golden.Check("demo_masks", result.Masks, 1e-3));
        if (golden.Has("demo_ious")) Report("demo ious", golden.Check("demo_ious", result.Ious.unsqueeze(0), 1e-3));
        if (golden.Sidecar.TryGetProperty("demo_mask_areas", out var areas))
            for (int i = 0; i < areas.GetArrayLength(); i++)
                Assert.InRange((result.Masks[i] > 0).sum().item<long>(), areas[i].GetInt64() - 5, areas[i].GetInt64() + 5);
    }

    private void Report(string what, double error) => output.WriteLine($"{what}: {error:g3}");
}
