using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SemanticSam.Granularity.Layers;

namespace SemanticSam.Granularity.Nano;

/// <summary>Masks as sets of cells, with what their predicted IoU depends on.</summary>
/// <param name="count">How many there are.</param>
/// <param name="cells">Cells of each.</param>
internal sealed class CellMasks(int count, int cells) : CellSets(count, cells)
{
    /// <summary>Numbers of a mask in <see cref="Measures"/>.</summary>
    public const int MeasureCount = 3;

    /// <summary>[masks, <see cref="MeasureCount"/>]: cells inside, stability (cells above 1 to cells above -1), mean probability inside.</summary>
    public float[] Measures { get; } = new float[count * MeasureCount];

    /// <summary>Takes a mask; several threads may take different ones.</summary>
    /// <param name="mask">Which it is.</param>
    /// <param name="logits">Of its cells.</param>
    public void Take(int mask, ReadOnlySpan<float> logits)
    {
        if (Lanes16.AreFast) Take<Lanes16>(mask, logits);
        else Take<Lanes8>(mask, logits);
    }

    /// <summary>The same with lanes of a given width.</summary>
    public void Take<T>(int mask, ReadOnlySpan<float> logits) where T : struct, ILanes<T>
    {
        if (logits.Length != Cells) throw new ArgumentException($"{logits.Length} logits for {Cells} cells.", nameof(logits));
        var bits = Words(mask);
        int above = 0, below = 0;
        float sum = 0;
        int done = Take<T>(logits, bits, ref above, ref below, ref sum);
        for (int i = done; i < logits.Length; i++)
        {
            float logit = logits[i];
            if (logit > 0) (bits[i / BitsOfWord], sum) = (bits[i / BitsOfWord] | 1UL << i % BitsOfWord, sum + 1 / (1 + MathF.Exp(-logit)));
            if (logit > 1) above++;
            if (logit > -1) below++;
        }
        int area = Area(mask);
        var measures = Measures.AsSpan(mask * MeasureCount, MeasureCount);
        (measures[0], measures[1], measures[2]) = (area, above / (float)Math.Max(1, below), sum / Math.Max(1, area));
    }

    /// <summary>Whole vectors of a mask; returns how many cells these are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // as in FusedMasks
    private static int Take<T>(ReadOnlySpan<float> logits, Span<ulong> bits, ref int above, ref int below, ref float sum) where T : struct, ILanes<T>
    {
        ref float from = ref MemoryMarshal.GetReference(logits);
        int done = 0;
        T sureness = T.Of(0);
        for (; done <= logits.Length - T.Count; done += T.Count)
        {
            T here = T.Load(ref Unsafe.Add(ref from, done));
            uint low = T.Above(here, -1);
            if (low == 0) continue;
            below += BitOperations.PopCount(low);
            uint inside = T.Above(here, 0);
            if (inside == 0) continue;
            bits[done / BitsOfWord] |= (ulong)inside << done % BitsOfWord;
            above += BitOperations.PopCount(T.Above(here, 1));
            sureness += T.WherePositive(here, T.Sigmoid(here));
        }
        sum = T.Sum(sureness);
        return done;
    }
}
