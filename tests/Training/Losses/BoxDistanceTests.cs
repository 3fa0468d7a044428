using SemanticSam.Tests.Support;
using SemanticSam.Training.Losses;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Losses;

public sealed class BoxDistanceTests(ITestOutputHelper output)
{
    [Fact]
    public void All_ReferenceBoxes_GiveReferenceValues()
    {
        using var scope = NewDisposeScope();
        var golden = GoldenTensors.Load("semantic_sam/units");
        Tensor a = golden.Tensor("box.a"), b = golden.Tensor("box.b");
        output.WriteLine($"iou {golden.Check("box.iou", BoxDistance.Iou(a, b)):g3}");
        output.WriteLine($"giou {golden.Check("box.giou", BoxDistance.GeneralizedIou(a, b)):g3}");
        output.WriteLine($"l1 {golden.Check("box.l1", BoxDistance.L1(a, b)):g3}");
        var paired = BoxDistance.PairedGeneralizedIou(a.narrow(0, 0, 4), b);
        Assert.True(paired.allclose(BoxDistance.GeneralizedIou(a, b).narrow(0, 0, 4).diagonal(), atol: 1e-6));
    }

    [Fact]
    public void Sample_ReferencePoints_GiveReferenceValues()
    {
        using var scope = NewDisposeScope();
        var golden = GoldenTensors.Load("semantic_sam/units");
        var samples = PointSampling.Sample(DetInput.Tensor("unit.psample.img", 3, 1, 6, 8), golden.Tensor("psample.coords"));
        output.WriteLine($"samples {golden.Check("psample.out", samples):g3}");
    }
}
