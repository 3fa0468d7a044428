using SemanticSam.Formats.Shapes;
using SemanticSam.Granularity.Layers;
using SemanticSam.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Layers;

public sealed class EncodingTests
{
    private readonly Units _units = new();

    [Fact]
    public void PositionEmbeddingSine_Golden_GivesEncoding()
    {
        long[] shape = _units.Golden.Shape("pos2d.5x7"); // [1, 2 F, H, W]
        using var positions = new PositionEmbeddingSine(shape[1] / 2);
        var encoding = positions.Of(new LevelShape(shape[2], shape[3]), CPU);
        _units.Golden.Check("pos2d.5x7", encoding, 1e-5);
        Assert.Same(encoding, positions.Of(new LevelShape(shape[2], shape[3]), CPU));
    }

    [Theory]
    [InlineData("sine.dim64")]
    [InlineData("sine.dim256")]
    public void Boxes_Golden_GivesEncoding(string name)
    {
        using var scope = NewDisposeScope();
        _units.Golden.Check(name, SineEncoding.Boxes(_units.Golden.Tensor("sine.pos"), _units.Golden.Shape(name)[^1] / 2), 1e-5);
    }

    [Fact]
    public void Boxes_CentresAlone_AreTheFirstHalf()
    {
        using var scope = NewDisposeScope();
        var boxes = _units.Golden.Tensor("sine.pos");
        var centres = SineEncoding.Boxes(boxes.narrow(-1, 0, 2), 64);
        var whole = SineEncoding.Boxes(boxes, 64).narrow(-1, 0, 64).contiguous();
        Assert.Equal(whole.data<float>().ToArray(), centres.data<float>().ToArray());
    }

    [Fact]
    public void InverseSigmoid_Golden_GivesLogits()
    {
        using var scope = NewDisposeScope();
        _units.Golden.Check("inverse_sigmoid.y", Activations.InverseSigmoid(_units.Golden.Tensor("inverse_sigmoid.x")), 1e-6);
    }
}
