using System.Text.Json;
using System.Text.Json.Serialization;
using SemanticSam.Engine;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Cli.Requests;

/// <summary>A line of a prompts file: one JSON object. Every key but image is optional, and null is as good as absent: many programs write it so.</summary>
internal sealed record PromptLineJson
{
    public string? Image { get; init; }

    [JsonConverter(typeof(PointsConverter))]
    public IReadOnlyList<IReadOnlyList<PointPrompt>>? Points { get; init; }

    [JsonConverter(typeof(BoxConverter))]
    public BoxF? Box { get; init; }

    [JsonConverter(typeof(BoxesConverter))]
    public IReadOnlyList<BoxF>? Boxes { get; init; }

    public string? Mask { get; init; }

    [JsonConverter(typeof(NamesConverter))]
    public IReadOnlyList<string>? Text { get; init; }

    [JsonConverter(typeof(RealConverter))]
    public double? PresenceThreshold { get; init; }

    [JsonConverter(typeof(EverythingConverter))]
    public EverythingJson? Everything { get; init; }

    [JsonConverter(typeof(LevelsConverter))]
    public IReadOnlyList<GranularityLevel>? Levels { get; init; }

    /// <summary>Keys that are none of the above.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }

    /// <summary>Reads one line; relative paths are relative to <paramref name="folder"/>.</summary>
    /// <exception cref="PromptException">Not an object with the known keys; the message names the key.</exception>
    public static PromptLine Read(string line, string folder)
    {
        if (line == PromptsReader.TooLong) throw new PromptException($"the line has more than {BoundedLines.Longest} characters.");
        var json = Parse(line);
        RequireKnown<PromptLineJson>("", json.Unknown);
        var read = new PromptLine
        {
            Image = PathOf(folder, json.Image, "image"),
            Groups = json.Points ?? [],
            Boxes = json.Box is { } box ? [box, .. json.Boxes ?? []] : json.Boxes ?? [],
            MaskPath = json.Mask is null ? null : PathOf(folder, json.Mask, "mask"),
            Text = json.Text ?? [],
            PresenceThreshold = json.PresenceThreshold is null or >= 0 and <= 1 ? json.PresenceThreshold
                : throw new PromptException(FormattableString.Invariant($"'presence_threshold' is {json.PresenceThreshold}; 0 to 1 are allowed.")),
            Everything = json.Everything?.ToOptions(),
            Levels = json.Levels,
        };
        if (read.Everything is not null && (read.HasPlace || read.Text.Count > 0))
            throw new PromptException("'everything' cannot be combined with points, box, mask or text.");
        if (read.PresenceThreshold is not null && read.Text.Count == 0) throw new PromptException("'presence_threshold' goes with 'text'.");
        return read;
    }

    private static string PathOf(string folder, string? name, string key) => string.IsNullOrEmpty(name) || name.Contains('\0')
        ? throw new PromptException($"the key '{key}' is missing or not a path.")
        : Path.Combine(folder, name);

    /// <summary>The image's name as the line gives it; empty when the line is not even JSON, or has none.</summary>
    public static string ImageIn(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("image", out var image)
                && image.ValueKind == JsonValueKind.String ? image.GetString()! : "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter where the name is not valid Unicode
        {
            return "";
        }
    }

    internal static void RequireKnown<T>(string place, Dictionary<string, JsonElement>? unknown)
    {
        if (unknown is not { Count: > 0 }) return;
        var known = JsonSettings.OneLine.GetTypeInfo(typeof(T)).Properties.Where(p => !p.IsExtensionData).Select(p => p.Name);
        throw new PromptException($"unknown key '{unknown.Keys.First()}'{place}; known are {string.Join(", ", known)}.");
    }

    private static PromptLineJson Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<PromptLineJson>(line, JsonSettings.OneLine) ?? throw new PromptException("the line is not a JSON object.");
        }
        catch (PromptValueException e)
        {
            throw new PromptException($"'{e.Path?[(e.Path.LastIndexOf('.') + 1)..]}': {e.Message}");
        }
        catch (JsonException e) when (e.InnerException is JsonException) // the text itself is at fault
        {
            throw new PromptException($"the line is not valid JSON: {JsonMessage.Of(e)}.");
        }
        catch (JsonException e)
        {
            throw new PromptException(e.Path is { Length: > 2 } path ? $"'{path[2..]}' has a value of the wrong kind." : "the line is not a JSON object.");
        }
    }
}

