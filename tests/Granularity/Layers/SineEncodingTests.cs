using SemanticSam.Granularity.Layers;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Layers;

public sealed class SineEncodingTests
{
    private readonly Lazy<Units> _units = new();

    [SkippableTheory]
    [MemberData(nameof(Units.Cases), "sine.dim", MemberType = typeof(Units))]
    public void Boxes_Golden_GivesEncoding(string name)
    {
        using var scope = NewDisposeScope();
        _units.Value.Golden.Check(name, SineEncoding.Boxes(_units.Value.Golden.Tensor("sine.pos"), _units.Value.Golden.Shape(name)[^1] / 2), 1e-5);
    }

    [SkippableFact]
    public void Boxes_CentersAlone_AreTheFirstHalf()
    {
        using var scope = NewDisposeScope();
        var boxes = _units.Value.Golden.Tensor("sine.pos");
        var centers = SineEncoding.Boxes(boxes.narrow(-1, 0, 2), 64);
        var whole = SineEncoding.Boxes(boxes, 64).narrow(-1, 0, 64).contiguous();
        Assert.Equal(whole.data<float>().ToArray(), centers.data<float>().ToArray());
    }
}
