using SemanticSam.Masks;
using SemanticSam.Training.Evaluation.Protocols;

namespace SemanticSam.Training.Evaluation.Calibration;

/// <summary>A mask whose true names are known, with the labels that it might get.</summary>
/// <param name="Image">Index of the image.</param>
/// <param name="Choices">The labels.</param>
/// <param name="Truth">Of each: 1 for the very name, <see cref="WiderTruth"/> for another that is true of it, 0 for a wrong one.</param>
internal sealed record LabeledMask(int Image, IReadOnlyList<LabelEvidence> Choices, double[] Truth)
{
    /// <summary>Whether a click asked for it; else everything mode found it.</summary>
    public bool IsOfClick { get; init; }

    /// <summary>What a true label is worth that is not the very name.</summary>
    public const double WiderTruth = 0.6;

    public static LabeledMask Of(int image, MaskResult mask, IReadOnlyList<string> names, TrueNames wider) => new(image, mask.LabelEvidence.All,
        [.. mask.LabelEvidence.All.Select(c => names.Contains(c.Name) ? 1 : names.Any(n => wider.IsTrueOf(c.Name, n)) ? WiderTruth : 0)]);
}
