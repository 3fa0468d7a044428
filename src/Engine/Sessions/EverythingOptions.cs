namespace SemanticSam;

/// <summary>How everything in a picture is segmented: a grid of clicks, filtered. Null takes the model's own setting.</summary>
public sealed record EverythingOptions
{
    /// <summary>Levels wanted; null for all six.</summary>
    public IReadOnlyList<Granularity>? Levels { get; init; }

    /// <summary>Clicks along each side of the picture; 1 to 128.</summary>
    public int? PointsPerSide { get; init; }

    /// <summary>Clicks that go through the decoder together; 1 to 1024.</summary>
    public int PointsPerBatch { get; init; } = 64;

    /// <summary>Masks of a lower predicted IoU are dropped.</summary>
    public double? PredictedIouThreshold { get; init; }

    /// <summary>Masks of a lower stability score are dropped; 0 to 1.</summary>
    public double? StabilityThreshold { get; init; }

    /// <summary>Of two masks whose IoU exceeds this the one of lower predicted IoU is dropped; 0 to 1.</summary>
    public double NmsThreshold { get; init; } = 0.7;

    /// <summary>Masks smaller than this many pixels are dropped, holes and islands smaller than it removed.</summary>
    public int MinRegionArea { get; init; } = 16;

    /// <summary>Labels; see <see cref="SegmentOptions.Vocabulary"/>.</summary>
    public IReadOnlyList<string>? Vocabulary { get; init; }

    /// <summary>See <see cref="SegmentOptions.LabelThreshold"/>.</summary>
    public double? LabelThreshold { get; init; }

    internal void Validate()
    {
        if (PointsPerSide is { } n && n is < 1 or > 128)
            throw new ArgumentOutOfRangeException(nameof(PointsPerSide), PointsPerSide, "The grid has 1 to 128 points a side.");
        if (PointsPerBatch is < 1 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(PointsPerBatch), PointsPerBatch, "A batch has 1 to 1024 points.");
        if (!(NmsThreshold is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(NmsThreshold), NmsThreshold, "An IoU is between 0 and 1.");
        ArgumentOutOfRangeException.ThrowIfNegative(MinRegionArea);
    }
}
