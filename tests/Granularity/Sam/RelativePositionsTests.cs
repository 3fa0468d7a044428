using SemanticSam.Granularity.Sam;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Sam;

public sealed class RelativePositionsTests
{
    /// <summary>
    /// Linear interpolation in single precision, in an order of operations that is free: on values of size 1 the result is right within some
    /// units of the last place (6e-8), not bit for bit.
    /// </summary>
    private const double Tolerance = 1e-5;

    public static TheoryData<string> Cases() => Fixtures.Cases(() => new SamGolden("sam/rel_pos.safetensors").Prompts(".qk"));

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Between_GoldenCase_GivesItsVectors(string name)
    {
        using var scope = NewDisposeScope();
        var golden = new SamGolden("sam/rel_pos.safetensors");
        long[] places = golden.Raw(name + ".qk").Integers;
        var expected = golden.Raw(name + ".out");
        // The file does not say how long the table was. One length, and no other, gives its vectors.
        long[] lengths = [.. Enumerable.Range(1, 8 * (int)places.Max()).Select(l => (long)l).Where(length =>
        {
            using var inner = NewDisposeScope();
            var vectors = RelativePositions.Between(places[0], places[1], DetInput.Tensor("rel_pos." + name, length, expected.Shape[2]));
            return vectors.shape.AsSpan().SequenceEqual(expected.Shape)
                && Largest(vectors.contiguous().data<float>().ToArray(), expected.Floats) <= Tolerance;
        })];
        Assert.Single(lengths);
    }

    private static double Largest(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs((double)x - y)).Max();
}
