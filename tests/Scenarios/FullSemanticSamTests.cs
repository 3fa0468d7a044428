using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Reference.SemanticSam;
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
        using var full = new FullNetwork("semantic_sam", name, config, output);
        var (golden, model, encoded) = (full.Golden, full.Model, full.Encoded);
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
            full.CheckEnd(prefix + "pred_masks", layers[i].Masks!);
            full.CheckEnd(prefix + "pred_ious", layers[i].Ious!);
            full.CheckEnd(prefix + "pred_boxes", layers[i].Boxes);
        }

        using var result = InteractiveDemo.Run(model, encoded, clicks, kinds, joint: true);
        full.CheckEnd("demo_masks", result.Masks);
        if (golden.Has("demo_ious")) full.CheckEnd("demo_ious", result.Ious.unsqueeze(0));
        if (golden.Sidecar.TryGetProperty("demo_mask_areas", out var areas))
            for (int i = 0; i < areas.GetArrayLength(); i++)
                Assert.InRange((result.Masks[i] > 0).sum().item<long>(), areas[i].GetInt64() - 5, areas[i].GetInt64() + 5);
    }
}
