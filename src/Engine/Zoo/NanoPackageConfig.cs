using System.Text.Json;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Nano;
using SemanticSam.TextEncoder.Sentences;

namespace SemanticSam.Engine.Zoo;

/// <summary>config.json of the embedded model's family.</summary>
internal sealed record NanoPackageConfig
{
    /// <summary>What tells the family.</summary>
    public const string FamilyName = "nano";

    /// <summary>In the metadata of weights: the sizes of their network.</summary>
    public const string NetworkKey = "network";

    public string Family { get; init; } = FamilyName;

    /// <summary>What the model is called in results and messages.</summary>
    public string Name { get; init; } = ModelCatalog.DefaultName;

    /// <summary>The longer side of an image becomes so many pixels; 32 to 2048.</summary>
    public int ImageSize { get; init; } = 512;

    /// <summary>Sizes of the network.</summary>
    public NanoConfig Network { get; init; } = new();

    /// <summary>Sizes of the sentence encoder.</summary>
    public SentenceEncoderConfig Text { get; init; } = new();

    /// <summary>The entries; whether sizes are within their limits, <see cref="NanoLimits"/> says.</summary>
    /// <exception cref="JsonException">Something is unknown or of another kind, or entries do not fit each other.</exception>
    public static NanoPackageConfig FromJson(string json)
    {
        var config = JsonSerializer.Deserialize<NanoPackageConfig>(json, JsonSettings.Strict) ?? throw new JsonException("The configuration is empty.");
        if (config.Family != FamilyName) throw new JsonException($"The family is '{config.Family}'; '{FamilyName}' is expected.");
        if (config.Name is null || config.Network?.LevelSizes is null || config.Text is null)
            throw new JsonException("The name, the network or the text encoder is null.");
        if (config.Network.SentenceWidth != config.Text.Width)
            throw new JsonException($"The network takes sentence embeddings of {config.Network.SentenceWidth} numbers, the encoder gives {config.Text.Width}.");
        if (config.Network.LevelSizes.Count != 6)
            throw new JsonException($"There are {config.Network.LevelSizes.Count} level sizes; six are needed, one a level.");
        return config;
    }

    /// <summary>The sizes of the network whose weights a file holds: those that the trainer wrote into it, or the sizes of before it did.</summary>
    /// <exception cref="CheckpointException">What is written there is no configuration.</exception>
    public static NanoConfig NetworkOf(ICheckpoint weights)
    {
        if (!weights.Metadata.TryGetValue(NetworkKey, out string? json)) return new();
        try
        {
            return JsonSerializer.Deserialize<NanoConfig>(json, JsonSettings.Strict) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new CheckpointException(weights.Path,
                $"the entry '{NetworkKey}' of its metadata is no configuration of the network: {JsonMessage.Of(e)}.", inner: e);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, JsonSettings.Strict);
}
