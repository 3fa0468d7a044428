namespace SemanticSam.Training;

/// <summary>Where a training stands.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all; with a limit of time what it leaves room for at the rate of this run.</param>
/// <param name="Rate">The learning rate of the last step.</param>
/// <param name="SecondsPerStep">Mean of this run.</param>
/// <param name="Metrics">Means since the last line of metrics; null between lines.</param>
public sealed record TrainingProgress(long Step, long Steps, double Rate, double SecondsPerStep, IReadOnlyDictionary<string, double>? Metrics)
{
    /// <summary>What is left of a limit of time; null without one.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>Time the remaining steps will take at this rate, and never more than <see cref="TimeLeft"/>.</summary>
    public TimeSpan Left => TimeSpan.FromSeconds(Math.Min((Steps - Step) * SecondsPerStep, TimeLeft?.TotalSeconds ?? double.PositiveInfinity));

    /// <summary>Steps in all, where time may end it before: those of an earlier run, whose machine may have had other work, say nothing of the rest.</summary>
    internal static long StepsInAll(long step, long most, double secondsPerStep, TimeSpan? timeLeft) =>
        timeLeft is { } left && secondsPerStep > 0 ? (long)Math.Min(most, step + Math.Ceiling(left.TotalSeconds / secondsPerStep)) : most;
}
