namespace SemanticSam.Training.Tuning;

/// <summary>How many candidates of an image are learned from.</summary>
/// <param name="Count">In all.</param>
/// <param name="PositiveShare">At most this share of them stand for a truth; the rest is background.</param>
internal readonly record struct CandidateSampling(int Count, double PositiveShare)
{
    /// <summary>Of anchors.</summary>
    public static CandidateSampling OfAnchors { get; } = new(256, 0.5);

    /// <summary>Of regions that become prompts.</summary>
    public static CandidateSampling OfPrompts { get; } = new(256, 0.25);

    /// <summary>Of regions of SAM-seg and of a detector that stands alone.</summary>
    public static CandidateSampling OfRegions { get; } = new(512, 0.25);

    /// <summary>All there are, so that nothing is left to chance.</summary>
    public static CandidateSampling All { get; } = new(int.MaxValue, 1);

    /// <summary>Indices of those that stand for a truth, and of background.</summary>
    public (int[] Positives, int[] Negatives) Draw(IReadOnlyList<int> truths, Random random)
    {
        var (objects, background) = (new List<int>(), new List<int>());
        for (int i = 0; i < truths.Count; i++)
        {
            if (truths[i] > 0) objects.Add(i);
            else if (truths[i] == MaxIouAssignment.Background) background.Add(i);
        }
        int[] positives = Some([.. objects], (int)Math.Min(int.MaxValue, Count * PositiveShare), random);
        int[] negatives = Some([.. background], Count - positives.Length, random);
        return (positives, negatives);
    }

    private static int[] Some(int[] all, int most, Random random)
    {
        if (all.Length <= most) return all;
        for (int i = 0; i < most; i++)
        {
            int other = random.Next(i, all.Length);
            (all[i], all[other]) = (all[other], all[i]);
        }
        return all[..most];
    }
}
