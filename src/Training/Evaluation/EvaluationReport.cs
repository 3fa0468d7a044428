using System.Text.Json.Serialization;

namespace SemanticSam.Training.Evaluation;

/// <summary>A figure beside what the best constant guess reaches on the same data.</summary>
/// <param name="Value">The model's; null where there was nothing to measure.</param>
/// <param name="Constant">The best constant guess's.</param>
/// <param name="Count">What it is the mean of.</param>
public readonly record struct Figure(double? Value, double? Constant, long Count);

/// <summary>What a model reaches on annotated images. IoUs are means over annotations (clicks) or over pairs of image and name (text).</summary>
public sealed record EvaluationReport
{
    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of its weights.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Images evaluated.</summary>
    [JsonPropertyName("pictures")]
    public required int Images { get; init; }

    /// <summary>One click at the innermost pixel: IoU of the best of the six masks, against the best of six discs.</summary>
    public required Figure ClickBestOfSix { get; init; }

    /// <summary>IoU of the mask of highest predicted IoU, against the best single disc.</summary>
    public required Figure ClickByScore { get; init; }

    /// <summary>Best of six on wholes and stuff alone.</summary>
    public required Figure ClickWholes { get; init; }

    /// <summary>Best of six on parts drawn by annotators.</summary>
    public required Figure ClickParts { get; init; }

    /// <summary>Best of six on weak parts.</summary>
    public required Figure ClickWeakParts { get; init; }

    /// <summary>Names of wholes that are present: IoU of the union of the answer's masks with the union of the annotations.</summary>
    public required Figure TextWholes { get; init; }

    /// <summary>Names of parts that are present, weak ones included.</summary>
    public required Figure TextParts { get; init; }

    /// <summary>Names of parts that are present with at least one mask that is not weak.</summary>
    public required Figure TextStrongParts { get; init; }

    /// <summary>Share of absent names for which a mask is returned; always answering gives 1.</summary>
    public required Figure FalsePositives { get; init; }

    /// <summary>Wall seconds an image, encoding and all its prompts.</summary>
    [JsonPropertyName("seconds_per_picture")]
    public required double SecondsPerImage { get; init; }
}
