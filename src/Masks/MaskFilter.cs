using System.Runtime.CompilerServices;

namespace SemanticSam.Masks;

/// <summary>What a threshold of 0 or less means; the families differ.</summary>
internal enum ThresholdRule
{
    /// <summary>SAM's generator: it is off, and all masks pass.</summary>
    OffAtZero,

    /// <summary>Semantic-SAM's generator: it is compared like any other, so that scores that are not above it, or not a number, still fail.</summary>
    AlwaysOn,
}

/// <summary>
/// What SAM's and Semantic-SAM's automatic mask generators ask of each mask (<c>automatic_mask_generator.py</c>). What they ask of masks
/// together is the business of <see cref="MaskGatherer"/>.
/// </summary>
internal sealed class MaskFilter
{
    private readonly ThresholdRule _rule;
    private readonly float _predictedIou, _stability; // single precision, as the references compare
    private readonly double _stabilityOffset, _maskThreshold;
    private readonly int _minMaskArea;

    /// <param name="thresholds">Complete.</param>
    /// <param name="rule">The family's.</param>
    /// <exception cref="ArgumentException">A threshold is left open.</exception>
    public MaskFilter(MaskThresholds thresholds, ThresholdRule rule)
    {
        (Thresholds, _rule) = (thresholds, rule);
        _predictedIou = (float)Required(thresholds.PredictedIouThreshold);
        _stability = (float)Required(thresholds.StabilityThreshold);
        _stabilityOffset = Required(thresholds.StabilityOffset);
        _maskThreshold = Required(thresholds.MaskThreshold);
        _minMaskArea = Required(thresholds.MinMaskArea);
    }

    /// <summary>What it was made of.</summary>
    public MaskThresholds Thresholds { get; }

    /// <summary>This filter with other thresholds.</summary>
    public MaskFilter With(MaskThresholds thresholds) => new(thresholds.Over(Thresholds), _rule);

    /// <summary>True when the predicted IoU alone does not rule a mask out; then its logits are worth computing.</summary>
    public bool IsPromising(float predictedIou) => IsOff(_predictedIou) || predictedIou > _predictedIou;

    /// <summary>
    /// Turns the logits of a promising mask into a mask of the image, or null if it is too unstable or too small, or if it was cut by a
    /// side of the crop. Only the pixels where the mask may be are computed.
    /// </summary>
    /// <param name="low">At the decoder's resolution, row-major.</param>
    /// <param name="upsampler">From there to the crop's size.</param>
    /// <param name="predictedIou">The decoder's estimate.</param>
    /// <param name="crop">Where in the image the plane lies.</param>
    /// <param name="image">The whole image.</param>
    public MaskResult? Accept(ReadOnlySpan<float> low, MaskUpsampler upsampler, float predictedIou, BoxI crop, BoxI image)
    {
        var (mask, stability) = upsampler.Cut(low, _maskThreshold, _stabilityOffset, crop, image.Height, image.Width);
        if (!IsOff(_stability) && !(stability >= _stability)) return null; // NaN goes, too
        if (mask.Area < _minMaskArea) return null;
        // The reference's box of an empty mask is zero in pixels of the crop.
        var inCrop = mask.IsEmpty ? default : CropBoxes.Uncrop(mask.InclusiveBox, new(-crop.Left, -crop.Top, 0, 0));
        if (CropBoxes.IsNearCropEdge(inCrop, crop, image)) return null;
        return new() { Mask = mask, PredictedIou = predictedIou, StabilityScore = stability };
    }

    private bool IsOff(float threshold) => _rule == ThresholdRule.OffAtZero && !(threshold > 0);

    internal static T Required<T>(T? value, [CallerArgumentExpression(nameof(value))] string name = "") where T : struct =>
        value ?? throw new ArgumentException($"{name} is left open: no family's thresholds lie below these.");
}
