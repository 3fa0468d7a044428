using SemanticSam.Granularity.Layers;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Layers;

public sealed class DeformableSamplingTests
{
    private readonly Lazy<Units> _units = new();

    [SkippableFact]
    public void Sample_Golden_GivesOutputAndGradients()
    {
        using var scope = NewDisposeScope();
        using var value = _units.Value.Input("msda.value").requires_grad_();
        var locations = _units.Value.Golden.Tensor("msda.loc").requires_grad_();
        var weights = _units.Value.Golden.Tensor("msda.weight").requires_grad_();

        var output = DeformableSampling.Sample(value, MsdaShapes(_units.Value), locations, weights);
        output.backward([_units.Value.Input("msda.gradout", output.shape)]);

        _units.Value.Golden.Check("msda.out", output, 1e-5);
        _units.Value.Golden.Check("msda.grad_value", value.grad!, 1e-5);
        _units.Value.Golden.Check("msda.grad_loc", locations.grad!, 1e-5);
        _units.Value.Golden.Check("msda.grad_weight", weights.grad!, 1e-5);
    }

    [SkippableFact]
    public void Sample_WithoutGradient_GivesTheSame()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var output = DeformableSampling.Sample(_units.Value.Input("msda.value"), MsdaShapes(_units.Value),
            _units.Value.Golden.Tensor("msda.loc"), _units.Value.Golden.Tensor("msda.weight"));
        _units.Value.Golden.Check("msda.out", output, 1e-5);
    }

    [Fact]
    public void Sample_ManyQueries_BlocksAgreeWithAllAtOnce()
    {
        using var scope = NewDisposeScope();
        LevelShape[] shapes = [new(9, 7), new(4, 5)];
        const long queries = 2500; // several blocks
        var value = DetInput.Tensor("msda.blocks.value", 2, 83, 4, 32);
        var locations = DetInput.Tensor("msda.blocks.loc", 2, queries, 4, 2, 4, 2) * 0.7 + 0.5;
        var weights = DetInput.Tensor("msda.blocks.weight", 2, queries, 4, 2, 4);
        var together = DeformableSampling.Sample(value, shapes, locations, weights);
        using var still = no_grad();
        var inBlocks = DeformableSampling.Sample(value, shapes, locations, weights);
        Close.Assert_(inBlocks.data<float>().ToArray(), together.data<float>().ToArray(), 1e-6, "blocks");
    }

    internal static LevelShape[] MsdaShapes(Units units) =>
        [.. units.Golden.Integers("msda.shapes").Chunk(2).Select(s => new LevelShape(s[0], s[1]))];
}
