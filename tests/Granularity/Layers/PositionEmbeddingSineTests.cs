using SemanticSam.Granularity.Layers;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Layers;

public sealed class PositionEmbeddingSineTests
{
    private readonly Lazy<Units> _units = new();

    [SkippableTheory]
    [MemberData(nameof(Units.Cases), "pos2d.", MemberType = typeof(Units))]
    public void Of_Golden_GivesEncoding(string name)
    {
        long[] shape = _units.Value.Golden.Shape(name); // [1, 2 F, H, W]
        using var positions = new PositionEmbeddingSine(shape[1] / 2);
        var encoding = positions.Of(new LevelShape(shape[2], shape[3]), CPU);
        _units.Value.Golden.Check(name, encoding, 1e-5);
        Assert.Same(encoding, positions.Of(new LevelShape(shape[2], shape[3]), CPU));
    }
}
