using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.SemanticSam;

public sealed class TransformerDecoderLayerTests(ITestOutputHelper output)
{
    /// <summary>The same mask said in two ways, as groups of queries and as a matrix, and no mask.</summary>
    [SkippableTheory]
    [InlineData("declayer.out_nomask", false, false)]
    [InlineData("declayer.out_mask", true, false)]
    [InlineData("declayer.out_mask", false, true)]
    public void Forward_ReferenceInputs_GivesReferenceOutput(string expected, bool groups, bool mask)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var units = new Units();
        var golden = units.Golden;
        int levels = (int)units.Size("declayer", "levels"), heads = (int)units.Size("declayer", "heads");
        using var layer = ModuleFill.Fill(new TransformerDecoderLayer(new DecoderConfig
        {
            Width = (int)units.Size("declayer", "d_model"), FeedForwardWidth = (int)units.Size("declayer", "ffn"), Levels = levels,
            Heads = heads, SelfAttentionHeads = heads, Points = (int)units.Size("declayer", "points"),
        }), "unit.declayer.");
        LevelShape[] shapes = [.. golden.Integers("msda.shapes").Chunk(2).Take(levels).Select(s => new LevelShape(s[0], s[1]))];
        var queries = BatchFirst(units, "declayer.tgt");
        int count = (int)queries.shape[1], half = count / 2; // the two halves of the queries do not see each other

        var run = mask ? new QueryRun(count, count, SameGroup(count, half)) : new QueryRun(count, groups ? half : count);
        var value = layer.ProjectMemory(BatchFirst(units, "declayer.memory"));
        var result = layer.forward(queries, BatchFirst(units, "declayer.pos"),
            golden.Tensor("declayer.ref").transpose(0, 1), value, shapes, new QueryVisibility(run));

        output.WriteLine($"{expected}: {golden.Check(expected, result.transpose(0, 1)):g3}");
    }

    [Fact]
    public void Forward_TwoRuns_GiveWhatEachGivesAlone()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var attention = ModuleFill.Fill(new SelfAttention(32, 4), "unit.attention.");
        var x = DetInput.Tensor("runs.x", 1, 12, 32);
        var together = attention.forward(x, x, new QueryVisibility(new QueryRun(8, 4), QueryRun.Joint(4)));
        var first = attention.forward(x.narrow(1, 0, 4), x.narrow(1, 0, 4), new QueryVisibility(QueryRun.Joint(4)));
        var last = attention.forward(x.narrow(1, 8, 4), x.narrow(1, 8, 4), new QueryVisibility(QueryRun.Joint(4)));
        Close.AssertAbsolute(together.narrow(1, 0, 4), first, 1e-6, "first run");
        Close.AssertAbsolute(together.narrow(1, 8, 4), last, 1e-6, "last run");
    }

    /// <summary>Inputs are stored with the queries first.</summary>
    private static Tensor BatchFirst(Units units, string name) => units.Input(name).transpose(0, 1);

    private static Tensor SameGroup(int queries, int size)
    {
        var group = arange(queries).div(size, RoundingMode.floor);
        return group.unsqueeze(0).eq(group.unsqueeze(1));
    }
}
