using SemanticSam.Engine;
using SemanticSam.Formats;
using SemanticSam.Training.Data;

namespace SemanticSam.Training;

/// <summary>
/// What is trained, from what, and how: what all recipes have. Each recipe has values of its own for what is not set.
/// </summary>
public abstract record TrainingRecipe
{
    private protected TrainingRecipe(int steps, int batch, double learningRate, int size) =>
        (Steps, Batch, LearningRate, Size) = (steps, batch, learningRate, size);

    /// <summary>The annotated images: a folder laid out as <see cref="WholePartDataset.LoadSplit"/> reads it, of which the split "train" is taken.</summary>
    public required string Data { get; init; }

    /// <summary>Folder for what comes out.</summary>
    public required string Output { get; init; }

    /// <summary>Steps in all, those of an interrupted run included; at least 1.</summary>
    public int Steps { get; init; }

    /// <summary>Images a step; at least 1.</summary>
    public int Batch { get; init; }

    /// <summary>Largest learning rate; above 0.</summary>
    public double LearningRate { get; init; }

    /// <summary>Side of the square on which images are learned, in pixels; a multiple of 32 from 64 on.</summary>
    public int Size { get; init; }

    /// <summary>Decides order, samples and fresh weights.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Where to compute, as <see cref="ModelOptions.Device"/>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>
    /// Which images to learn from; null takes all but those whose license (<see cref="AnnotatedImage.License"/>) is "research" or "research-upstream".
    /// </summary>
    public Func<AnnotatedImage, bool>? Images { get; init; }

    /// <summary>Steps between two reports with metrics; at least 1.</summary>
    public int MetricsEvery { get; init; } = 20;

    /// <summary>Told of what of the annotations is repaired, left out or assumed; null refuses them at the first fault.</summary>
    public Action<FormatProblem>? Problem { get; init; }

    /// <summary>Told, in sentences for a person, what there is to know before the first step.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>Which images, by their licenses; <see cref="Images"/> goes before.</summary>
    internal DatasetFilter Licenses { get; init; } = DatasetFilter.NotResearch;

    internal DatasetFilter Filter => Images is null ? Licenses : new() { Chosen = Images };

    /// <summary>Makes ready to train.</summary>
    internal abstract Trainer Begin();

    /// <summary>The device, with its libtorch at work.</summary>
    internal TorchSharp.torch.Device OpenDevice() => new ModelOptions { Device = Device }.Open();
}
