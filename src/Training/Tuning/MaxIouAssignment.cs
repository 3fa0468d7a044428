using SemanticSam.Masks;

namespace SemanticSam.Training.Tuning;

/// <summary>Which box of the truth a candidate stands for (Faster R-CNN, arXiv 1506.01497).</summary>
/// <param name="Negative">Below this overlap a candidate is background.</param>
/// <param name="Positive">From this overlap on it is its truth's.</param>
/// <param name="LeastBest">The best candidates of a truth are its too, from this overlap on; null for no such candidates.</param>
internal readonly record struct MaxIouAssignment(float Negative, float Positive, float? LeastBest)
{
    /// <summary>Of a candidate that is background.</summary>
    public const int Background = 0;

    /// <summary>Of a candidate that nothing is learned from.</summary>
    public const int Ignored = -1;

    /// <summary>Of anchors.</summary>
    public static MaxIouAssignment OfAnchors { get; } = new(0.3f, 0.7f, 0.3f);

    /// <summary>Of regions.</summary>
    public static MaxIouAssignment OfRegions { get; } = new(0.5f, 0.5f, 0.5f);

    /// <summary>Of regions of a detector that stands alone.</summary>
    public static MaxIouAssignment OfRegionsAlone { get; } = new(0.5f, 0.5f, null);

    /// <summary>For each candidate <see cref="Ignored"/>, <see cref="Background"/>, or the number of its truth, from 1; and its largest overlap.</summary>
    /// <param name="candidates">Boxes.</param>
    /// <param name="truths">Boxes of the truth.</param>
    /// <param name="around">Indices of all candidates that a box meets; null where all of them are looked at.</param>
    public (int[] Truths, float[] Overlaps) Assign(IReadOnlyList<BoxF> candidates, IReadOnlyList<BoxF> truths, Func<BoxF, int[]>? around = null)
    {
        var assigned = new int[candidates.Count];
        var largest = new float[candidates.Count];
        var of = new int[candidates.Count];
        var best = new float[truths.Count];
        int[] all = around is null ? [.. Enumerable.Range(0, candidates.Count)] : [];
        int[][] near = [.. truths.Select(t => around?.Invoke(t) ?? all)];
        for (int g = 0; g < truths.Count; g++)
            foreach (int i in near[g])
            {
                float overlap = Overlap(truths[g], candidates[i]);
                if (overlap > best[g]) best[g] = overlap;
                if (overlap > largest[i]) (largest[i], of[i]) = (overlap, g);
            }
        for (int i = 0; i < assigned.Length; i++)
            assigned[i] = truths.Count == 0 || largest[i] < Negative ? Background : largest[i] >= Positive ? of[i] + 1 : Ignored;
        if (LeastBest is { } least)
            for (int g = 0; g < truths.Count; g++)
                if (best[g] >= least)
                    foreach (int i in near[g])
                        if (Overlap(truths[g], candidates[i]) == best[g]) assigned[i] = g + 1;
        return (assigned, largest);
    }

    /// <summary>IoU in float32, with a union of at least 1e-6.</summary>
    internal static float Overlap(BoxF a, BoxF b)
    {
        float width = MathF.Min(a.X2, b.X2) - MathF.Max(a.X1, b.X1), height = MathF.Min(a.Y2, b.Y2) - MathF.Max(a.Y1, b.Y1);
        if (width <= 0 || height <= 0) return 0;
        float inside = width * height;
        return inside / MathF.Max(a.Area + b.Area - inside, 1e-6f);
    }
}
