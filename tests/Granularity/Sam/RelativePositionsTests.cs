using SemanticSam.Formats.Shapes;
using SemanticSam.Granularity.Sam;
using SemanticSam.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Sam;

public sealed class RelativePositionsTests
{
    private static readonly Dictionary<string, long> Lengths = new() { ["shrink"] = 31, ["q6k4"] = 11 };

    [Theory]
    [InlineData("same")]
    [InlineData("grow")]
    [InlineData("shrink")]
    [InlineData("q7k14")]
    [InlineData("q14k7")]
    [InlineData("q6k4")]
    public void Between_GoldenCase_GivesItsVectors(string name)
    {
        using var scope = NewDisposeScope();
        var golden = new SamGolden("sam/rel_pos.safetensors");
        long[] places = golden.Raw(name + ".qk").Integers;
        var table = DetInput.Tensor("rel_pos." + name, Lengths.GetValueOrDefault(name, 27), golden.Raw(name + ".out").Shape[2]);
        golden.Check(name + ".out", RelativePositions.Between(places[0], places[1], table), 1e-6);
    }
}
