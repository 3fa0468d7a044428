using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SemanticSam.Granularity.Layers;

/// <summary>Weights of an attention, on the processor.</summary>
internal static class Softmax
{
    /// <summary>
    /// Logits further below the largest one count as so far below: 4e-18 of it, which no sum in float32 notices. Less would be denormal numbers, or make such
    /// products, each of which takes a processor some hundred cycles.
    /// </summary>
    private const float Faintest = -40;

    /// <summary>Makes e^(logit - largest) of logits: weights that still have to be divided by their sum.</summary>
    /// <param name="logits">As many as whole vectors hold.</param>
    /// <returns>The sum, at least 1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // as in FusedMasks
    public static float Exponentiate<T>(Span<float> logits) where T : struct, ILanes<T>
    {
        if (logits.IsEmpty || logits.Length % T.Count != 0) throw new ArgumentException($"{logits.Length} logits are not whole vectors.", nameof(logits));
        ref float first = ref MemoryMarshal.GetReference(logits);
        T most = T.Load(ref first);
        for (int i = T.Count; i < logits.Length; i += T.Count) most = T.Larger(most, T.Load(ref Unsafe.Add(ref first, i)));
        T faintest = T.Of(Faintest), less = T.Of(-T.Largest(most)), sum = T.Of(0);
        for (int i = 0; i < logits.Length; i += T.Count)
        {
            ref float here = ref Unsafe.Add(ref first, i);
            T weight = T.Exp(T.Larger(T.Load(ref here) + less, faintest));
            weight.Store(ref here);
            sum += weight;
        }
        return T.Sum(sum);
    }
}
