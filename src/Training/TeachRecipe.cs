using SemanticSam.Foundation;
using SemanticSam.Training.Data;
using SemanticSam.Training.Nano.Teaching;

namespace SemanticSam.Training;

/// <summary>
/// Further names for a model of the embedded model's family, from some 20 to 200 annotated images, without forgetting those that it knows.
/// <see cref="TrainingRecipe.Data"/> may also be a file or folder of annotations of any format that is read; every name has to be annotated wherever it is.
/// <see cref="TrainingRecipe.Output"/> becomes a model folder, with what each name reached before and after on images kept aside (taught.json).
/// </summary>
/// <remarks>The last report of a run has the means over these names among its metrics: "iou_before", "iou_after".</remarks>
public sealed record TeachRecipe : TrainingRecipe
{
    private static readonly TeachOptions Defaults = new();

    /// <summary>A recipe with the values of `semsam train --recipe teach`.</summary>
    public TeachRecipe() : base(Defaults.Steps, Defaults.Batch, Defaults.Rate, Defaults.Size) { }

    /// <summary>
    /// The model to teach: a model folder, or the output folder of a <see cref="NanoRecipe"/> with <see cref="TextEncoder"/>; null for the embedded model.
    /// It stays as it is.
    /// </summary>
    public string? Model { get; init; }

    /// <summary>Folder of the sentence encoder, for a model that does not hold it; else null.</summary>
    public string? TextEncoder { get; init; }

    /// <summary>Folder of the images; null for 'images' beside the annotations, else the folder they lie in.</summary>
    public string? ImageFolder { get; init; }

    /// <summary>One image in so many is not learned from but measured on; 0 for none.</summary>
    public int KeepAside { get; init; } = Defaults.KeptAside;

    /// <summary>Whether the pixels' side stands still, so that nothing about known names can change. Default: false.</summary>
    public bool WordsOnly { get; init; }

    /// <summary>Threads that prepare images beside the step; at least 1.</summary>
    public int Workers { get; init; } = Defaults.Workers;

    internal TeachOptions Options => Defaults with
    {
        Steps = Steps, Batch = Batch, Rate = LearningRate, Size = Size, Seed = Seed, KeptAside = KeepAside, TeachesPixels = !WordsOnly, Workers = Workers,
        LogEvery = MetricsEvery,
    };

    internal override Trainer Begin()
    {
        Options.Validate();
        if (Model is not null && Path.GetFullPath(Output) == Path.GetFullPath(Model))
            throw new ArgumentException($"The output '{Output}' is the model that is taught; name another folder, so that it can be gone back to.",
                nameof(Output));
        AtomicFolder.Require(Output); // it is made at the end, after all the work
        var readable = new ReadableImages(Problem);
        var data = TeachData.Of(readable.Of(WholePartDataset.LoadAny(Data, ImageFolder, Problem).Where(Filter.Takes)), KeepAside);
        return new Teacher(new TaughtModel(Model, TextEncoder), data, Options, OpenDevice(), Output, readable);
    }
}
