using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Encoder;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.TextEncoder.Encoder;

public sealed class ResidualAttentionBlockTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Forward_ReferenceInput_GivesReferenceOutput()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var units = new Units();
        var x = units.Input("textblock.x"); // [N, B, C], stored with the sequence first
        var config = new TextEncoderConfig(Width: (int)units.Size("textblock", "width"), Layers: 1, Heads: (int)units.Size("textblock", "heads"),
            ContextLength: (int)x.shape[0], VocabularySize: 8, OutputWidth: (int)x.shape[2]) { LayerNormEpsilon = 1e-12 };
        using var block = ModuleFill.Fill(new ResidualAttentionBlock(config), "unit.textblock.");
        output.WriteLine($"{units.Golden.Check("textblock.out", block.call(x.transpose(0, 1)).transpose(0, 1)):g3}");
    }
}
