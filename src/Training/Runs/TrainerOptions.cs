using SemanticSam.Formats;
using SemanticSam.Training.Objectives;
using SemanticSam.Training.Samples;

namespace SemanticSam.Training.Runs;

/// <summary>What a training of a Semantic-SAM does; a tuning takes rates, seed and averaging from it.</summary>
internal sealed record TrainerOptions
{
    /// <summary>Steps in all, those of an interrupted run included.</summary>
    public int Steps { get; init; } = 8000;

    /// <summary>Images a step.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>Largest learning rate, reached after <see cref="WarmUp"/> steps; then it falls as half a cosine.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Steps over which the learning rate rises.</summary>
    public int WarmUp { get; init; } = 200;

    /// <summary>Share of the largest learning rate that is left at the end.</summary>
    public double FinalRate { get; init; } = 0.02;

    /// <summary>Decay of matrices and kernels; norms, biases and embeddings do not decay.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Largest norm of all gradients together.</summary>
    public double ClipNorm { get; init; } = 5;

    /// <summary>Share of the average of the weights that stays in each step, at most; smaller at the start.</summary>
    public double AverageDecay { get; init; } = 0.998;

    /// <summary>Steps between two checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 250;

    /// <summary>Steps between two lines of metrics.jsonl.</summary>
    public int MetricsEvery { get; init; } = 50;

    /// <summary>Takes only sizes and words of the model to start from, and draws its weights anew. Default: false.</summary>
    public bool Fresh { get; init; }

    /// <summary>Decides the order of the images, the samples, and fresh weights.</summary>
    public int Seed { get; init; }

    /// <summary>Which images to learn from; null takes all but those whose license (<see cref="AnnotatedImage.License"/>) is "research" or
    /// "research-upstream".</summary>
    public Func<AnnotatedImage, bool>? Images { get; init; }

    /// <summary>Side of the square canvas on which images are learned, in pixels; a multiple of 32 from 64 on.</summary>
    public int Size
    {
        get => Samples.Size;
        init => Samples = Samples with { Size = value };
    }

    /// <summary>How samples are made.</summary>
    internal SampleOptions Samples { get; init; } = new();

    /// <summary>Weights of the losses.</summary>
    internal ObjectiveOptions Objective { get; init; } = new();

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">From 0.</param>
    public double RateOf(long step)
    {
        double cosine = 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, (double)step / Steps)));
        return LearningRate * Math.Min(1, (step + 1.0) / Math.Max(WarmUp, 1)) * (cosine * (1 - FinalRate) + FinalRate);
    }

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Batch, 1);
        if (!(LearningRate > 0 && double.IsFinite(LearningRate)))
            throw new ArgumentOutOfRangeException(nameof(LearningRate), LearningRate, "The learning rate has to be positive.");
        ArgumentOutOfRangeException.ThrowIfNegative(WarmUp);
        if (!(FinalRate is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(FinalRate), FinalRate, "The share has to be 0 to 1.");
        foreach (var (name, value) in new[] { (nameof(WeightDecay), WeightDecay), (nameof(ClipNorm), ClipNorm) })
            if (!(value >= 0 && double.IsFinite(value))) throw new ArgumentOutOfRangeException(name, value, "The number has to be finite and not negative.");
        if (!(AverageDecay is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(AverageDecay), AverageDecay, "The share has to be 0 to below 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(CheckpointEvery, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MetricsEvery, 1);
        Samples.Validate();
    }
}
