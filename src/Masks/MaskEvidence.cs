namespace SemanticSam.Masks;

/// <summary>What is known of a mask that a click gave, before it is judged: on this its predicted IoU rests.</summary>
/// <param name="Quality">The network's own predicted IoU, 0 to 1.</param>
/// <param name="Stability">Stability score, 0 to 1; NaN for an empty mask.</param>
/// <param name="Share">Share of the image that it covers, 0 to 1.</param>
/// <param name="Level">Level of its token.</param>
/// <param name="Whole">How well the best name of a whole fits, 0 to 1.</param>
/// <param name="Part">How well the best name of a part fits, 0 to 1.</param>
internal readonly record struct MaskEvidence(float Quality, float Stability, double Share, GranularityLevel Level, float Whole, float Part)
{
    /// <summary>Numbers that <see cref="Write"/> gives.</summary>
    public const int Count = Common + Levels;

    /// <summary>Numbers that <see cref="WriteAmong"/> gives.</summary>
    public const int CountAmong = Count + ClickFit.Count + Levels * Each;

    private const int Levels = 6, Common = 8; // the numbers that do not say the level
    private const int Each = Common + ClickFit.Count + 1;

    private const double LeastShare = 1e-4, LeastOdds = 1e-4;

    /// <summary>How the click lies in the mask.</summary>
    public ClickFit Click { get; init; }

    /// <summary>How much it overlaps with the other masks of the click.</summary>
    public LevelOverlaps Overlaps { get; init; }

    /// <summary>The numbers that a judgment weighs.</summary>
    /// <param name="numbers">Takes <see cref="Count"/> of them.</param>
    public void Write(Span<double> numbers)
    {
        double quality = Math.Clamp((double)Quality, LeastOdds, 1 - LeastOdds), size = Math.Log(Share + LeastShare);
        numbers[..Count].Clear();
        numbers[0] = Math.Log(quality / (1 - quality));
        numbers[1] = float.IsNaN(Stability) ? 0 : Stability;
        numbers[2] = size;
        numbers[3] = size * size;
        numbers[4] = Whole;
        numbers[5] = Part;
        numbers[6] = Math.Max(Whole, Part);
        numbers[7] = Part > Whole ? 1 : 0;
        numbers[Common + (int)Level - 1] = 1;
    }

    /// <summary>The numbers that a judgment weighs which sees what else the same click gave: which of them is meant shows in all of them.</summary>
    /// <param name="all">All masks of the click, this one among them, one a level at most; a level without one is 0 in all numbers.</param>
    /// <param name="numbers">Takes <see cref="CountAmong"/> of them.</param>
    public void WriteAmong(ReadOnlySpan<MaskEvidence> all, Span<double> numbers)
    {
        Write(numbers);
        Click.Write(numbers[Count..]);
        Span<double> other = stackalloc double[Count];
        var others = numbers[(Count + ClickFit.Count)..CountAmong];
        others.Clear();
        foreach (var mask in all)
        {
            var place = others.Slice(((int)mask.Level - 1) * Each, Each);
            mask.Write(other);
            other[..Common].CopyTo(place);
            mask.Click.Write(place[Common..]);
            place[^1] = Overlaps[mask.Level];
        }
    }
}
