using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Encoder;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.TextEncoder.Encoder;

public sealed class ResidualAttentionBlockTests(ITestOutputHelper output)
{
    [Fact]
    public void Forward_ReferenceInput_GivesReferenceOutput()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("semantic_sam/units");
        var config = new TextEncoderConfig(Width: 32, Layers: 1, Heads: 4, ContextLength: 6, VocabularySize: 8, OutputWidth: 32) { LayerNormEpsilon = 1e-12 };
        using var block = ModuleFill.Fill(new ResidualAttentionBlock(config), "unit.textblock.");
        var x = DetInput.Tensor("unit.textblock.x", 6, 2, 32).transpose(0, 1); // stored with the sequence first
        output.WriteLine($"{golden.Check("textblock.out", block.call(x).transpose(0, 1)):g3}");
    }
}
