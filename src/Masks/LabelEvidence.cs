namespace SemanticSam.Masks;

/// <summary>What speaks for a name as the label of a mask, before it is judged.</summary>
/// <param name="Name">The name.</param>
/// <param name="IsPart">Whether it is a part's.</param>
/// <param name="Presence">How surely the image shows the name at all, 0 to 1.</param>
/// <param name="Precision">How much the cells of the mask look like it, 0 to 1.</param>
/// <param name="Recall">Which share the mask holds of what looks like it there, 0 to 1.</param>
/// <param name="Fit">How well it fits by these three, 0 to 1.</param>
/// <param name="Share">Share of the image that the mask covers, 0 to 1.</param>
/// <param name="Rival">The best fit of another name, neither wider nor narrower; 0 for none.</param>
/// <param name="Narrower">The best fit of a narrower name; 0 for none.</param>
internal readonly record struct LabelEvidence(
    string Name, bool IsPart, float Presence, float Precision, float Recall, float Fit, double Share, float Rival, float Narrower)
{
    /// <summary>Numbers that <see cref="Write"/> gives.</summary>
    public const int Count = 14;

    private const double LeastShare = 1e-4, LeastProbability = 1e-3, LeastFit = 1e-2;

    /// <summary>The numbers that a judgment weighs.</summary>
    /// <param name="numbers">Takes <see cref="Count"/> of them.</param>
    public void Write(Span<double> numbers)
    {
        double part = IsPart ? 1 : 0, size = Math.Log(Share + LeastShare);
        numbers[0] = Math.Log(Presence + LeastProbability);
        numbers[1] = Math.Log(Precision + LeastProbability);
        numbers[2] = Math.Log(Recall + LeastFit);
        numbers[3] = Fit;
        numbers[4] = part;
        numbers[5] = part * size;
        numbers[6] = size;
        numbers[7] = Math.Log(Rival + LeastFit);
        numbers[8] = Math.Log(Narrower + LeastFit);
        numbers[9] = Fit - Rival;
        numbers[10] = Precision * Precision;
        numbers[11] = Recall * Recall;
        numbers[12] = part * Recall;
        numbers[13] = part * Precision;
    }
}

/// <summary>What speaks for the likeliest labels of a mask; equal to another with the same evidence.</summary>
/// <param name="All">The best fitting names, best first.</param>
internal sealed record LabelChoices(IReadOnlyList<LabelEvidence> All)
{
    /// <summary>Of masks whose labels are not judged so.</summary>
    public static LabelChoices None { get; } = new([]);

    public bool Equals(LabelChoices? other) => other is not null && All.SequenceEqual(other.All);

    public override int GetHashCode() => All.Count;
}
