using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Masks;
using SemanticSam.Tests.Reference.OpenSeeD;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Losses;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference;

public sealed class ClickIouTests
{
    private const float HalfBox = 3;

    [SkippableFact]
    public void OfClicks_TinyModel_GivesTheReferencesMaxOracleAndMultiGranularity()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("semantic_sam/evaluation");
        var expected = golden.Sidecar;
        int height = expected.GetProperty("size_hw")[0].GetInt32(), width = expected.GetProperty("size_hw")[1].GetInt32();
        using var model = ModuleFill.Fill(new SemanticSamModel(ReferenceConfig.SemanticSamTiny() with { Text = null }));
        model.eval();
        byte[][] planes = GoldenLosses.Planes(golden, "gt_masks");
        var boxes = new List<float>();
        foreach (byte[] plane in planes)
        {
            var (x, y) = DistanceTransform.FindClick(Rle.FromBytes(plane, height, width));
            boxes.AddRange([x / (float)width, y / (float)height, 2 * HalfBox / width, 2 * HalfBox / height]);
        }
        var clicks = tensor(boxes, [planes.Length, 4]);
        golden.Check("boxes_dn_before_padding_scale", clicks, 1e-6);

        using var image = model.Encode(ModelInput.Pixels("semantic_sam", expected));
        var padded = InteractiveInference.ToPadded(clicks, image);
        golden.Check("boxes_dn", padded, 1e-6);
        var answers = model.Decoder.forward(image.Memory, new DecoderRequest
        {
            Prompts = new PromptQueries(padded.unsqueeze(0),
            tensor(expected.GetProperty("pb").EnumerateArray().Select(v => (long)v.GetDouble()).ToArray()).unsqueeze(0)),
        }).Prompts[^1];
        golden.Check("pred_ious", answers.Ious!);
        golden.Check("pred_masks", answers.Masks!, 1e-3);

        var logits = MaskResampling.ToUnpadded(answers.Masks!.squeeze(0), image.Padded, image.Unpadded);
        var masks = golden.Tensor("gt_masks").to(ScalarType.Float32);
        var (max, oracle) = ClickIou.OfClicks(logits, answers.Ious!.squeeze(0), masks);
        Close.AssertAbsolute(max, golden.Tensor("iou_max").data<float>().ToArray(), 1e-5, "max");
        Close.AssertAbsolute(oracle, golden.Tensor("iou_oracle").data<float>().ToArray(), 1e-5, "oracle");
        Assert.Equal(expected.GetProperty("max").GetDouble(), max.Average(), 5);
        Assert.Equal(expected.GetProperty("oracle").GetDouble(), oracle.Average(), 5);

        // Quirk of the reference: masks and boxes count from the unpadded image, predictions from the padded one.
        var granularity = expected.GetProperty("granularity");
        var criterion = new ManyToManyCriterion(model.Config.Decoder.MaskTokens, new PointOptions { Count = granularity.GetProperty("num_points").GetInt32() });
        var matching = criterion.Match(new(answers.Masks!.squeeze(0), answers.Boxes.squeeze(0), answers.Ious!.flatten()),
            GoldenLosses.Lists(granularity.GetProperty("level_target_inds")), masks, ClickTargets.Boxes(planes, height, width),
            new GoldenRandom(granularity.GetProperty("random")).Draw);
        golden.Check("granularity.cost", matching.Cost, 1e-5);
        Assert.Equal(golden.Integers("granularity.match_query"), matching.Queries);
        Assert.Equal(golden.Integers("granularity.match_target"), matching.Pairs);
        float[] ious = ClickIou.OfPairs(logits, matching, masks);
        Close.AssertAbsolute(ious, golden.Tensor("granularity.iou").data<float>().ToArray(), 1e-5, "granularity");
        Assert.Equal(granularity.GetProperty("mean_iou").GetDouble(), ious.Average(), 5);
    }
}
