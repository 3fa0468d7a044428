using SemanticSam.Masks;

namespace SemanticSam.Training.Evaluation.Calibration;

/// <summary>A mask with what was known of it and what it turned out to be worth.</summary>
/// <param name="Image">Index of the image.</param>
/// <param name="Numbers">What was known of it, as a judgment weighs it.</param>
/// <param name="Worth">From 0 to 1; what a judge is to expect.</param>
internal readonly record struct JudgedMask(int Image, double[] Numbers, double Worth)
{
    /// <summary>A mask that is judged alone.</summary>
    public static JudgedMask Alone(int image, MaskEvidence evidence, double worth)
    {
        var numbers = new double[MaskEvidence.Count];
        evidence.Write(numbers);
        return new(image, numbers, worth);
    }

    /// <summary>A mask that is judged among those of the same click.</summary>
    public static JudgedMask Among(int image, MaskEvidence evidence, ReadOnlySpan<MaskEvidence> all, double worth)
    {
        var numbers = new double[MaskEvidence.CountAmong];
        evidence.WriteAmong(all, numbers);
        return new(image, numbers, worth);
    }
}
