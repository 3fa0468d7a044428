namespace SemanticSam.Training;

/// <summary>Where a training stands.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all; with a limit of time an estimate from what is done.</param>
/// <param name="Rate">The learning rate of the last step.</param>
/// <param name="SecondsPerStep">Mean of this run.</param>
/// <param name="Metrics">Means since the last line of metrics; null between lines.</param>
public sealed record TrainingProgress(long Step, long Steps, double Rate, double SecondsPerStep, IReadOnlyDictionary<string, double>? Metrics)
{
    /// <summary>What is left of a limit of time; null without one.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>Time the remaining steps will take at this rate, and never more than <see cref="TimeLeft"/>.</summary>
    public TimeSpan Left => TimeSpan.FromSeconds(Math.Min((Steps - Step) * SecondsPerStep, TimeLeft?.TotalSeconds ?? double.PositiveInfinity));
}
