using System.Text.Json.Serialization;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Results;

/// <summary>How long the steps took, in seconds.</summary>
/// <param name="Load">Loading the model; 0 when it was loaded already.</param>
/// <param name="Encode">Encoding the image.</param>
/// <param name="Decode">Answering the prompts.</param>
internal sealed record StepSeconds(double Load, double Encode, double Decode);

/// <summary>Which model answered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sha256">SHA-256 of its weights, lower-case hex.</param>
internal sealed record ModelIdentity(string Name, string Sha256);

/// <summary>
/// The result JSON of one image, as README documents it: the schema for writing, reading and checking. Members are null where a
/// damaged file lacks them.
/// </summary>
internal sealed record ResultDocument
{
    public ResultImage? Image { get; init; }

    public ModelIdentity? Model { get; init; }

    /// <summary>Left out of files that must not differ from run to run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StepSeconds? Seconds { get; init; }

    /// <summary>What was assumed of the image, and of what was asked, a sentence each; left out where there is nothing to say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Notices { get; init; }

    public IReadOnlyList<ResultAnnotation?>? Annotations { get; init; }
}

/// <summary>The image's name and size.</summary>
internal sealed record ResultImage(string? FileName, int? Width, int? Height);

/// <summary>One mask. Ids are places in the list, from 1; names follow SA-1B where it has one.</summary>
internal record ResultAnnotation
{
    public int? Id { get; init; }

    public ResultMask? Segmentation { get; init; }

    /// <summary>[x, y, width, height].</summary>
    public int[]? Bbox { get; init; }

    public int? Area { get; init; }

    /// <summary>Null where there is none: JSON has no NaN.</summary>
    public float? PredictedIou { get; init; }

    public float? StabilityScore { get; init; }

    /// <summary>One of the six levels by name.</summary>
    public string? Level { get; init; }

    /// <summary>The same by number, 1 to 6.</summary>
    public int? LevelIndex { get; init; }

    public ResultLabel? Whole { get; init; }

    public ResultLabel? Part { get; init; }

    /// <summary>Id of the enclosing mask.</summary>
    public int? Parent { get; init; }

    public int? Prompt { get; init; }

    /// <summary>[[x, y]], the click that found it in everything mode.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double[][]? PointCoords { get; init; }
}

/// <summary>COCO's compressed run lengths.</summary>
/// <param name="Size">[height, width].</param>
/// <param name="Counts">The runs as text.</param>
internal sealed record ResultMask(int[]? Size, string? Counts)
{
    /// <summary>The mask.</summary>
    /// <exception cref="FormatException">Size or runs are missing or damaged.</exception>
    public Rle ToRle() => Size is [> 0 and <= FormatLimits.LargestSide and var height, > 0 and <= FormatLimits.LargestSide and var width]
        && (long)height * width <= FormatLimits.LargestArea
        ? Rle.FromCompressedString(height, width, Counts ?? throw new FormatException("Key 'counts' is missing."))
        : throw new FormatException($"Size is [{string.Join(", ", Size ?? [])}]; [height, width] is expected.");
}

/// <summary>A name with its score.</summary>
internal sealed record ResultLabel(string? Label, float? Score);

/// <summary>Reads the schema without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ResultDocument))]
internal sealed partial class ResultReadingContext : JsonSerializerContext;

/// <summary>
/// Writes it. Writing alone needs none of the converters of reading, which are compiled when they are first used: some hundred methods before a first result.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ResultDocument))]
internal sealed partial class ResultWritingContext : JsonSerializerContext;
