using SemanticSam.Granularity.Sam;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Sam;

public sealed class ImageEncoderViTTests(ITestOutputHelper output)
{
    private const double Tolerance = 2e-5;

    [SkippableFact]
    public void Forward_Small_GivesGoldenBlocks()
    {
        using var scope = NewDisposeScope();
        var golden = new SamGolden("sam/small_encoder.safetensors");
        using var trace = Run(golden, out var embedding);
        foreach (string name in golden.Names)
            golden.Check(name, name == "embedding" ? embedding : trace[Module(name)], Tolerance);
        output.WriteLine($"small: largest difference {golden.Worst:g3}");
    }

    /// <summary>Needs the complete golden data (SEMSAM_FIXTURES).</summary>
    [SkippableFact]
    [Trait("Category", "Slow")]
    public void Forward_Tiny_GivesGoldenBlocks()
    {
        using var scope = NewDisposeScope();
        var golden = new SamGolden("sam/tiny_encoder.safetensors");
        using var trace = Run(golden, out var embedding);
        golden.Check("embedding", embedding, Tolerance);
        foreach (string name in golden.Names.Except(["embedding", "pos_added"]))
            golden.Check(name, trace[Module(name)], Tolerance);
        output.WriteLine($"tiny: largest difference {golden.Worst:g3}");
    }

    [Fact]
    public void Forward_RecordingGradients_GivesTheSame()
    {
        using var scope = NewDisposeScope();
        using var model = SamConfigs.Model("small");
        var image = DetInput.Tensor("small.image", 1, 3, 128, 128);
        var recorded = model.ImageEncoder.call(image);
        Assert.True(recorded.requires_grad);
        using var still = no_grad();
        Close.AssertAbsolute(model.ImageEncoder.call(image).data<float>().ToArray(), recorded.detach().contiguous().data<float>().ToArray(), 1e-5, "embedding");
    }

    [Fact]
    public void Constructor_ImageNoMultipleOfPatches_SaysSo() =>
        Assert.Contains("1000", Assert.Throws<ArgumentException>(() => new ImageEncoderViT(ImageEncoderViTConfig.B with { ImageSize = 1000 })).Message);

    /// <summary>"block0.attn" and "neck1.sample" of the files are "blocks.0.attn" and "neck.1" of the encoder.</summary>
    private static string Module(string name) => name.StartsWith("block", StringComparison.Ordinal) ? "blocks." + name[5..]
        : name.StartsWith("neck", StringComparison.Ordinal) ? "neck." + name[4] : name;

    private static ModuleTrace Run(SamGolden golden, out Tensor embedding)
    {
        using var still = no_grad();
        using var model = SamConfigs.Model(SamConfigs.Of(golden));
        var trace = new ModuleTrace().Watch(model.ImageEncoder);
        embedding = model.ImageEncoder.call(SamConfigs.Image(model.Config));
        return trace;
    }
}
