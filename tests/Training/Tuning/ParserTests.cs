using SemanticSam.Granularity.Sam;
using SemanticSam.Granularity.SamParser;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Tuning;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Tuning;

public sealed class ParserTests
{
    [SkippableFact]
    public void Bases_GoldenWeights_GiveGoldenValuesAndWeights()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("sam_parser/svd_reconstruct.safetensors");
        foreach (var (name, shape) in golden.Weights)
        {
            string key = name.Split('.')[1];
            var weight = tensor(DetWeights.Values(name, shape), shape);
            using var bases = SingularBases.Of(weight);
            golden.Check(key + ".singular", bases.Values);
            var coefficients = (bases.Values * golden.Input(key + ".change")).requires_grad_();
            var rebuilt = bases.Weight(coefficients);
            golden.Check(key + ".rebuilt", rebuilt);
            (rebuilt * golden.Input(key + ".grad_weight")).sum().backward();
            golden.Check(key + ".grad_coefficients", coefficients.grad!, 1e-5);
            using var half = SingularBases.Of(weight, 0.5);
            Assert.Equal(golden[key + ".rank_half"].Integers[0], half.Values.shape[0]);
            golden.Check(key + ".truncated", half.Weight(half.Values));
        }
    }

    [SkippableFact]
    public void Forward_ChangedCoefficients_GivesGoldenOutputAndGradients()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("sam_parser/neck_forward.safetensors");
        using var plain = ModuleFill.Fill(SamNeck.Create(golden.Size("embed"), golden.Size("width")), "image_encoder.neck.");
        using var neck = new ParserNeck(plain);
        var tokens = golden.Input("tokens").requires_grad_();
        golden.Check("out.initial", neck.call(tokens).narrow(0, 0, 1), 1e-5);
        var (first, second) = neck.Coefficients;
        golden.Check("singular0", first);
        golden.Check("singular2", second);
        using (no_grad())
        {
            first.mul_(golden.Input("change0"));
            second.mul_(golden.Input("change2"));
        }
        var output = neck.call(tokens);
        golden.Check("out", output.narrow(0, 0, 1), 1e-5);
        golden.Check("weight0.rebuilt", neck.Merged()["0.weight"]);
        (output * TuningGolden.Cotangent("out", output)).sum().backward();
        golden.Check("grad.coef0", first.grad!, 1e-4);
        golden.Check("grad.coef2", second.grad!, 1e-4);
        golden.Check("grad.tokens", tokens.grad!.narrow(0, 0, 1), 1e-4);
        Assert.Equal(2, neck.parameters().Count(p => p.requires_grad));
    }

    [SkippableFact]
    public void Loss_GoldenLogits_IsGolden()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("sam_parser/loss.safetensors");
        var target = (golden.Input("target") > 0.3).to(ScalarType.Float32);
        target[2] = 0; // the third image has nothing
        foreach (var (name, alone) in new[] { ("dice", true), ("dice_bce", false) })
        {
            var logits = golden.Input("logits").requires_grad_();
            var loss = ParserObjective.Loss(logits, target, alone);
            Assert.Equal(golden.Scalar(name), loss.item<float>(), 1e-6);
            loss.backward();
            golden.Check(name + ".grad", logits.grad!, 1e-5);
        }
    }

    [SkippableFact]
    public void Trained_PaperAndScript_AreWhatTheFileSays()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("sam_parser/trainable.safetensors");
        using var sam = new SamModel(golden.Sam());
        var plain = (sam.ImageEncoder as ImageEncoderViT)!.Neck;
        using ParserNeck paper = new(plain), script = new(plain, trainsAll: true);
        string[] names = [.. golden.Json("paper").GetProperty("image_encoder").EnumerateArray().Select(v => v.GetString()!)];
        Assert.Equal(names.Order(), paper.named_parameters().Where(p => p.parameter.requires_grad).Select(p => "image_encoder.neck." + p.name).Order());
        Assert.Equal(golden.Json("paper").GetProperty("mask_decoder").EnumerateArray().Select(v => v.GetString()!).Order(),
            sam.MaskDecoder.named_parameters().Select(p => "mask_decoder." + p.name).Order());
        long[] counts = golden["tiny.counts"].Integers;
        Assert.Equal(counts, new[] { Numbers(paper), sam.MaskDecoder.parameters().Sum(p => p.numel()), Numbers(script) });

        var real = golden.Json("real");
        foreach (var (name, vit) in new[] { ("vit_b", ImageEncoderViTConfig.B), ("vit_l", ImageEncoderViTConfig.L), ("vit_h", ImageEncoderViTConfig.H) })
        {
            using var published = SamNeck.Create(vit.Width, vit.Output);
            using ParserNeck own = new(published), all = new(published, trainsAll: true);
            Assert.Equal(real.GetProperty(name).GetProperty("coefficients").GetInt64(), Numbers(own));
            Assert.Equal(real.GetProperty(name).GetProperty("released_neck").GetInt64(), Numbers(all));
            Assert.Equal(real.GetProperty(name).GetProperty("neck_original").GetInt64(), published.parameters().Sum(p => p.numel()));
        }

        static long Numbers(nn.Module module) => module.parameters().Where(p => p.requires_grad).Sum(p => p.numel());
    }

    [SkippableTheory]
    [InlineData("train_sgd")]
    [InlineData("train_adam")]
    [InlineData("train_released")]
    public void Steps_TenTimes_GiveGoldenLossesAndCoefficients(string file)
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden($"sam_parser/{file}.safetensors");
        bool released = file == "train_released", decoderToo = file != "train_sgd";
        using var sam = ModuleFill.Fill(new SamModel(golden.Sam()));
        var encoder = (ImageEncoderViT)sam.ImageEncoder;
        using var neck = new ParserNeck(encoder.Neck, released);
        Tensor tokens;
        using (no_grad()) tokens = encoder.Trace(golden.Input("image"), [encoder.Config.Depth]).Hidden[0].permute(0, 3, 1, 2).contiguous();
        foreach (var parameter in sam.parameters()) parameter.requires_grad_(false);
        foreach (var parameter in sam.MaskDecoder.parameters()) parameter.requires_grad_(decoderToo);
        Parameter[] trained = [.. neck.parameters().Where(p => p.requires_grad), .. sam.MaskDecoder.parameters().Where(p => p.requires_grad)];
        string text = golden.Config.GetProperty("optimizer").GetString()!;
        double rate = double.Parse(System.Text.RegularExpressions.Regex.Match(text, @"lr ([\d.e-]+)").Groups[1].Value,
            System.Globalization.CultureInfo.InvariantCulture);
        using optim.Optimizer optimizer = text.StartsWith("SGD", StringComparison.Ordinal) ? optim.SGD(trained, rate, momentum: 0.9)
            : optim.Adam(trained, rate);
        var (first, second) = neck.Coefficients;
        var box = golden.Tensor("box");
        var low = golden["step0.logits"].Shape;
        var target = tensor(golden.Bits("mask_bits", (int)(low[0] * low[1]))[0], [1, 1, low[0], low[1]]).to(ScalarType.Float32);
        double[] losses = golden["losses"].Doubles;
        for (int step = 0; step < losses.Length; step++)
        {
            using var inner = NewDisposeScope();
            optimizer.zero_grad();
            var logits = ParserObjective.Logits(sam.PromptEncoder, sam.MaskDecoder, neck.call(tokens), box);
            var loss = ParserObjective.Loss(logits, target, released);
            Assert.Equal(losses[step], loss.item<float>(), 2e-5);
            if (step == 0) golden.Check("step0.logits", logits.view(low), 1e-5);
            if (step == losses.Length - 1)
            {
                golden.Check("final.logits", logits.view(low), 1e-4);
                break;
            }
            loss.backward();
            if (step == 0 && golden.Has("step0.grad.coef0"))
            {
                golden.Check("step0.grad.coef0", first.grad!, 2e-4);
                golden.Check("step0.grad.coef2", second.grad!, 2e-4);
            }
            optimizer.step();
        }
        if (golden.Has("final.coef0"))
        {
            golden.Check("final.coef0", first, 2e-5);
            golden.Check("final.coef2", second, 2e-5);
        }
        if (golden.Has("final.weight0")) golden.Check("final.weight0", neck.Merged()["0.weight"].flatten(1), 1e-4);
        // What was trained, put into a plain encoder, answers the same.
        using var still = no_grad();
        using var plain = SamNeck.Create(encoder.Config.Width, encoder.Config.Output);
        var merged = neck.Merged();
        foreach (var (name, value) in plain.state_dict()) value.copy_(merged[name]);
        Close.Assert_(plain.call(tokens), neck.call(tokens), 1e-5, "merged");
    }
}
