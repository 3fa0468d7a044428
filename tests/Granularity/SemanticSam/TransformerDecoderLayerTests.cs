using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.SemanticSam;

public sealed class TransformerDecoderLayerTests(ITestOutputHelper output)
{
    private const int Width = 32, Queries = 12, GroupSize = 6;

    [Theory]
    [InlineData("declayer.out_nomask", false, false)]
    [InlineData("declayer.out_mask", true, false)]
    [InlineData("declayer.out_mask", false, true)]
    public void Forward_ReferenceInputs_GivesReferenceOutput(string expected, bool groups, bool mask)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("semantic_sam/units");
        using var layer = ModuleFill.Fill(new TransformerDecoderLayer(
            new DecoderConfig { Width = Width, FeedForwardWidth = 48, Levels = 3, Heads = 4, SelfAttentionHeads = 4, Points = 4 }), "unit.declayer.");
        long[] sizes = golden.Integers("msda.shapes");
        LevelShape[] shapes = [.. Enumerable.Range(0, 3).Select(l => new LevelShape(sizes[2 * l], sizes[2 * l + 1]))];

        var run = mask ? new QueryRun(Queries, Queries, OtherGroup()) : new QueryRun(Queries, groups ? GroupSize : Queries);
        var value = layer.ProjectMemory(BatchFirst("declayer.memory", 64));
        var result = layer.forward(BatchFirst("declayer.tgt", Queries), BatchFirst("declayer.pos", Queries),
            golden.Tensor("declayer.ref").transpose(0, 1), value, shapes, new QueryVisibility(run));

        output.WriteLine($"{expected}: {golden.Check(expected, result.transpose(0, 1)):g3}");
    }

    [Fact]
    public void Forward_TwoRuns_GiveWhatEachGivesAlone()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var attention = ModuleFill.Fill(new SelfAttention(Width, 4), "unit.attention.");
        var x = BatchFirst("runs.x", Queries);
        var together = attention.forward(x, x, new QueryVisibility(new QueryRun(8, 4), QueryRun.Joint(4)));
        var first = attention.forward(x.narrow(1, 0, 4), x.narrow(1, 0, 4), new QueryVisibility(QueryRun.Joint(4)));
        var last = attention.forward(x.narrow(1, 8, 4), x.narrow(1, 8, 4), new QueryVisibility(QueryRun.Joint(4)));
        Assert.True(together.narrow(1, 0, 4).allclose(first, atol: 1e-6));
        Assert.True(together.narrow(1, 8, 4).allclose(last, atol: 1e-6));
    }

    private static Tensor BatchFirst(string name, long count) => DetInput.Tensor("unit." + name, count, 1, Width).transpose(0, 1);

    private static Tensor OtherGroup()
    {
        var group = arange(Queries).div(GroupSize, RoundingMode.floor);
        return group.unsqueeze(0).ne(group.unsqueeze(1));
    }
}
