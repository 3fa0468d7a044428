using SemanticSam.Formats.Shapes;
using SemanticSam.Granularity.Layers;
using SemanticSam.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Layers;

public sealed class EncodingTests
{
    private Units Units => field ??= new();

    public static TheoryData<string> Cases(string start) =>
        Fixtures.Cases(() => new Units().Golden.Names.Where(n => n.StartsWith(start, StringComparison.Ordinal)));

    [SkippableTheory]
    [MemberData(nameof(Cases), "pos2d.")]
    public void PositionEmbeddingSine_Golden_GivesEncoding(string name)
    {
        long[] shape = Units.Golden.Shape(name); // [1, 2 F, H, W]
        using var positions = new PositionEmbeddingSine(shape[1] / 2);
        var encoding = positions.Of(new LevelShape(shape[2], shape[3]), CPU);
        Units.Golden.Check(name, encoding, 1e-5);
        Assert.Same(encoding, positions.Of(new LevelShape(shape[2], shape[3]), CPU));
    }

    [SkippableTheory]
    [MemberData(nameof(Cases), "sine.dim")]
    public void Boxes_Golden_GivesEncoding(string name)
    {
        using var scope = NewDisposeScope();
        Units.Golden.Check(name, SineEncoding.Boxes(Units.Golden.Tensor("sine.pos"), Units.Golden.Shape(name)[^1] / 2), 1e-5);
    }

    [SkippableFact]
    public void Boxes_CentresAlone_AreTheFirstHalf()
    {
        using var scope = NewDisposeScope();
        var boxes = Units.Golden.Tensor("sine.pos");
        var centres = SineEncoding.Boxes(boxes.narrow(-1, 0, 2), 64);
        var whole = SineEncoding.Boxes(boxes, 64).narrow(-1, 0, 64).contiguous();
        Assert.Equal(whole.data<float>().ToArray(), centres.data<float>().ToArray());
    }

    [SkippableFact]
    public void InverseSigmoid_Golden_GivesLogits()
    {
        using var scope = NewDisposeScope();
        Units.Golden.Check("inverse_sigmoid.y", Activations.InverseSigmoid(Units.Golden.Tensor("inverse_sigmoid.x")), 1e-6);
    }
}
