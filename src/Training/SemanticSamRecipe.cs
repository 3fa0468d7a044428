using SemanticSam.Training.Runs;

namespace SemanticSam.Training;

/// <summary>
/// A Semantic-SAM that answers clicks, boxes and names, from a model of the kind. <see cref="TrainingRecipe.Output"/> is a model folder from the first
/// checkpoint on, and holds the state to resume from.
/// </summary>
public sealed record SemanticSamRecipe : TrainingRecipe
{
    private static readonly TrainerOptions Defaults = new();

    /// <summary>A recipe with the values of `semsam train --recipe semantic-sam`.</summary>
    public SemanticSamRecipe() : base(Defaults.Steps, Defaults.Batch, Defaults.LearningRate, Defaults.Size) =>
        (MetricsEvery, Seed) = (Defaults.MetricsEvery, Defaults.Seed);

    /// <summary>Folder of the model to start from; or, with <see cref="Fresh"/>, whose sizes and words to take.</summary>
    public required string Model { get; init; }

    /// <summary>Draws all weights anew. Default: false.</summary>
    public bool Fresh { get; init; }

    /// <summary>Steps over which the learning rate rises, before it falls as half a cosine; not negative.</summary>
    public int WarmUp { get; init; } = Defaults.WarmUp;

    /// <summary>Share of the largest learning rate that is left at the end, 0 to 1.</summary>
    public double FinalRate { get; init; } = Defaults.FinalRate;

    /// <summary>Decay of matrices and kernels; norms, biases and embeddings do not decay.</summary>
    public double WeightDecay { get; init; } = Defaults.WeightDecay;

    /// <summary>Largest norm of all gradients together.</summary>
    public double ClipNorm { get; init; } = Defaults.ClipNorm;

    /// <summary>Share of the average of the weights that stays in each step, at most, 0 to below 1; smaller at the start.</summary>
    public double AverageDecay { get; init; } = Defaults.AverageDecay;

    /// <summary>Steps between two checkpoints; at least 1.</summary>
    public int CheckpointEvery { get; init; } = Defaults.CheckpointEvery;

    /// <summary>Goes on with the training in <see cref="TrainingRecipe.Output"/>, which has to have the same seed, batch, size, model and data.</summary>
    public bool Resume { get; init; }

    internal TrainerOptions Options => new()
    {
        Steps = Steps, Batch = Batch, LearningRate = LearningRate, Size = Size, Seed = Seed, WarmUp = WarmUp, FinalRate = FinalRate, WeightDecay = WeightDecay,
        ClipNorm = ClipNorm, AverageDecay = AverageDecay, CheckpointEvery = CheckpointEvery, MetricsEvery = MetricsEvery, Fresh = Fresh,
        Images = Filter.Takes,
    };

    internal override Trainer Begin() => SemanticSamTrainer.Create(Data, Output, Options, Model, Resume, OpenDevice(), Problem);
}
