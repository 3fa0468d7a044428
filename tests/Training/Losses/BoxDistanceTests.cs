using SemanticSam.Tests.Support;
using SemanticSam.Training.Losses;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Losses;

public sealed class BoxDistanceTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void All_ReferenceBoxes_GiveReferenceValues()
    {
        using var scope = NewDisposeScope();
        var golden = GoldenTensors.Load("semantic_sam/units");
        Tensor a = golden.Tensor("box.a"), b = golden.Tensor("box.b");
        output.WriteLine($"iou {golden.Check("box.iou", BoxDistance.Iou(a, b)):g3}");
        output.WriteLine($"giou {golden.Check("box.giou", BoxDistance.GeneralizedIou(a, b)):g3}");
        output.WriteLine($"l1 {golden.Check("box.l1", BoxDistance.L1(a, b)):g3}");
        long pairs = Math.Min(a.shape[0], b.shape[0]);
        var paired = BoxDistance.PairedGeneralizedIou(a.narrow(0, 0, pairs), b.narrow(0, 0, pairs));
        Close.AssertAbsolute(paired, BoxDistance.GeneralizedIou(a, b).narrow(0, 0, pairs).narrow(1, 0, pairs).diagonal(), 1e-6, "paired");
    }

    [SkippableFact]
    public void Sample_ReferencePoints_GiveReferenceValues()
    {
        using var scope = NewDisposeScope();
        var units = new Units();
        var golden = units.Golden;
        var samples = PointSampling.Sample(units.Input("psample.img"), golden.Tensor("psample.coords"));
        output.WriteLine($"samples {golden.Check("psample.out", samples):g3}");
    }
}
