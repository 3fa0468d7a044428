using System.Text.RegularExpressions;
using SemanticSam.Granularity.Sam;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Sam;

public sealed class TinyViTTests(ITestOutputHelper output)
{
    /// <summary>Needs the complete golden data (SEMSAM_FIXTURES).</summary>
    [SkippableFact]
    [Trait("Category", "Slow")]
    public void Forward_Tiny_GivesGoldenStages()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = new SamGolden("mobilesam/tiny_encoder.safetensors");
        using var model = SamConfigs.Model(SamConfigs.Of(golden));
        using var trace = new ModuleTrace().Watch(model.ImageEncoder);
        var embedding = model.ImageEncoder.call(SamConfigs.Image(model.Config));
        golden.Check("embedding", embedding, 2e-5);
        foreach (string name in golden.Names.Where(n => !n.EndsWith(".stats", StringComparison.Ordinal) && n != "embedding"))
        {
            string module = Regex.Replace(Regex.Replace(name.Replace(".sample", ""), @"^layer(\d)", "layers.$1"), @"\.block(\d)", ".blocks.$1");
            golden.Check(name, trace[module], 2e-5);
        }
        output.WriteLine($"mobile_tiny: largest difference {golden.Worst:g3}");
    }

    [Fact]
    public void Constructor_LastStageThatHalves_SaysSo() =>
        Assert.Contains("320", Assert.Throws<ArgumentException>(() => new TinyViT(new TinyViTConfig { Widths = [64, 128, 160, 300] })).Message);
}
