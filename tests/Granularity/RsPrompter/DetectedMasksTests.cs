using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Granularity.Sam;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.RsPrompter;

public sealed class DetectedMasksTests
{
    [SkippableFact]
    public void SamDet_GoldenBoxes_GivesGoldenMasks()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = new TuningGolden("rsprompter/samdet.safetensors");
        using var sam = ModuleFill.Fill(new SamModel(golden.Sam()));
        sam.eval();
        int[] sides = [.. System.Text.RegularExpressions.Regex.Matches(golden.Config.GetProperty("original").GetString()!, @"\d+")
            .Select(m => int.Parse(m.Value))];
        var frame = new ResizedFrame(sides[0], sides[1], sides[4], sides[2], golden.Size("image"));
        var embeddings = sam.ImageEncoder.call(golden.Input("images"));
        for (int i = 0; golden.Has($"boxes{i}"); i++)
        {
            var logits = DetectedMasks.Logits(sam.PromptEncoder, sam.MaskDecoder, embeddings.narrow(0, i, 1), golden.Boxes($"boxes{i}"), frame);
            golden.Check($"low_res{i}", logits.squeeze(1), 1e-5);
            var masks = DetectedMasks.Masks(logits, frame);
            bool[][] expected = golden.Bits($"mask_bits{i}", frame.Height * frame.Width);
            for (int k = 0; k < masks.Length; k++) Assert.InRange(masks[k].ToBools().Zip(expected[k]).Count(p => p.First != p.Second), 0, 1);
        }
    }

    [SkippableFact]
    public void SamCls_GoldenMasks_GivesGoldenCropsLabelsAndScores()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/samcls.safetensors");
        var stored = golden["image"];
        var image = new RgbImage((int)stored.Shape[1], (int)stored.Shape[0], stored.Raw);
        var blurred = MaskCrops.Blurred(image);
        long[][] boxes = [.. golden["boxes_xywh"].Integers.Chunk(4)], windows = [.. golden["windows"].Integers.Chunk(4)];
        bool[][] masks = golden.Bits("mask_bits", image.Width * image.Height);
        var truths = golden.Boxes("gt_boxes");
        int[] labels = [.. golden["gt_labels"].Integers.Select(l => (int)l)];
        for (int i = 0; i < boxes.Length; i++)
        {
            int[] box = [.. boxes[i].Select(v => (int)v)];
            var mask = Rle.FromBools(masks[i], image.Height, image.Width);
            Assert.Equal((box[0], box[1], box[2], box[3]), MaskCrops.BoxOf(mask));
            var window = MaskCrops.Window(box[0], box[1], box[2], box[3], new PixelSize(image.Height, image.Width));
            Assert.Equal(windows[i], new long[] { window.Left, window.Top, window.Right, window.Bottom });
            Assert.Equal(golden[$"crop{i}"].Raw, MaskCrops.Cut(image, blurred, mask, window).Pixels);
            var own = new BoxF(box[0], box[1], box[0] + box[2], box[1] + box[3]);
            float[] overlaps = [.. truths.Select(t => BoxF.IoU(own, t))];
            Close.AssertAbsolute(overlaps, golden["iou"].Floats.AsSpan(i * truths.Length, truths.Length), 1e-6, "iou");
            Assert.Equal((int)golden["label"].Integers[i], MaskCrops.LabelOf(overlaps, labels) ?? 255);
        }
        var logits = golden.Input("class_logits");
        golden.Check("probabilities", logits.softmax(-1));
        golden.Check("scores", MaskCrops.Scores(logits, twice: true));
        Close.AssertAbsolute(MaskCrops.Scores(logits, twice: false), golden.Tensor("probabilities").narrow(1, 0, golden["scores"].Shape[1]), 1e-6,
            "probabilities");
    }

    [SkippableFact]
    public void Adapter_GoldenLayer_GivesGoldenOutputAndMergedWeights()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/lora_qkv.safetensors");
        const string Prefix = "image_encoder.blocks.0.attn.qkv.";
        long[] shape = golden.Weights[Prefix + "weight"];
        using var layer = new AdaptableLinear(shape[1], shape[0]);
        layer.Attach(golden.Size("r"), golden.Number("alpha"), 0.05);
        ModuleFill.Fill(layer, Prefix);
        PrompterModels.CheckNames(golden, layer, Prefix);
        layer.eval();
        var x = golden.Input("x").requires_grad_();
        var y = layer.call(x);
        golden.Check("out", y);
        golden.Check("merged_weight", layer.Merged());
        (y * TuningGolden.Cotangent("out", y)).sum().backward();
        golden.Check("grad.x", x.grad!, 1e-5);
        var parameters = PrompterModels.Parameters(layer);
        golden.Check("grad.lora_A", parameters["lora_A.weight"].grad!, 1e-5);
        golden.Check("grad.lora_B", parameters["lora_B.weight"].grad!, 1e-5);
    }

    [Fact]
    public void Adapters_JustAttached_ChangeNothingAndCountAsPublished()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var model = SamConfigs.Model("small");
        var image = DetInput.Tensor("small.image", 1, 3, 128, 128);
        var before = model.ImageEncoder.call(image);
        var adapters = LowRankAdapters.Attach(model.ImageEncoder, new LowRankOptions());
        model.eval();
        Close.AssertAbsolute(model.ImageEncoder.call(image), before, 0, "embedding");
        var vit = model.Config.Vit!;
        Assert.Equal(vit.Depth * 16 * 4 * vit.Width, adapters.Sum(a => a.Parameter.numel())); // 589,824 for ViT-B
        Assert.Equal(589_824, 12 * 16 * 4 * ImageEncoderViTConfig.B.Width);
        foreach (var (_, parameter) in adapters) parameter.uniform_(-0.1, 0.1);
        var adapted = model.ImageEncoder.call(image);
        using var plain = new ImageEncoderViT(vit);
        var merged = LowRankAdapters.Merged(model.ImageEncoder);
        foreach (var (name, value) in plain.state_dict()) value.copy_(merged[name]);
        Assert.Equal(plain.state_dict().Keys.Order(), merged.Keys.Order());
        Assert.True((adapted - before).abs().max().item<float>() > 1e-3);
        Close.Assert_(plain.call(image), adapted, 1e-5, "merged");
    }

    [Fact]
    public void Attach_UnknownLayer_SaysWhichThereAre()
    {
        using var model = SamConfigs.Model("small");
        Assert.Contains("qkv, proj, lin1, lin2",
            Assert.Throws<ArgumentException>(() => LowRankAdapters.Attach(model.ImageEncoder, new() { Targets = ["query"] })).Message);
    }
}
