using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.SemanticSam;

public sealed class SwinTransformerTests
{
    [SkippableFact]
    public void Forward_Tiny_GivesGoldenFeatures()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("semantic_sam/tiny_backbone");
        using var swin = ModuleFill.Fill(new SwinTransformer(TinyConfigs.SemanticSamSwin()), "backbone.");
        swin.eval();
        var image = ModelInput.Of("semantic_sam", golden.Sidecar);
        golden.Check("padded_image", image, 1e-6);

        var (x, h, w) = swin.PatchEmbed.forward(image);
        golden.Check("inner.patch_embed", x.transpose(1, 2).view(1, swin.Channels[0], h, w), 1e-5);
        for (int s = 0; s < 4; s++)
        {
            for (int k = 0; k < swin.Stage(s).Depth; k++)
                golden.Check($"inner.stage{s}.block{k}", x = swin.Stage(s).Block(k).forward(x, h, w), 1e-5);
            if (s == 3) break;
            (x, h, w) = swin.Stage(s).Downsample(x, h, w);
            golden.Check($"inner.stage{s}.downsample", x, 1e-5);
        }
        CheckFeatures(golden, swin.call(image), 1e-5);
    }

    [SkippableFact]
    public void Forward_OpenSeedTiny_GivesGoldenFeatures()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("openseed/tiny_backbone");
        using var config = Fixtures.Json("openseed/tiny_config.json");
        using var swin = ModuleFill.Fill(new SwinTransformer(TinyConfigs.Swin(config.RootElement.GetProperty("plain").GetProperty("SWIN"))), "backbone.");
        swin.eval();
        CheckFeatures(golden, swin.call(ModelInput.Of("openseed", golden.Sidecar)), 1e-5);
    }

    [SkippableFact]
    public void Forward_SwinT_GivesGoldenFeatures()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("semantic_sam/swint_full");
        using var swin = ModuleFill.Fill(new SwinTransformer(SwinConfig.T), "backbone.");
        swin.eval();
        CheckFeatures(golden, swin.call(ModelInput.Of("semantic_sam", golden.Sidecar)), 1e-4);
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public void Forward_SwinL_GivesGoldenFeatures()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("semantic_sam/swinl_full");
        using var swin = ModuleFill.Fill(new SwinTransformer(SwinConfig.L), "backbone.");
        swin.eval();
        CheckFeatures(golden, swin.call(ModelInput.Of("semantic_sam", golden.Sidecar)), 1e-4);
    }

    /// <summary>SwinL's are looked at with its whole network, in <see cref="StateDictNamesTests"/>.</summary>
    [SkippableFact]
    public void StateDict_NamesAndShapes_AreThoseOfTheCheckpoints()
    {
        using var swin = new SwinTransformer(SwinConfig.T);
        using var names = Fixtures.Json("semantic_sam/names.json");
        CheckNames(names.RootElement.GetProperty("swinT").GetProperty("tensors"), "backbone.", swin);
    }

    [Fact]
    public void Forward_Gradient_AgreesWithAFiniteDifference()
    {
        using var scope = NewDisposeScope();
        using var swin = ModuleFill.Fill(
            new SwinTransformer(new SwinConfig { EmbedDim = 8, Depths = [1, 2, 1, 1], Heads = [1, 2, 2, 4], Window = 3, StochasticDepth = 0 }), "backbone.");
        var image = DetInput.Tensor("gradient.image", 1, 3, 40, 48);
        swin.to(ScalarType.Float64);
        image = image.to(ScalarType.Float64);
        var weight = swin.named_parameters().First(p => p.Item1 == "layers.1.blocks.1.attn.relative_position_bias_table").Item2;
        Loss().backward();
        double slope = weight.grad!.sum().item<double>();
        const double step = 1e-5;
        using var still = no_grad();
        weight.add_(step);
        double above = Loss().item<double>();
        weight.sub_(2 * step);
        double below = Loss().item<double>();
        Assert.Equal((above - below) / (2 * step), slope, Math.Abs(slope) * 1e-4 + 1e-7);

        Tensor Loss() => swin.call(image).Select((r, i) => (r * r * r).mean() * (i + 1)).Aggregate((a, b) => a + b);
    }

    [Fact]
    public void New_HeadsThatDoNotDivide_Throws()
    {
        var error = Assert.Throws<ArgumentException>(() => new SwinTransformer(SwinConfig.T with { Heads = [3, 6, 12, 25] }));
        Assert.Contains("Heads[3]", error.Message);
    }

    internal static void CheckFeatures(GoldenTensors golden, IReadOnlyList<Tensor> features, double tolerance)
    {
        for (int i = 0; i < 4; i++) golden.Check($"res{i + 2}", features[i], tolerance);
    }

    internal static void CheckNames(System.Text.Json.JsonElement reference, string prefix, nn.Module module)
    {
        var expected = reference.EnumerateObject().Where(e => e.Name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(e => $"{e.Name[prefix.Length..]} [{string.Join(", ", e.Value.EnumerateArray())}]").Order();
        Assert.Equal(expected, module.state_dict().Select(e => $"{e.Key} [{string.Join(", ", e.Value.shape)}]").Order());
    }
}
