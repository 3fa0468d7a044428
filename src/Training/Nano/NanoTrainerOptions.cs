using SemanticSam.Granularity.Nano;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Nano;

/// <summary>How the embedded model is trained.</summary>
internal sealed record NanoTrainerOptions
{
    /// <summary>Steps in all.</summary>
    public long Steps { get; init; } = 20000;

    /// <summary>
    /// Time after which a training ends even if steps are left, measured over all its turns; null for none. Rates fall by whichever of steps
    /// and time is further on, so that a training of an unknown speed ends as cooled as one of counted steps.
    /// </summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Images a step.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>Decides order, samples and fresh weights.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Largest rate of the backbone.</summary>
    public double BackboneRate { get; init; } = 1.5e-4;

    /// <summary>Largest rate of everything else.</summary>
    public double Rate { get; init; } = 8e-4;

    /// <summary>Steps over which the rates rise.</summary>
    public int WarmUp { get; init; } = 100;

    /// <summary>Share of the steps, at the end, over which the rates fall to <see cref="LastRate"/>; until then they stay, so that a run may be
    /// prolonged.</summary>
    public double Cooling { get; init; } = 0.3;

    /// <summary>What remains of the rates at the end.</summary>
    public double LastRate { get; init; } = 0.01;

    /// <summary>Decay of weights with two dimensions or more.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Longer gradients are cut to this length.</summary>
    public double MostGradient { get; init; } = 5;

    /// <summary>What a step leaves of the moving average of the weights.</summary>
    public double AverageDecay { get; init; } = 0.998;

    /// <summary>Whether the stem and the first stage of the backbone learn too.</summary>
    public bool TrainsFirstStage { get; init; }

    /// <summary>Threads that put batches together beside the step.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Steps between two checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 250;

    /// <summary>Steps between two pictures of what the model answers.</summary>
    public int PictureEvery { get; init; } = 500;

    /// <summary>Steps between two lines of metrics.</summary>
    public int LogEvery { get; init; } = 20;

    /// <summary>Sources to learn from.</summary>
    public DatasetFilter Filter { get; init; } = DatasetFilter.NotResearch;

    /// <summary>How samples are drawn.</summary>
    public NanoSampleOptions Samples { get; init; } = new();

    /// <summary>Sizes of the network.</summary>
    internal NanoConfig Model { get; init; } = NanoConfig.Trained;

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range; the message names it.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Batch, 1);
        if (TimeLimit is { } limit) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, nameof(TimeLimit));
        ArgumentOutOfRangeException.ThrowIfNegative(Samples.Clicks, nameof(Samples.Clicks));
        ArgumentOutOfRangeException.ThrowIfLessThan(Workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(CheckpointEvery, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LogEvery, 1);
        if (Samples.Size < 64 || Samples.Size % NanoModel.Multiple != 0)
            throw new ArgumentOutOfRangeException(nameof(Samples), Samples.Size, $"The size has to be a multiple of {NanoModel.Multiple} of at least 64.");
        foreach (var (name, rate) in new[] { (nameof(Rate), Rate), (nameof(BackboneRate), BackboneRate) })
            if (!(rate >= 0 && double.IsFinite(rate))) throw new ArgumentOutOfRangeException(name, rate, "A learning rate is not negative.");
    }

    /// <summary>The largest rate of a weight.</summary>
    internal double RateOf(string name) => name.StartsWith(NanoModel.BackbonePrefix, StringComparison.Ordinal) ? BackboneRate : Rate;

    /// <summary>How much of a training is done, 0 to 1: of its steps or of its time, whichever is more.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="elapsed">Time spent on them.</param>
    internal double Done(long step, TimeSpan elapsed) => Math.Min(1, Math.Max((double)step / Steps, TimeLimit is { } limit ? elapsed / limit : 0));

    /// <summary>What the rates are multiplied by in a step.</summary>
    /// <param name="step">Steps before it.</param>
    /// <param name="elapsed">Time before it; matters only with a <see cref="TimeLimit"/>.</param>
    internal double Factor(long step, TimeSpan elapsed = default)
    {
        double rising = Math.Min(1, (step + 1.0) / WarmUp), start = 1 - Cooling;
        double cooled = Cooling > 0 ? Math.Max(0, Done(step, elapsed) - start) / Cooling : 0;
        return rising * (1 - (1 - LastRate) * cooled);
    }
}
