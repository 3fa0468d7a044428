using SemanticSam.Formats;
using SemanticSam.Imaging;

namespace SemanticSam.Training.Evaluation;

/// <summary>A way to measure a model.</summary>
public enum EvaluationProtocol
{
    /// <summary>Names that are there, asked one by one: IoU of their pixels; and names that are not there: whether they are answered.</summary>
    Text,

    /// <summary>COCO's average precision of the instances of names.</summary>
    Instances,

    /// <summary>Panoptic quality (Kirillov et al., arXiv 1801.00868) of wholes and stuff.</summary>
    Panoptic,

    /// <summary>One click at the innermost pixel of each annotation.</summary>
    Clicks,

    /// <summary>Further clicks where the answer is wrong: how many it takes to an IoU of 0.85 and of 0.90.</summary>
    Refinement,

    /// <summary>Everything mode: how many annotations are met, and how many masks meet one.</summary>
    Everything,

    /// <summary>Words that training never saw, against the names it saw for the same things.</summary>
    Words,

    /// <summary>Whether scores are what they promise.</summary>
    Calibration,
}

/// <summary>What is evaluated.</summary>
public sealed record EvaluationOptions
{
    /// <summary>The protocols to run; those that the model cannot answer are left out.</summary>
    public IReadOnlyCollection<EvaluationProtocol> Protocols { get; init; } = Enum.GetValues<EvaluationProtocol>();

    /// <summary>Only so many images, spread evenly over the set; null for all. At least 1.</summary>
    public int? MaxImages { get; init; }

    /// <summary>Absent names asked of each image, of wholes and of parts alike.</summary>
    public int AbsentNames { get; init; } = 3;

    /// <summary>Seed of the choice of absent names.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Clicks that go through the decoder together.</summary>
    public int ClicksPerBatch { get; init; } = 32;

    /// <summary>Images, spread evenly over those evaluated, on which everything mode is measured.</summary>
    public int EverythingImages { get; init; } = 60;

    /// <summary>Annotations of an image, spread evenly over them, that are refined by further clicks.</summary>
    public int RefinedPerImage { get; init; } = 2;

    /// <summary>Most clicks on one annotation; one that never becomes good enough counts as so many.</summary>
    public int MaxClicks { get; init; } = 20;

    /// <summary>Pictures of the worst cases that are kept for each measure.</summary>
    public int WorstCases { get; init; } = 6;

    /// <summary>Told of images that are not there or cannot be decoded, which are left out; null ends the evaluation at the first.</summary>
    public Action<FormatProblem>? Problem { get; init; }

    /// <summary>Limits of images; null for the decoder's own.</summary>
    internal ImageDecoderOptions? Decoding { get; init; }

    /// <summary>Whether masks are gathered to fit judges to: clicks are asked in two places then.</summary>
    internal bool FitsJudges { get; init; }

    /// <summary>Whether masks of everything mode are gathered, too, which takes that mode on each image.</summary>
    internal bool FitsFoundMasks { get; init; }

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range; the message names it.</exception>
    internal void Validate()
    {
        if (MaxImages is { } most) ArgumentOutOfRangeException.ThrowIfLessThan(most, 1, nameof(MaxImages));
        ArgumentOutOfRangeException.ThrowIfNegative(AbsentNames);
        ArgumentOutOfRangeException.ThrowIfLessThan(ClicksPerBatch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(EverythingImages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RefinedPerImage, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxClicks, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(WorstCases);
    }
}
