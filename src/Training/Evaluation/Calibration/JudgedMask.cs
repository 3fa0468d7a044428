using SemanticSam.Masks;

namespace SemanticSam.Training.Evaluation.Calibration;

/// <summary>A mask with what was known of it and what it turned out to be worth.</summary>
/// <param name="Image">Index of the image.</param>
/// <param name="Evidence">What was known of it.</param>
/// <param name="Worth">From 0 to 1; what a judge is to expect.</param>
internal readonly record struct JudgedMask(int Image, MaskEvidence Evidence, double Worth);
