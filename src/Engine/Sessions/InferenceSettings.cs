using System.Text.Json;
using System.Text.Json.Serialization;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>How the six levels are told apart in a prompt's masks.</summary>
internal enum LevelRule
{
    /// <summary>Each level is one token of the decoder, by the published order.</summary>
    Tokens,

    /// <summary>The masks of a prompt by descending area: for a model whose tokens have no fixed order.</summary>
    Area,
}

/// <summary>
/// A model's own thresholds and vocabulary; beside the weights as inference.json. The thresholds of everything mode that are null are those of its
/// family.
/// </summary>
internal sealed record InferenceSettings : MaskThresholds
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public LevelRule Levels { get; init; } = LevelRule.Tokens;

    /// <summary>A name is present when its name query says so with this probability.</summary>
    public double PresenceThreshold { get; init; } = 0.5;

    /// <summary>The same for parts; null for <see cref="PresenceThreshold"/>.</summary>
    public double? PartPresenceThreshold { get; init; }

    /// <summary>The same for what has no instances, such as the sky; null for <see cref="PresenceThreshold"/>.</summary>
    public double? StuffPresenceThreshold { get; init; }

    /// <summary>The probability from which on a name counts as present.</summary>
    /// <param name="name">The name.</param>
    public double LeastPresence(ReadName name) =>
        (name.Part is not null ? PartPresenceThreshold : name.IsStuff ? StuffPresenceThreshold : null) ?? PresenceThreshold;

    /// <summary>An object query, or a piece of a name's map, is an instance of a name from this (calibrated) probability on.</summary>
    public double InstanceThreshold { get; init; } = 0.3;

    /// <summary>The same for what has no instances, such as the sky, whose one mask stands or falls with its score; null for that of instances.</summary>
    public double? StuffThreshold { get; init; }

    /// <summary>The probability from which on a mask of a name is shown.</summary>
    /// <param name="isStuff">Whether the name has no instances.</param>
    public double LeastScore(bool isStuff) => isStuff ? StuffThreshold ?? InstanceThreshold : InstanceThreshold;

    /// <summary>A mask of a click gets a label from this probability on.</summary>
    public double LabelThreshold { get; init; } = 0.4;

    /// <summary>
    /// Parts of a thing need this predicted IoU, since inside a known thing weaker evidence is enough; null for 0.8 times that of everything mode.
    /// </summary>
    public double? PartsPredictedIouThreshold { get; init; }

    /// <summary>Everything mode: clicks along each side.</summary>
    public int PointsPerSide { get; init; } = 32;

    /// <summary>Object queries selected when names are asked for.</summary>
    public int SelectedQueries { get; init; } = 300;

    /// <summary>Whether names are put through the 81 templates, or taken bare.</summary>
    public bool Templates { get; init; } = true;

    /// <summary>A cell belongs to a name from this logit of the name on; for models that compare names with every cell.</summary>
    public double NameMapThreshold { get; init; } = -0.5;

    /// <summary>A word that the vocabulary lacks is asked nevertheless if a known word is this near to it: cosine of their sentence embeddings.</summary>
    public double NearnessThreshold { get; init; } = 0.62;

    /// <summary>From the network's scores to those that results carry; thresholds are compared with the latter. Null: as they are.</summary>
    public ScoreCalibration? Calibration { get; init; }

    /// <summary>Names of wholes the model was trained on.</summary>
    public IReadOnlyList<string> Wholes { get; init; } = [];

    /// <summary>Names of parts the model was trained on.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    /// <exception cref="JsonException">Something is unknown, of another kind or out of range.</exception>
    public static InferenceSettings FromJson(string json)
    {
        var settings = JsonSerializer.Deserialize<InferenceSettings>(json, Json) ?? throw new JsonException("The inference settings are empty.");
        settings.Calibration?.Validate();
        return settings;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
