using SemanticSam.Training.Nano;

namespace SemanticSam.Training;

/// <summary>
/// A model of the embedded model's family ("nano"), from a backbone that knows ImageNet and a frozen sentence encoder. <see cref="TrainingRecipe.Output"/>
/// gets weights, the state to resume from, metrics and a record for the model card, and, when all is done, the folder "model", which
/// <see cref="Engine.SegmentationModel.Load"/> opens.
/// </summary>
public sealed record NanoRecipe : TrainingRecipe
{
    private const int NamesOfSurroundings = 40;

    private static readonly NanoTrainerOptions Defaults = new();

    /// <summary>A recipe with the values of `semsam train --recipe nano`.</summary>
    public NanoRecipe() : base((int)Defaults.Steps, Defaults.Batch, Defaults.Rate, Defaults.Samples.Size) { }

    /// <summary>Weights of a ResNet-18 that was trained on ImageNet, by torchvision's names; safetensors or PyTorch.</summary>
    public required string Backbone { get; init; }

    /// <summary>Folder of the sentence encoder all-MiniLM-L6-v2: model.safetensors and vocab.txt.</summary>
    public required string TextEncoder { get; init; }

    /// <summary>Names with synonyms, kinds and relations, in the form of models/nano/vocabulary.json; null for the embedded model's.</summary>
    public string? Vocabulary { get; init; }

    /// <summary>Weights (nano.safetensors) to start from instead of the backbone's alone; what they lack begins fresh. Null for none.</summary>
    public string? InitialWeights { get; init; }

    /// <summary>
    /// File with further annotations of the set's images, matched by file name, in any format that names its images: names that the set itself does not label.
    /// Null for none.
    /// </summary>
    public string? FurtherAnnotations { get; init; }

    /// <summary>
    /// File as <see cref="FurtherAnnotations"/>, of surroundings (sky, grass, walls): a head of its own learns the names that the set hardly knows without it,
    /// and all that <see cref="InitialWeights"/> know stays as it is, bit for bit. Null for none.
    /// </summary>
    public string? Surroundings { get; init; }

    /// <summary>Largest learning rate of the backbone, not negative; <see cref="TrainingRecipe.LearningRate"/> is that of everything else.</summary>
    public double BackboneRate { get; init; } = Defaults.BackboneRate;

    /// <summary>Steps over which the learning rates rise; not negative.</summary>
    public int WarmUp { get; init; } = Defaults.WarmUp;

    /// <summary>
    /// Time after which the training ends even if steps are left, over all its turns; the rates fall over the last three tenths of it. Null for none.
    /// </summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>
    /// Clicks that are learned from an image; a third as many boxes and masks, and answers that are corrected, come with them. More of them make
    /// a step longer and fewer steps necessary. At least 1; of no account with <see cref="Surroundings"/>.
    /// </summary>
    public int Clicks { get; init; } = Defaults.Samples.Clicks;

    /// <summary>Threads that prepare images beside the step; at least 1.</summary>
    public int Workers { get; init; } = Defaults.Workers;

    /// <summary>Steps between two checkpoints; at least 1.</summary>
    public int CheckpointEvery { get; init; } = Defaults.CheckpointEvery;

    /// <summary>Goes on with the training in <see cref="TrainingRecipe.Output"/>, which has to have the same seed, batch, size, data and files.</summary>
    public bool Resume { get; init; }

    internal NanoTrainerOptions Options => Defaults with
    {
        Steps = Steps, Batch = Batch, Rate = LearningRate, BackboneRate = BackboneRate, WarmUp = WarmUp, TimeLimit = TimeLimit, Seed = Seed, Workers = Workers,
        CheckpointEvery = CheckpointEvery, LogEvery = MetricsEvery, Filter = Filter,
        Samples = Surroundings is null
            ? Defaults.Samples with { Size = Size, Clicks = Clicks, Regions = (Clicks + 2) / 3, Corrections = (Clicks + 2) / 3 }
            : Defaults.Samples with { Size = Size, Names = NamesOfSurroundings, Clicks = 0, Regions = 0, Corrections = 0 },
    };

    internal override Trainer Begin()
    {
        if (Clicks < 1) throw new ArgumentOutOfRangeException(nameof(Clicks), Clicks, "At least one click of an image is needed.");
        if (Surroundings is not null && InitialWeights is null)
            throw new ArgumentException("The head for surroundings is learned beside weights that know the rest: InitialWeights is missing.");
        Options.Validate();
        return NanoTrainer.Create(new(Data, Output, Backbone, TextEncoder, Vocabulary, InitialWeights, FurtherAnnotations, Surroundings), Options,
            OpenDevice(), Resume, Notice ?? (_ => { }), Problem);
    }
}
