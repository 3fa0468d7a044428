namespace SemanticSam.Tests.Support;

/// <summary>The measure of fidelity: ||out - ref|| / ||ref|| in double over float32 values.</summary>
internal static partial class Close
{
    public static double RelativeError(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double d = (double)actual[i] - expected[i];
            difference += d * d;
            norm += (double)expected[i] * expected[i];
        }
        return norm == 0 ? Math.Sqrt(difference) : Math.Sqrt(difference / norm);
    }

    /// <summary>Fails with the measured figure when the relative error exceeds <paramref name="tolerance"/> or anything is not finite.</summary>
    public static void Assert_(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, double tolerance, string what)
    {
        double error = RelativeError(actual, expected);
        Assert.True(error <= tolerance, $"{what}: relative error {error:g4} exceeds {tolerance:g4}.");
    }

    /// <summary>Largest absolute difference at most <paramref name="tolerance"/>.</summary>
    public static void AssertAbsolute(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double d = Math.Abs((double)actual[i] - expected[i]);
            Assert.True(d <= tolerance, $"{what}[{i}]: {actual[i]} against {expected[i]}, {d:g4} exceeds {tolerance:g4}.");
        }
    }
}
