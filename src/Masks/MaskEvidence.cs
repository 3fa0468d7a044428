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
    public const int Count = 14;

    private const double LeastShare = 1e-4, LeastOdds = 1e-4;

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
        numbers[8 + (int)Level - 1] = 1;
    }
}
