using SemanticSam.Granularity.Layers;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Layers;

public sealed class MultiScaleDeformableAttentionTests
{
    private readonly Lazy<Units> _units = new();

    /// <summary>"mod.out4" belongs to references of four numbers, "mod.out4_pad" is the same with a padding mask.</summary>
    [SkippableTheory]
    [MemberData(nameof(Units.Cases), "mod.out", MemberType = typeof(Units))]
    public void Forward_Golden_GivesOutput(string expected)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var layer = Layer();
        bool padded = expected.EndsWith("_pad", StringComparison.Ordinal);
        string references = expected.Replace("_pad", "").Replace("mod.out", "mod.ref");
        var output = layer.forward(_units.Value.Input("mod.query"), _units.Value.Golden.Tensor(references), _units.Value.Input("mod.src"),
            DeformableSamplingTests.MsdaShapes(_units.Value), padded ? _units.Value.Golden.Tensor("mod.pad").to(ScalarType.Bool) : null);
        _units.Value.Golden.Check(expected, output, 1e-5);
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
        var shapes = DeformableSamplingTests.MsdaShapes(_units.Value);
        var error = Assert.Throws<ArgumentException>(() => layer.forward(_units.Value.Input("mod.query"),
            zeros([.. _units.Value.Golden.Shape("mod.ref2")[..^1], 3]), _units.Value.Input("mod.src"), shapes));
        Assert.Contains("not 3", error.Message);
    }

    [SkippableFact]
    public void Forward_TooFewCells_Throws()
    {
        using var scope = NewDisposeScope();
        using var layer = Layer();
        LevelShape[] shapes = [.. DeformableSamplingTests.MsdaShapes(_units.Value).Select(s => s with { Height = s.Height + 1 })];
        Assert.Throws<ArgumentException>(() => layer.forward(_units.Value.Input("mod.query"), _units.Value.Golden.Tensor("mod.ref2"),
            _units.Value.Input("mod.src"), shapes));
    }

    private MultiScaleDeformableAttention Layer() => ModuleFill.Fill(new MultiScaleDeformableAttention(_units.Value.Size("mod", "d_model"),
        _units.Value.Size("mod", "n_levels"), _units.Value.Size("mod", "n_heads"), _units.Value.Size("mod", "n_points")), "unit.msdeform.");
}
