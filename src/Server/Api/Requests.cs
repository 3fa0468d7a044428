using System.ComponentModel;
using System.Text.Json.Serialization;

namespace SemanticSam.Server.Api;

/// <summary>An image: exactly one of its members.</summary>
internal sealed record ImageRequest
{
    [Description("SHA-256 of the image file, lower-case hex, as an earlier answer gave it.")]
    public string? Id { get; init; }

    [Description("The image file (JPEG, PNG or WebP) in base64; a data URL is taken, too.")]
    public string? Base64 { get; init; }

    [Description("Where to fetch it; refused unless its host is listed.")]
    public string? Url { get; init; }

    [Description("A file below a folder that the server may read; refused unless there is one.")]
    public string? Path { get; init; }
}

/// <summary>A mask: COCO's compressed run lengths.</summary>
internal sealed record MaskRequest
{
    [Description("[height, width], those of the image.")]
    public required int[] Size { get; init; }

    [Description("The runs as text.")]
    public required string Counts { get; init; }
}

/// <summary>What is asked of an image: places, names, or both; coordinates are pixels of the upright image.</summary>
internal sealed record PromptRequest
{
    [Description("Clicks: [[x, y, 1 or 0], ...]; 1, which may be left out, is what is wanted, 0 what is not.")]
    public double[][]? Points { get; init; }

    [Description("[x1, y1, x2, y2]: left, top, right, bottom.")]
    public double[]? Box { get; init; }

    [Description("A rough mask of what is wanted.")]
    public MaskRequest? Mask { get; init; }

    [Description("Names: \"car\", \"wheel of a car\". Alone they find everything that carries them, beside places they label.")]
    public string[]? Names { get; init; }

    [Description("The 'logits' of a mask of an earlier answer about the same image, to go on from.")]
    public string? Logits { get; init; }
}

/// <summary>What all questions share.</summary>
internal record QuestionRequest
{
    public required ImageRequest Image { get; init; }

    [Description("[x1, y1, x2, y2], whole pixels: only this part of the image is looked at, at its full resolution.")]
    public int[]? Region { get; init; }

    [Description("Levels wanted, by name (scene, group, whole, part, subpart, detail) or number (1 to 6); all when absent.")]
    [JsonConverter(typeof(LevelsConverter))]
    public IReadOnlyList<Masks.GranularityLevel>? Levels { get; init; }

    [Description("What masks come with beside run lengths: polygons, png (base64, of the mask's bounding box).")]
    public string[]? Include { get; init; }

    [Description("How far a corner of a polygon may be left out, in pixels; 0 to 100.")]
    public double? Tolerance { get; init; }

    [Description("Names to label masks of places with; the model's own when absent, none when empty.")]
    public string[]? Vocabulary { get; init; }

    [Description("A mask gets a label when its probability reaches this; 0 to 1.")]
    public double? LabelThreshold { get; init; }
}

/// <summary>Prompts about an image.</summary>
internal sealed record SegmentRequest : QuestionRequest
{
    [Description("1 to 64 prompts; annotations say in 'prompt' which one they answer.")]
    public required PromptRequest[] Prompts { get; init; }

    [Description("every_level (one mask a level), single (the best), or distinct (the good ones that differ).")]
    public string? Masks { get; init; }

    [Description("A name counts as present when its probability reaches this; 0 to 1.")]
    public double? PresenceThreshold { get; init; }

    [Description("Holes and islands of fewer pixels are removed.")]
    public int? MinRegionArea { get; init; }
}

/// <summary>A place: its parts, or the wholes that it belongs to.</summary>
internal sealed record PlaceRequest : QuestionRequest
{
    public required PromptRequest Prompt { get; init; }
}

/// <summary>Everything in an image. Names follow SAM's mask generator.</summary>
internal sealed record EverythingRequest : QuestionRequest
{
    [Description("Clicks along each side; 1 to 128.")]
    public int? PointsPerSide { get; init; }

    [Description("Layers of crops beyond the whole image; 0 to 2 here.")]
    public int? CropLayers { get; init; }

    [Description("Masks need a greater predicted IoU.")]
    public double? PredIouThresh { get; init; }

    [Description("Masks need at least this stability; at most 1.")]
    public double? StabilityScoreThresh { get; init; }

    [Description("Masks of fewer pixels are dropped.")]
    public int? MinMaskArea { get; init; }
}

/// <summary>The same prompts to many images.</summary>
internal sealed record BatchRequest
{
    [Description("1 to 1000 images.")]
    public required ImageRequest[] Images { get; init; }

    [Description("As of a single image.")]
    public required PromptRequest[] Prompts { get; init; }

    [JsonConverter(typeof(LevelsConverter))]
    public IReadOnlyList<SemanticSam.Masks.GranularityLevel>? Levels { get; init; }

    public string? Masks { get; init; }

    public double? PresenceThreshold { get; init; }

    public double? LabelThreshold { get; init; }

    public string[]? Include { get; init; }

    public double? Tolerance { get; init; }
}
