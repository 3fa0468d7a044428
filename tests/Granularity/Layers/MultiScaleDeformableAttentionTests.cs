using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.Layers;
using SemanticSam.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Layers;

public sealed class MultiScaleDeformableAttentionTests
{
    private readonly Units _units = new();

    [Theory]
    [InlineData("mod.ref2", "mod.out2", false)]
    [InlineData("mod.ref4", "mod.out4", false)]
    [InlineData("mod.ref2", "mod.out2_pad", true)]
    public void Forward_Golden_GivesOutput(string references, string expected, bool padded)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var layer = Layer();
        var output = layer.forward(_units.Input("mod.query"), _units.Golden.Tensor(references), _units.Input("mod.src"),
            DeformableSamplingTests.MsdaShapes(_units), padded ? _units.Golden.Tensor("mod.pad").to(ScalarType.Bool) : null);
        _units.Golden.Check(expected, output, 1e-5);
    }

    [Fact]
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

    [Fact]
    public void Forward_ReferencesOfThreeNumbers_Throws()
    {
        using var scope = NewDisposeScope();
        using var layer = Layer();
        var shapes = DeformableSamplingTests.MsdaShapes(_units);
        var error = Assert.Throws<ArgumentException>(() => layer.forward(_units.Input("mod.query"), zeros(2, 7, 3, 3), _units.Input("mod.src"), shapes));
        Assert.Contains("not 3", error.Message);
    }

    [Fact]
    public void Forward_TooFewCells_Throws()
    {
        using var scope = NewDisposeScope();
        using var layer = Layer();
        LevelShape[] shapes = [.. DeformableSamplingTests.MsdaShapes(_units).Select(s => s with { Height = s.Height + 1 })];
        Assert.Throws<ArgumentException>(() => layer.forward(_units.Input("mod.query"), _units.Golden.Tensor("mod.ref2"), _units.Input("mod.src"), shapes));
    }

    private MultiScaleDeformableAttention Layer() => ModuleFill.Fill(new MultiScaleDeformableAttention(_units.Size("mod", "d_model"),
        _units.Size("mod", "n_levels"), _units.Size("mod", "n_heads"), _units.Size("mod", "n_points")), "unit.msdeform.");
}
