using System.Text.Json;
using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Granularity.Sam;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.RsPrompter;

public sealed class RegionTests
{
    [SkippableFact]
    public void Anchors_OfCellsAndMaps_AreGolden()
    {
        var golden = new TuningGolden("rsprompter/anchors_deltas.safetensors");
        int[] strides = Integers(golden.Config.GetProperty("strides"));
        float[] scales = [.. golden.Config.GetProperty("scales").EnumerateArray().Select(v => v.GetSingle())];
        int level = 0;
        foreach (var size in golden.Config.GetProperty("sizes").EnumerateArray())
        {
            int[] sides = Integers(size);
            CheckBoxes(golden.Boxes($"base{level}"), Anchors.OfCell(strides[level], scales));
            CheckBoxes(golden.Boxes($"base_scale8_{level}"), Anchors.OfCell(strides[level], [8]));
            CheckBoxes(golden.Boxes($"anchors{level}"), Anchors.OfMap(new LevelShape(sides[0], sides[1]), strides[level], scales));
            level++;
        }
        Assert.Equal(golden.Names.Count(n => n.StartsWith("anchors", StringComparison.Ordinal)), level);
    }

    [SkippableTheory]
    [InlineData("rpn")]
    [InlineData("rcnn")]
    public void Deltas_EncodedAndDecoded_AreGolden(string kind)
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/anchors_deltas.safetensors");
        var deltas = kind == "rpn" ? BoxDeltas.OfAnchors : BoxDeltas.OfRegions;
        BoxF[] boxes = golden.Boxes("boxes"), truths = golden.Boxes("gt");
        float[] moves = Close.Values(golden.Input("delta")), encoded = golden[$"{kind}.encode"].Floats;
        int[] limit = [.. System.Text.RegularExpressions.Regex.Matches(golden.Config.GetProperty("max_shape").GetString()!, @"\d+")
            .Select(m => int.Parse(m.Value))];
        BoxF[] decoded = golden.Boxes($"{kind}.decode"), clipped = golden.Boxes($"{kind}.decode_clip");
        for (int i = 0; i < boxes.Length; i++)
        {
            var (x, y, w, h) = deltas.Encode(boxes[i], truths[i]);
            Close.AssertAbsolute([x, y, w, h], encoded.AsSpan(4 * i, 4), 1e-5, $"encode[{i}]");
            CheckBoxes([decoded[i]], [deltas.Decode(boxes[i], moves.AsSpan(4 * i, 4))], 2e-6);
            CheckBoxes([clipped[i]], [deltas.Decode(boxes[i], moves.AsSpan(4 * i, 4), (limit[1], limit[0]))], 2e-6);
        }
    }

    [SkippableFact]
    public void Proposals_OfGoldenMaps_AreGolden()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/rpn.safetensors");
        using var head = ModuleFill.Fill(new RpnHead(golden.Weights["rpn_head.rpn_conv.weight"][0], (int)golden.Weights["rpn_head.rpn_cls.weight"][0]),
            "rpn_head.");
        var levels = SimpleFpn.Strides.Select((_, i) => head.forward(golden.Input($"map{i}"))).ToArray();
        for (int i = 0; i < levels.Length; i++)
        {
            golden.Check($"logits{i}", levels[i].Logits);
            golden.Check($"deltas{i}", levels[i].Deltas);
        }
        int side = (int)levels[0].Logits.shape[2] * SimpleFpn.Strides[0];
        var proposals = RegionProposals.Of(levels, [4, 8], new ProposalLimits(golden.Size("nms_pre"), golden.Size("max_per_img")), side);
        for (int image = 0; golden.Has($"proposals{image}"); image++)
        {
            var (boxes, scores) = proposals[image];
            CheckBoxes(golden.Boxes($"proposals{image}"), boxes);
            Close.AssertAbsolute(scores, golden[$"scores{image}"].Floats, 2e-6, $"scores{image}");
        }
    }

    [SkippableFact]
    public void Pool_GoldenRegions_GivesGoldenFeaturesAndGradients()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/roi_align.safetensors");
        Tensor[] maps = [.. Enumerable.Range(0, 4).Select(i => golden.Input($"feat{i}").requires_grad_())];
        float[] rois = golden["rois"].Floats;
        var boxes = golden.Boxes("rois");
        Region[] regions = [.. boxes.Select((b, i) => new Region((int)rois[5 * i], b))];
        Assert.Equal(golden["levels"].Integers, regions.Select(r => (long)RoiAlign.LevelOf(r.Box)));
        Tensor seven = RoiAlign.Pool(maps, regions, 7), fourteen = RoiAlign.Pool(maps, regions, 14);
        golden.Check("out7", seven);
        golden.Check("out14", fourteen);
        ((seven * TuningGolden.Cotangent("out7", seven)).sum() + (fourteen * TuningGolden.Cotangent("out14", fourteen)).sum()).backward();
        for (int i = 0; i < maps.Length; i++) golden.Check($"grad.feat{i}", maps[i].grad ?? zeros_like(maps[i]), 1e-5); // no region may be on a level
    }

    [Fact]
    public void Pool_NoRegion_GivesNothing()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([0, 8, 7, 7], RoiAlign.Pool([zeros(1, 8, 4, 4)], [], 7).shape);
    }

    [SkippableFact]
    public void Forward_BoxHead_GivesGoldenDetections()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/bbox_head.safetensors");
        using var head = CreateBoxHead(golden);
        var (logits, deltas) = head.forward(golden.Input("roi_features"));
        golden.Check("logits", logits);
        golden.Check("deltas", deltas);
        var limits = new DetectionLimits((float)golden.Number("score_thr"), golden.Size("max_per_img"));
        var found = Detections.Of(golden.Boxes("rois"), logits, deltas, limits, Integers(golden.Config.GetProperty("img_shape"))[0]);
        CheckBoxes(golden.Boxes("det.boxes"), [.. found.Select(f => f.Box)]);
        Close.AssertAbsolute([.. found.Select(f => f.Score)], golden["det.scores"].Floats, 2e-6, "scores");
        Assert.Equal(golden["det.labels"].Integers, found.Select(f => (long)f.Label));
    }

    [SkippableTheory]
    [InlineData("eval")]
    [InlineData("train")]
    public void Draw_PromptsOfRegions_GivesGoldenMasksAndGradients(string mode)
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/anchor_prompt_head.safetensors");
        var features = golden.Input("roi_features").requires_grad_();
        var embedding = golden.Input("image_embedding").requires_grad_();
        long width = embedding.shape[1], grid = embedding.shape[2], side = 16 * grid;
        using var head = ModuleFill.Fill(new PromptHead(width, golden.Size("points")), "roi_head.mask_head.");
        using var sam = Sam(golden.Weights, width, grid);
        head.train(mode == "train");
        var tokens = head.forward(features);
        golden.Check($"{mode}.prompt_embeddings", tokens, 1e-5);
        var images = golden.Tensor("roi_image");
        golden.Check("image_pe", sam.Prompts.DensePosition());
        var (masks, iou) = PromptedMasks.Draw(sam.Decoder, embedding.index_select(0, images), sam.Prompts.DensePosition(), tokens, sam.Prompts.forward().Dense);
        golden.Check($"{mode}.masks", masks, 1e-5);
        golden.Check($"{mode}.iou", iou, 1e-5);
        if (mode == "eval") return;

        long[] rectangles = golden["gt_boxes_of_masks"].Integers;
        var targets = zeros(masks.shape[0], side, side);
        for (int r = 0; r < masks.shape[0]; r++)
            targets[r, TensorIndex.Slice(rectangles[4 * r], rectangles[4 * r + 1]), TensorIndex.Slice(rectangles[4 * r + 2], rectangles[4 * r + 3])] = 1;
        var resized = nn.functional.interpolate(masks, [side, side], mode: InterpolationMode.Bilinear, align_corners: false).squeeze(1);
        var loss = nn.functional.binary_cross_entropy_with_logits(resized, targets);
        golden.Check("train.loss", loss.view(1), 1e-5);
        loss.backward();
        golden.Check("grad.roi_features", features.grad!, 1e-4);
        golden.Check("grad.image_embedding", embedding.grad!, 1e-4);
        golden.CheckGradients(new Dictionary<string, Tensor>(PrompterModels.Parameters(head, "roi_head.mask_head.")
            .Concat(PrompterModels.Parameters(sam.Decoder, "mask_decoder.")).Concat(PrompterModels.Parameters(sam.Prompts, "prompt_encoder."))));
    }

    internal static BoxHead CreateBoxHead(TuningGolden golden)
    {
        long[] first = golden.Weights["roi_head.bbox_head.shared_fcs.0.weight"];
        return ModuleFill.Fill(new BoxHead(first[1] / (BoxHead.Bins * BoxHead.Bins), first[0], golden.Size("classes")), "roi_head.bbox_head.");
    }

    /// <summary>SAM's prompt encoder and mask decoder with the sizes of weights.</summary>
    internal static SamParts Sam(IReadOnlyDictionary<string, long[]> weights, long width, long grid)
    {
        // Heads leave no trace in the weights: as many as the tiny models of the README have.
        var transformer = new TwoWayTransformer(weights.Keys.Where(k => k.StartsWith("mask_decoder.transformer.layers.", StringComparison.Ordinal))
            .Select(k => k.Split('.')[3]).Distinct().Count(), width, 4, weights["mask_decoder.transformer.layers.0.mlp.lin1.weight"][0]);
        var decoder = new MaskDecoder(width, transformer, (int)weights["mask_decoder.mask_tokens.weight"][0] - 1, 3,
            weights["mask_decoder.iou_prediction_head.layers.0.weight"][0]);
        var prompts = new PromptEncoder(width, new LevelShape(grid, grid), new LevelShape(16 * grid, 16 * grid));
        return new(ModuleFill.Fill(decoder, "mask_decoder."), ModuleFill.Fill(prompts, "prompt_encoder."));
    }

    internal sealed record SamParts(MaskDecoder Decoder, PromptEncoder Prompts) : IDisposable
    {
        public void Dispose()
        {
            Decoder.Dispose();
            Prompts.Dispose();
        }
    }

    private static int[] Integers(JsonElement list) => [.. list.EnumerateArray().Select(v => v.GetInt32())];

    internal static void CheckBoxes(IReadOnlyList<BoxF> expected, IReadOnlyList<BoxF> actual, double relative = 0, double tolerance = 1e-4)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            float[] wanted = [expected[i].X1, expected[i].Y1, expected[i].X2, expected[i].Y2];
            // A box that was blown up to thousands of pixels has no ten-thousandth of a pixel in float32.
            Close.AssertAbsolute([actual[i].X1, actual[i].Y1, actual[i].X2, actual[i].Y2], wanted,
                Math.Max(tolerance, relative * wanted.Max(Math.Abs)), $"box {i}");
        }
    }
}
