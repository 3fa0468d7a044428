namespace SemanticSam.Training.Objectives;

/// <summary>Weights of the losses.</summary>
internal sealed record ObjectiveOptions
{
    /// <summary>Cross-entropy of masks.</summary>
    public double CrossEntropy { get; init; } = 5;

    /// <summary>Dice of masks.</summary>
    public double Dice { get; init; } = 5;

    /// <summary>Distance of boxes.</summary>
    public double BoxL1 { get; init; } = 5;

    /// <summary>Generalized IoU of boxes.</summary>
    public double BoxGiou { get; init; } = 2;

    /// <summary>Classes of object queries.</summary>
    public double Class { get; init; } = 4;

    /// <summary>All box losses together beside the masks'.</summary>
    public double Boxes { get; init; } = 1;

    /// <summary>
    /// Where tokens have sizes of their own: cost of giving a mask to a token of another size, times the difference of the sizes' logarithms.
    /// </summary>
    public double TokenSize { get; init; } = 4;

    /// <summary>Where tokens have sizes of their own: what mask and box still count in the matching of a click.</summary>
    public double BesideTokenSize { get; init; } = 0.05;

    /// <summary>Error of the predicted IoU.</summary>
    public double Iou { get; init; } = 12;

    /// <summary>Presence of names, relative to <see cref="Class"/>.</summary>
    public double Presence { get; init; } = 3;

    /// <summary>Classes of prompts' masks, relative to <see cref="Class"/>.</summary>
    public double PromptClass { get; init; } = 0.5;

    /// <summary>Layers before the last.</summary>
    public double EarlierLayers { get; init; } = 0.6;

    /// <summary>What the selection itself predicts.</summary>
    public double Selection { get; init; } = 0.25;

    /// <summary>Masks of object queries beside those of prompts, which are 1.</summary>
    public double ObjectMask { get; init; } = 0.6;

    /// <summary>Masks of present names.</summary>
    public double PresentNameMask { get; init; } = 1.5;

    /// <summary>Masks of absent names, which are empty.</summary>
    public double AbsentNameMask { get; init; } = 0.3;
}
