namespace SemanticSam.Masks;

/// <summary>
/// What decides which masks of a grid of clicks are kept (<c>SamAutomaticMaskGenerator</c> of segment-anything; arXiv 2304.02643, appendix B). The
/// one definition for options, models and families: what is null here is taken from the next below, by <see cref="Over"/>.
/// </summary>
public record MaskThresholds
{
    /// <summary>SAM's automatic mask generator; complete.</summary>
    public static MaskThresholds Sam { get; } = new()
    {
        PredictedIouThreshold = 0.88, StabilityThreshold = 0.95, StabilityOffset = 1, MaskThreshold = 0,
        Overlap = OverlapMeasure.Boxes, NmsThreshold = 0.7, CropNmsThreshold = 0.7, LabelNmsThreshold = 1, MinRegionArea = 0, MinMaskArea = 0,
    };

    /// <summary>Semantic-SAM's automatic mask generator; complete.</summary>
    public static MaskThresholds SemanticSam { get; } = Sam with { StabilityThreshold = 0.92, MinRegionArea = 10 };

    /// <summary>
    /// Masks need a greater predicted IoU. SAM, Semantic-SAM: 0.88. What fails is never drawn. With SAM, 0 or less keeps all; Semantic-SAM's
    /// generator compares whatever the threshold is (<see cref="ThresholdRule"/>).
    /// </summary>
    public double? PredictedIouThreshold { get; init; }

    /// <summary>
    /// Masks need at least this stability score (<see cref="MaskResult.StabilityScore"/>); at most 1. SAM: 0.95, Semantic-SAM: 0.92. With SAM, 0 or
    /// less keeps all; Semantic-SAM's generator then still drops masks whose stability is not a number, which are empty.
    /// </summary>
    public double? StabilityThreshold { get; init; }

    /// <summary>How far the cut is moved either way to measure stability, in logits; at least 0. Both: 1.</summary>
    public double? StabilityOffset { get; init; }

    /// <summary>Logits above are foreground. Both: 0.</summary>
    public double? MaskThreshold { get; init; }

    /// <summary>
    /// How duplicates are detected. The references compare boxes. The embedded model compares masks: at its coarse resolution parts and wholes
    /// nearly share boxes (a torso fills the box of its person), and box suppression would drop one of them.
    /// </summary>
    public OverlapMeasure? Overlap { get; init; }

    /// <summary>Of two masks of one crop whose overlap (IoU) exceeds this, the one of lower predicted IoU is dropped; 0 to 1. Both: 0.7.</summary>
    public double? NmsThreshold { get; init; }

    /// <summary>As <see cref="NmsThreshold"/> between crops, where masks of smaller crops win; 0 to 1. Both: 0.7.</summary>
    public double? CropNmsThreshold { get; init; }

    /// <summary>
    /// As <see cref="NmsThreshold"/> for two masks of one crop with the same label, which are seldom two things; 0 to 1. Both: 1, which
    /// drops none, since their masks have no labels; the embedded model: 0.6.
    /// </summary>
    public double? LabelNmsThreshold { get; init; }

    /// <summary>
    /// Holes and islands of fewer pixels are corrected, and corrected masks must not repeat others; 0 leaves them. SAM: 0, Semantic-SAM: 10.
    /// A mask that is small altogether stays, as in the reference.
    /// </summary>
    public int? MinRegionArea { get; init; }

    /// <summary>Masks of fewer pixels are dropped; 0 keeps all. Both: 0.</summary>
    public int? MinMaskArea { get; init; }

    /// <summary>These thresholds, with what they leave open taken from others.</summary>
    /// <param name="defaults">What decides where this is null.</param>
    public MaskThresholds Over(MaskThresholds defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        return new()
        {
            PredictedIouThreshold = PredictedIouThreshold ?? defaults.PredictedIouThreshold,
            StabilityThreshold = StabilityThreshold ?? defaults.StabilityThreshold,
            StabilityOffset = StabilityOffset ?? defaults.StabilityOffset,
            MaskThreshold = MaskThreshold ?? defaults.MaskThreshold,
            Overlap = Overlap ?? defaults.Overlap,
            NmsThreshold = NmsThreshold ?? defaults.NmsThreshold,
            CropNmsThreshold = CropNmsThreshold ?? defaults.CropNmsThreshold,
            LabelNmsThreshold = LabelNmsThreshold ?? defaults.LabelNmsThreshold,
            MinRegionArea = MinRegionArea ?? defaults.MinRegionArea,
            MinMaskArea = MinMaskArea ?? defaults.MinMaskArea,
        };
    }

    /// <summary>Refuses what is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is; its name is the parameter's.</exception>
    internal void ValidateThresholds()
    {
        Require(PredictedIouThreshold, double.IsFinite, "A threshold is a finite number.", nameof(PredictedIouThreshold));
        Require(StabilityThreshold, v => v <= 1, "A stability is at most 1.", nameof(StabilityThreshold));
        Require(StabilityOffset, v => v >= 0 && double.IsFinite(v), "The offset is a finite number that is not negative.", nameof(StabilityOffset));
        Require(MaskThreshold, double.IsFinite, "A threshold is a finite number.", nameof(MaskThreshold));
        Require(Overlap, Enum.IsDefined, $"Overlap is one of {string.Join(", ", Enum.GetNames<OverlapMeasure>())}.", nameof(Overlap));
        Require(NmsThreshold, v => v is >= 0 and <= 1, "An IoU is between 0 and 1.", nameof(NmsThreshold));
        Require(CropNmsThreshold, v => v is >= 0 and <= 1, "An IoU is between 0 and 1.", nameof(CropNmsThreshold));
        Require(LabelNmsThreshold, v => v is >= 0 and <= 1, "An IoU is between 0 and 1.", nameof(LabelNmsThreshold));
        Require(MinRegionArea, v => v >= 0, "An area is not negative.", nameof(MinRegionArea));
        Require(MinMaskArea, v => v >= 0, "An area is not negative.", nameof(MinMaskArea));

        static void Require<T>(T? value, Func<T, bool> holds, string otherwise, string name) where T : struct
        {
            if (value is { } v && !holds(v)) throw new ArgumentOutOfRangeException(name, v, otherwise);
        }
    }
}
