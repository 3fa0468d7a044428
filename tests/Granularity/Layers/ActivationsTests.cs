using SemanticSam.Granularity.Layers;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Layers;

public sealed class ActivationsTests
{
    private readonly Lazy<Units> _units = new();

    [SkippableFact]
    public void InverseSigmoid_Golden_GivesLogits()
    {
        using var scope = NewDisposeScope();
        _units.Value.Golden.Check("inverse_sigmoid.y", Activations.InverseSigmoid(_units.Value.Golden.Tensor("inverse_sigmoid.x")), 1e-6);
    }
}
