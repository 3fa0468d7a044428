using SemanticSam.Decoders;

namespace SemanticSam.Pipelines;

/// <summary>How to segment everything with a model of the Semantic-SAM family. The defaults are the published ones but for isolation.</summary>
public sealed record MaskGeneratorOptions
{
    /// <summary>Clicks along each side of the grid.</summary>
    public int PointsPerSide { get; init; } = 32;

    /// <summary>Clicks relative to the picture's sides, 0..1, instead of a grid; null for the grid.</summary>
    public IReadOnlyList<(double X, double Y)>? Points { get; init; }

    /// <summary>Clicks that go through the decoder together.</summary>
    public int PointsPerBatch { get; init; } = 200;

    /// <summary>Levels wanted; null for all six.</summary>
    public IReadOnlyList<Granularity>? Levels { get; init; }

    /// <summary>Masks of a predicted quality not above this are dropped.</summary>
    public double PredictedIouThreshold { get; init; } = 0.88;

    /// <summary>Masks of a stability below this are dropped.</summary>
    public double StabilityThreshold { get; init; } = 0.92;

    /// <summary>How far the cut is moved either way to measure stability.</summary>
    public double StabilityOffset { get; init; } = 1;

    /// <summary>Of two masks whose boxes overlap by more than this IoU, the better stays.</summary>
    public double BoxNmsThreshold { get; init; } = 0.7;

    /// <summary>As <see cref="BoxNmsThreshold"/> between crops; of one crop, the larger of the two holds after small regions were corrected.</summary>
    public double CropNmsThreshold { get; init; } = 0.7;

    /// <summary>Holes and islands smaller than this many pixels are corrected; 0 for none.</summary>
    public int MinRegionArea { get; init; } = 10;

    /// <summary>
    /// Whether clicks of a batch influence each other. The published generator has them joint, so that its masks depend on the
    /// batch size; here they are isolated unless asked otherwise.
    /// </summary>
    public PromptIsolation Isolation { get; init; } = PromptIsolation.Isolated;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(PointsPerBatch);
        ArgumentOutOfRangeException.ThrowIfNegative(MinRegionArea);
        if (Points is null) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(PointsPerSide);
        foreach (var (x, y) in Points ?? [])
            if (x is not (>= 0 and <= 1) || y is not (>= 0 and <= 1))
                throw new ArgumentOutOfRangeException(nameof(Points), (x, y), "Points are relative to the picture's sides: 0 to 1.");
        if (Levels is { Count: 0 })
            throw new ArgumentOutOfRangeException(nameof(Levels), Levels.Count, "Ask for at least one level, or null for all.");
    }
}
