using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.Layers;
using SemanticSam.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Layers;

public sealed class MultiScaleDeformableAttentionTests
{
    private Units Units => field ??= new();

    public static TheoryData<string> Cases() =>
        Fixtures.Cases(() => new Units().Golden.Names.Where(n => n.StartsWith("mod.out", StringComparison.Ordinal)));

    /// <summary>"mod.out4" belongs to references of four numbers, "mod.out4_pad" is the same with a padding mask.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_Golden_GivesOutput(string expected)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var layer = Layer();
        bool padded = expected.EndsWith("_pad", StringComparison.Ordinal);
        string references = expected.Replace("_pad", "").Replace("mod.out", "mod.ref");
        var output = layer.forward(Units.Input("mod.query"), Units.Golden.Tensor(references), Units.Input("mod.src"),
            DeformableSamplingTests.MsdaShapes(Units), padded ? Units.Golden.Tensor("mod.pad").to(ScalarType.Bool) : null);
        Units.Golden.Check(expected, output, 1e-5);
    }

    [SkippableFact]
    public void StateDict_Names_AreThoseOfTheCheckpoints()
    {
        using var layer = Layer();
        string[] expected = [.. new[] { "sampling_offsets", "attention_weights", "value_proj", "output_proj" }
            .SelectMany(n => new[] { n + ".weight", n + ".bias" }).Order()];
        Assert.Equal(expected, layer.state_dict().Keys.Order());
    }

    [Fact]
    public void Fresh_FirstHead_LooksAlongTheRow()
    {
        using var layer = new MultiScaleDeformableAttention(32, 1, 4, 2);
        float[] rays = layer.state_dict()["sampling_offsets.bias"].data<float>().ToArray();
        Assert.Equal([1f, 0f, 2f, 0f], rays[..4]);
    }

    [SkippableFact]
    public void Forward_ReferencesOfThreeNumbers_Throws()
    {
        using var scope = NewDisposeScope();
        using var layer = Layer();
        var shapes = DeformableSamplingTests.MsdaShapes(Units);
        var error = Assert.Throws<ArgumentException>(() => layer.forward(Units.Input("mod.query"), zeros([.. Units.Golden.Shape("mod.ref2")[..^1], 3]), Units.Input("mod.src"), shapes));
        Assert.Contains("not 3", error.Message);
    }

    [SkippableFact]
    public void Forward_TooFewCells_Throws()
    {
        using var scope = NewDisposeScope();
        using var layer = Layer();
        LevelShape[] shapes = [.. DeformableSamplingTests.MsdaShapes(Units).Select(s => s with { Height = s.Height + 1 })];
        Assert.Throws<ArgumentException>(() => layer.forward(Units.Input("mod.query"), Units.Golden.Tensor("mod.ref2"), Units.Input("mod.src"), shapes));
    }

    private MultiScaleDeformableAttention Layer() => ModuleFill.Fill(new MultiScaleDeformableAttention(Units.Size("mod", "d_model"),
        Units.Size("mod", "n_levels"), Units.Size("mod", "n_heads"), Units.Size("mod", "n_points")), "unit.msdeform.");
}
