using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

internal static partial class Close
{
    /// <summary>Equal shapes, and a relative error of at most <paramref name="tolerance"/>.</summary>
    public static void Assert_(Tensor actual, Tensor expected, double tolerance, string what)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert_(Values(actual), Values(expected), tolerance, what);
    }

    /// <summary>Equal shapes, and no value farther from the expected one than <paramref name="tolerance"/>.</summary>
    public static void AssertAbsolute(Tensor actual, Tensor expected, double tolerance, string what)
    {
        Assert.Equal(expected.shape, actual.shape);
        AssertAbsolute(Values(actual), Values(expected), tolerance, what);
    }

    /// <summary>The values in float32, row-major.</summary>
    public static float[] Values(Tensor tensor)
    {
        if (tensor.numel() == 0) return []; // which an accessor refuses
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }
}
