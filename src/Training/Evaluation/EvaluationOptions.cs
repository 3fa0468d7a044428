namespace SemanticSam.Training;

/// <summary>What is evaluated.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Only the first so many pictures; null for all.</summary>
    public int? MaxPictures { get; init; }

    /// <summary>Absent names asked of each picture, of wholes and of parts alike.</summary>
    public int AbsentNames { get; init; } = 4;

    /// <summary>Seed of the choice of absent names.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Clicks that go through the decoder together.</summary>
    public int ClicksPerBatch { get; init; } = 32;
}
