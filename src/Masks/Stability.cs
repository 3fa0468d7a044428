using System.Numerics;
using System.Runtime.Intrinsics;

namespace SemanticSam.Masks;

/// <summary>How little a mask changes when its threshold moves (SAM's stability score, <c>calculate_stability_score</c>).</summary>
internal static class Stability
{
    /// <summary>
    /// Count of values above threshold + offset over the count of those above threshold - offset, as a float32 quotient.
    /// NaN when nothing is above the lower cut; 1 when nothing lies between the two.
    /// </summary>
    /// <param name="logits">The mask's logits, in any order.</param>
    /// <param name="threshold">Where the mask is cut, usually 0.</param>
    /// <param name="offset">How far the threshold moves either way, usually 1.</param>
    public static float Score(ReadOnlySpan<float> logits, double threshold = 0, double offset = 1) =>
        (float)CountAbove(logits, (float)(threshold + offset)) / CountAbove(logits, (float)(threshold - offset));

    /// <summary>How many values are greater than <paramref name="cut"/>.</summary>
    public static int CountAbove(ReadOnlySpan<float> values, float cut)
    {
        int count = 0, i = 0;
        var limit = Vector256.Create(cut);
        for (; i <= values.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            count += BitOperations.PopCount(Vector256.GreaterThan(Vector256.Create(values[i..]), limit).ExtractMostSignificantBits());
        for (; i < values.Length; i++)
            if (values[i] > cut) count++;
        return count;
    }
}