/// <summary>The options of everything mode, by the names that SAM's generator gives them.</summary>
internal sealed record EverythingJson
{
    [JsonConverter(typeof(WholeConverter))]
    public long? PointsPerSide { get; init; }

    [JsonConverter(typeof(WholeConverter))]
    public long? PointsPerBatch { get; init; }

    [JsonConverter(typeof(RealConverter))]
    public double? PredIouThresh { get; init; }

    [JsonConverter(typeof(RealConverter))]
    public double? StabilityScoreThresh { get; init; }

    [JsonConverter(typeof(RealConverter))]
    public double? StabilityScoreOffset { get; init; }

    [JsonConverter(typeof(RealConverter))]
    public double? BoxNmsThresh { get; init; }

    [JsonPropertyName("crop_n_layers")]
    [JsonConverter(typeof(WholeConverter))]
    public long? CropLayers { get; init; }

    [JsonConverter(typeof(RealConverter))]
    public double? CropNmsThresh { get; init; }

    [JsonConverter(typeof(RealConverter))]
    public double? CropOverlapRatio { get; init; }

    [JsonPropertyName("crop_n_points_downscale_factor")]
    [JsonConverter(typeof(WholeConverter))]
    public long? CropPointsDownscaleFactor { get; init; }

    [JsonConverter(typeof(WholeConverter))]
    public long? MinMaskRegionArea { get; init; }

    [JsonConverter(typeof(WholeConverter))]
    public long? MinMaskArea { get; init; }

    public string? Overlap { get; init; }

    [JsonConverter(typeof(WholeConverter))]
    public long? MaxMemory { get; init; }

    /// <summary>Keys that are none of the above.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }

    /// <exception cref="PromptException">A value is out of range, or a key is not known.</exception>
    public EverythingOptions ToOptions()
    {
        PromptLineJson.RequireKnown<EverythingJson>(" in 'everything'", Unknown);
        var defaults = new EverythingOptions();
        return Checked(new()
        {
            PointsPerSide = Number(PointsPerSide, "points_per_side"),
            PointsPerBatch = Number(PointsPerBatch, "points_per_batch") ?? defaults.PointsPerBatch,
            PredictedIouThreshold = PredIouThresh,
            StabilityThreshold = StabilityScoreThresh,
            StabilityOffset = StabilityScoreOffset ?? defaults.StabilityOffset,
            NmsThreshold = BoxNmsThresh ?? defaults.NmsThreshold,
            CropLayers = Number(CropLayers, "crop_n_layers") ?? defaults.CropLayers,
            CropNmsThreshold = CropNmsThresh ?? defaults.CropNmsThreshold,
            CropOverlapRatio = CropOverlapRatio ?? defaults.CropOverlapRatio,
            CropPointsDownscaleFactor = Number(CropPointsDownscaleFactor, "crop_n_points_downscale_factor") ?? defaults.CropPointsDownscaleFactor,
            MinRegionArea = Number(MinMaskRegionArea, "min_mask_region_area"),
            MinMaskArea = Number(MinMaskArea, "min_mask_area"),
            Overlap = Overlap switch
            {
                null => null,
                "boxes" => OverlapMeasure.Boxes,
                "masks" => OverlapMeasure.Masks,
                _ => throw new PromptException($"'overlap' is '{Overlap}'; allowed are boxes and masks."),
            },
            MaxMemory = MaxMemory ?? defaults.MaxMemory,
        });
    }

    /// <summary>What the options refuse is the fault of whoever wrote them down.</summary>
    /// <exception cref="PromptException">They are out of range.</exception>
    public static EverythingOptions Checked(EverythingOptions options)
    {
        try
        {
            options.Validate();
            return options;
        }
        catch (ArgumentException e)
        {
            throw new PromptException($"'everything': {MessageText.OfArgument(e)}");
        }
    }

    private static int? Number(long? value, string key) => value switch
    {
        null => null,
        > int.MaxValue or < int.MinValue => throw new PromptException($"'{key}' is {value}; it is a whole number of at most {int.MaxValue}."),
        _ => (int)value,
    };
}
