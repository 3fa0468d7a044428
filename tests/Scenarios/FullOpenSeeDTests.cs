using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Masks;
using SemanticSam.Tests.Reference.OpenSeeD;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Scenarios;

/// <summary>The published OpenSeeD sizes from an image and text embeddings to results (golden/openseed: swint_full, swinl_full).</summary>
[Trait("Category", "Slow")]
public sealed class FullOpenSeeDTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Run_SwinT_GivesReference() => Check("swint_full", ModelConfig.OpenSeeDSwinT);

    [SkippableFact]
    public void Run_SwinL_GivesReference() => Check("swinl_full", ModelConfig.OpenSeeDSwinLDecoupled);

    private void Check(string name, ModelConfig config)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var full = new FullNetwork("openseed", name, config, output);
        var (golden, model, encoded) = (full.Golden, full.Model, full.Encoded);
        var logitScale = tensor(DetWeights.Values("sem_seg_head.predictor.lang_encoder.logit_scale")[0]);
        var names = new NameEmbeddings(golden.Tensor("text_embeddings"), null, logitScale);
        var all = model.Decoder.forward(encoded.Memory, new DecoderRequest { Objects = true, Names = names, Depth = DecoderDepth.AllLayers });
        full.Check("topk_scores", all.Selection!.Scores!);

        // A few neighboring scores are closer than rounding: rows are aligned by the token they came from.
        long[] expectedTokens = golden.Integers("topk_indices"), tokens = all.Selection.Indices!.data<long>().ToArray();
        Assert.Equal(expectedTokens.Order(), tokens.Order());
        var rowOf = tokens.Select((token, row) => (token, row)).ToDictionary(p => p.token, p => (long)p.row);
        long queries = all.Objects[0].Boxes.shape[1];
        var rows =
            tensor(expectedTokens.Select(t => rowOf[t]).Concat(Enumerable.Range(tokens.Length, (int)queries - tokens.Length).Select(r => (long)r)).ToArray());
        for (int i = 0; i < all.Objects.Count; i++)
        {
            string prefix = i == all.Objects.Count - 1 ? "" : $"aux{i}.";
            full.CheckEnd(prefix + "pred_logits", all.Objects[i].Logits!.index_select(1, rows));
            full.CheckEnd(prefix + "pred_boxes", all.Objects[i].Boxes.index_select(1, rows));
        }
        full.CheckEnd("pred_masks", all.Objects[^1].Masks!.index_select(1, rows));
        if (golden.Has("sem_seg")) CheckResults(full, names);
    }

    private static void CheckResults(FullNetwork full, NameEmbeddings names)
    {
        var (golden, model, encoded) = (full.Golden, full.Model, full.Encoded);
        int things = golden.Sidecar.GetProperty("things").GetInt32();
        var size = golden.Sidecar.GetProperty("output_hw");
        bool[] isThing = [.. Enumerable.Range(0, (int)names.Whole!.shape[0]).Select(i => i < things)];
        using var result = TextInference.Run(model, encoded, names, isThing, new PixelSize(size[0].GetInt32(), size[1].GetInt32()),
            TextInference.OfTask("seg"), new());
        full.CheckEnd("sem_seg", result.Semantic!);
        TextInferenceGolden.CheckAreas(golden.Sidecar.GetProperty("sem_seg_argmax_area"), result.Semantic!);
        Assert.Equal(golden.Sidecar.GetProperty("panoptic").GetArrayLength(), result.Panoptic!.Segments.Count);
        var instances = result.Instances!;
        Assert.Equal(golden.Sidecar.GetProperty("instances").GetProperty("count").GetInt64(), instances.Scores.shape[0]);
        full.CheckEnd("instances.scores", instances.Scores);
    }
}
