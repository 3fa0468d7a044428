namespace SemanticSam.Training.Evaluation;

/// <summary>What is evaluated.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Only so many images, spread evenly over the set; null for all. At least 1.</summary>
    public int? MaxImages { get; init; }

    /// <summary>Absent names asked of each image, of wholes and of parts alike.</summary>
    public int AbsentNames { get; init; } = 4;

    /// <summary>Seed of the choice of absent names.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Clicks that go through the decoder together.</summary>
    public int ClicksPerBatch { get; init; } = 32;
}
