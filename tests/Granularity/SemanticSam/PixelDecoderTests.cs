using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.SemanticSam;

public sealed class PixelDecoderTests
{
    private const string Prefix = "sem_seg_head.pixel_decoder.";

    [SkippableTheory]
    [InlineData("semantic_sam", "tiny_pixel_decoder")]
    [InlineData("openseed", "tiny_plain_pixel_decoder")]
    [InlineData("openseed", "tiny_decoupled_pixel_decoder")]
    public void Forward_Tiny_GivesGoldenFeatures(string folder, string file)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load($"{folder}/{file}");
        var config = folder == "openseed" ? TinyConfigs.OpenSeedPixelDecoder(file.Split('_')[1]) : TinyConfigs.SemanticSamPixelDecoder();
        using var decoder = ModuleFill.Fill(new PixelDecoder(config), Prefix);
        decoder.eval();
        var backbone = GoldenTensors.Load($"{folder}/tiny_backbone");
        Tensor[] features = [.. Enumerable.Range(2, 4).Select(i => backbone.Tensor($"res{i}"))];

        CheckInside(golden, decoder, features);
        CheckOutputs(golden, decoder.call(features), 1e-5);
    }

    [SkippableFact]
    public void Forward_RecordingGradients_GivesTheSame()
    {
        using var scope = NewDisposeScope();
        var golden = GoldenTensors.Load("semantic_sam/tiny_pixel_decoder");
        using var decoder = ModuleFill.Fill(new PixelDecoder(TinyConfigs.SemanticSamPixelDecoder()), Prefix);
        var backbone = GoldenTensors.Load("semantic_sam/tiny_backbone");
        Tensor[] features = [.. Enumerable.Range(2, 4).Select(i => backbone.Tensor($"res{i}").requires_grad_())];
        var output = decoder.call(features);
        CheckOutputs(golden, output, 1e-5);
        // Every weight takes part in the sum of everything.
        (output.MaskFeatures.square().sum() + output.MultiScale.Select(m => m.pow(3).sum()).Aggregate((a, b) => a + b)).backward();
        foreach (var (name, parameter) in decoder.named_parameters())
            Assert.True(parameter.grad is { } g && g.abs().sum().item<float>() > 0, $"{name} has no gradient.");
        Assert.All(features, f => Assert.True(f.grad!.abs().sum().item<float>() > 0));
    }

    [Fact]
    public void Forward_Nano_GivesReferenceFeatures()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("nano/nano");
        using var decoder = ModuleFill.Fill(new PixelDecoder(new PixelDecoderConfig
        {
            Channels = ConvNetConfig.Nano.Channels, Width = 128, MaskWidth = 64, FeedForward = 384, Layers = 1, Heads = 4, Points = 2,
        }), Prefix);
        decoder.eval();
        var features = decoder.call([.. Enumerable.Range(2, 4).Select(i => golden.Tensor($"res{i}"))]);
        golden.Check("mask_features", features.MaskFeatures, 1e-5);
        // The decoder's memory has the coarsest level first.
        golden.Check("memory", cat([.. features.MultiScale.Reverse().Select(m => m.flatten(2).transpose(1, 2))], 1), 1e-5);
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public void Forward_SwinT_GivesGoldenFeatures()
    {
        var golden = GoldenTensors.Load("semantic_sam/swint_full");
        CheckFull(golden, SwinConfig.T, "semantic_sam", levels: 4);
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public void Forward_SwinL_GivesGoldenFeatures()
    {
        var golden = GoldenTensors.Load("semantic_sam/swinl_full");
        CheckFull(golden, SwinConfig.L, "semantic_sam", levels: 4);
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public void Forward_OpenSeedSwinL_GivesGoldenFeatures()
    {
        var golden = GoldenTensors.Load("openseed/swinl_full");
        CheckFull(golden, SwinConfig.L, "openseed", levels: 5);
    }

    [SkippableFact]
    public void Forward_WithoutScope_LeavesOnlyItsResults()
    {
        using var still = no_grad();
        using var swin = new SwinTransformer(TinyConfigs.SemanticSamSwin());
        using var decoder = new PixelDecoder(TinyConfigs.SemanticSamPixelDecoder());
        swin.eval();
        decoder.eval();
        using var image = DetInput.Tensor("leak.image", 1, 3, 64, 96);
        Run(); // constants of this size are kept from here on
        long before = LiveTensors.Settled();
        for (int i = 0; i < 3; i++) Run();
        Assert.Equal(before, Tensor.TotalCount);

        void Run()
        {
            var maps = swin.call(image);
            using (var features = decoder.call(maps)) Assert.Equal(4, features.MultiScale.Count);
            foreach (var map in maps) map.Dispose();
        }
    }

    [SkippableTheory]
    [InlineData("swinT")]
    [InlineData("swinL")]
    public void StateDict_NamesAndShapes_AreThoseOfTheCheckpoints(string size)
    {
        using var decoder = new PixelDecoder(Config(size == "swinT" ? SwinConfig.T : SwinConfig.L, 4));
        using var names = Fixtures.Json("semantic_sam/names.json");
        SwinTransformerTests.CheckNames(names.RootElement.GetProperty(size).GetProperty("tensors"), Prefix, decoder);
    }

    [SkippableFact]
    public void ReferencePoints_Golden_AreCellCenters()
    {
        using var scope = NewDisposeScope();
        var golden = new Units().Golden;
        long[] shape = golden.Shape("encoder_reference_points"); // [1, tokens, levels, 2]
        var points = DeformableEncoder.ReferencePoints(LevelsOf(golden.Tensor("encoder_reference_points")), CPU);
        golden.Check("encoder_reference_points", points.expand(shape), 1e-6);
    }

    /// <summary>The file does not say the levels' shapes, but the first cell of each does: it lies at half a cell from the corner.</summary>
    private static LevelShape[] LevelsOf(Tensor points)
    {
        var levels = new List<LevelShape>();
        for (long at = 0; at < points.shape[1]; at += levels[^1].Height * levels[^1].Width)
            levels.Add(new((long)Math.Round(0.5 / points[0, at, 0, 1].item<float>()), (long)Math.Round(0.5 / points[0, at, 0, 0].item<float>())));
        return [.. levels];
    }

    [Fact]
    public void New_ThreeLevels_Throws() =>
        Assert.Contains("it is 3", Assert.Throws<ArgumentException>(() => new PixelDecoder(Config(SwinConfig.T, 3))).Message);

    private static PixelDecoderConfig Config(SwinConfig swin, int levels) =>
        new() { Channels = [.. Enumerable.Range(0, 4).Select(s => swin.EmbedDim << s)], Levels = levels };

    private static void CheckFull(GoldenTensors golden, SwinConfig config, string folder, int levels)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var swin = ModuleFill.Fill(new SwinTransformer(config), "backbone.");
        using var decoder = ModuleFill.Fill(new PixelDecoder(Config(config, levels)), Prefix);
        swin.eval();
        decoder.eval();
        var features = swin.call(ModelInput.Of(folder, golden.Sidecar));
        SwinTransformerTests.CheckFeatures(golden, features, 1e-4);
        CheckOutputs(golden, decoder.call(features), 1e-4);
    }

    private static void CheckOutputs(GoldenTensors golden, PixelFeatures actual, double tolerance)
    {
        golden.Check("mask_features", actual.MaskFeatures, tolerance);
        for (int l = 0; l < actual.MultiScale.Count; l++) golden.Check($"multi_scale{l}", actual.MultiScale[l], tolerance);
        Assert.False(golden.Has($"multi_scale{actual.MultiScale.Count}"));
    }

    private static void CheckInside(GoldenTensors golden, PixelDecoder decoder, Tensor[] features)
    {
        var levels = decoder.Project(features);
        for (int l = 0; l < levels.Length; l++) golden.Check($"inner.input_proj{l}", levels[l], 1e-5);
        LevelShape[] shapes = [.. levels.Select(l => new LevelShape(l.shape[2], l.shape[3]))];
        Assert.Equal(golden.Integers("inner.spatial_shapes"), shapes.SelectMany(s => new[] { s.Height, s.Width }));
        var tokens = DeformableTransformer.Tokens(levels);
        golden.Check("inner.tokens", tokens, 1e-5);
        var positions = decoder.Transformer.Positions(shapes);
        golden.Check("inner.tokens_pos", positions, 1e-5);
        var references = DeformableEncoder.ReferencePoints(shapes, CPU);
        golden.Check("inner.reference_points", references.expand(golden.Shape("inner.reference_points")), 1e-6);
        for (int i = 0; i < decoder.Transformer.Encoder.Depth; i++)
        {
            var layer = decoder.Transformer.Encoder.Layer(i);
            if (golden.Has($"inner.encoder_layer{i}.self_attn"))
                golden.Check($"inner.encoder_layer{i}.self_attn", layer.Attend(tokens, positions, references, shapes), 1e-5);
            golden.Check($"inner.encoder_layer{i}", tokens = layer.forward(tokens, positions, references, shapes), 1e-5);
        }
    }
}
