using System.Globalization;
using System.Text.Json;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Formats.Coco;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Cli.Requests;

/// <summary>One line of a prompts file: a picture and what is asked of it. Every key but image is optional.</summary>
internal sealed record PromptLine
{
    private static readonly string[] Keys = ["image", "points", "box", "mask", "text", "everything", "levels"];

    private static readonly string[] EverythingKeys =
    [
        "points_per_side", "points_per_batch", "pred_iou_thresh", "stability_score_thresh", "stability_score_offset", "box_nms_thresh", "crop_n_layers", "crop_nms_thresh",
        "crop_overlap_ratio", "crop_n_points_downscale_factor", "min_mask_region_area", "min_mask_area", "overlap", "max_memory",
    ];

    private const long LargestMemory = 1L << 50; // a pebibyte; and whole numbers up to here are exact in JSON

    public required string Image { get; init; }

    public IReadOnlyList<PointPrompt> Points { get; init; } = [];

    public BoxF? Box { get; init; }

    /// <summary>Path of a mask picture of the picture's size.</summary>
    public string? MaskPath { get; init; }

    public IReadOnlyList<string> Text { get; init; } = [];

    public EverythingOptions? Everything { get; init; }

    public IReadOnlyList<GranularityLevel>? Levels { get; init; }

    /// <summary>The prompt for a picture of this size; reads the mask.</summary>
    public Prompt ToPrompt(int width, int height) => new()
    {
        Points = Points,
        Box = Box,
        Mask = MaskPath is null ? null : MaskPng.Read(MaskPath, width, height),
        Names = Text,
    };

    /// <summary>Reads one line; relative paths are relative to <paramref name="folder"/>.</summary>
    /// <exception cref="PromptException">Not an object with the known keys; the message names the key.</exception>
    public static PromptLine Parse(string json, string folder)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new PromptException($"the line is not JSON: {e.Message}");
        }
        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new PromptException("the line is not a JSON object.");
            foreach (var property in root.EnumerateObject())
                if (!Keys.Contains(property.Name))
                    throw new PromptException($"unknown key '{property.Name}'; known are {string.Join(", ", Keys)}.");
            var line = new PromptLine
            {
                Image = root.TryGetProperty("image", out var image) && image.ValueKind == JsonValueKind.String && image.GetString() is { Length: > 0 } path
                    ? Path.Combine(folder, path) : throw new PromptException("the key 'image' is missing or no path."),
                Points = Has(root, "points", out var points) ? ReadPoints(points) : [],
                Box = Has(root, "box", out var box) ? ReadBox(box) : null,
                MaskPath = Has(root, "mask", out var mask) ? Path.Combine(folder, Text_(mask, "mask")) : null,
                Text = Has(root, "text", out var text) ? ReadText(text) : [],
                Everything = Has(root, "everything", out var everything) ? ReadEverything(everything) : null,
                Levels = Has(root, "levels", out var levels) ? ReadLevels(levels) : null,
            };
            if (line.Everything is not null && (line.Points.Count > 0 || line.Box is not null || line.MaskPath is not null || line.Text.Count > 0))
                throw new PromptException("'everything' stands alone; leave out points, box, mask and text.");
            return line;
        }
    }

    /// <summary>Null is as good as absent: many programs write it so.</summary>
    private static bool Has(JsonElement root, string key, out JsonElement value) => root.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;

    private static IReadOnlyList<PointPrompt> ReadPoints(JsonElement value)
    {
        const string shape = "'points' is a list of [x, y, label] with label 1 (wanted) or 0 (not wanted).";
        if (value.ValueKind != JsonValueKind.Array) throw new PromptException(shape);
        var points = new List<PointPrompt>();
        foreach (var point in value.EnumerateArray())
        {
            if (point.ValueKind != JsonValueKind.Array || point.GetArrayLength() is not (2 or 3)) throw new PromptException(shape);
            float label = point.GetArrayLength() == 3 ? Number(point[2], "points") : 1;
            if (label is not (0 or 1)) throw new PromptException(shape);
            points.Add(new(Number(point[0], "points"), Number(point[1], "points"), label == 1));
        }
        return points;
    }

    private static BoxF ReadBox(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != 4) throw new PromptException("'box' is [x1, y1, x2, y2].");
        return new(Number(value[0], "box"), Number(value[1], "box"), Number(value[2], "box"), Number(value[3], "box"));
    }

    private static IReadOnlyList<string> ReadText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => [.. value.EnumerateArray().Select(v => Text_(v, "text"))],
        _ => throw new PromptException("'text' is a name or a list of names."),
    };

    private static EverythingOptions? ReadEverything(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.True) return new();
        if (value.ValueKind is JsonValueKind.False) return null;
        if (value.ValueKind != JsonValueKind.Object) throw new PromptException("'everything' is true or an object of options.");
        var options = new EverythingOptions();
        foreach (var property in value.EnumerateObject())
            options = property.Name switch
            {
                "points_per_side" => options with { PointsPerSide = (int)Whole(property.Value, property.Name, int.MaxValue) },
                "points_per_batch" => options with { PointsPerBatch = (int)Whole(property.Value, property.Name, int.MaxValue) },
                "pred_iou_thresh" => options with { PredictedIouThreshold = Real(property.Value, property.Name) },
                "stability_score_thresh" => options with { StabilityThreshold = Real(property.Value, property.Name) },
                "box_nms_thresh" => options with { NmsThreshold = Real(property.Value, property.Name) },
                "min_mask_region_area" => options with { MinRegionArea = (int)Whole(property.Value, property.Name, int.MaxValue) },
                "min_mask_area" => options with { MinMaskArea = (int)Whole(property.Value, property.Name, int.MaxValue) },
                "stability_score_offset" => options with { StabilityOffset = Real(property.Value, property.Name) },
                "crop_n_layers" => options with { CropLayers = (int)Whole(property.Value, property.Name, int.MaxValue) },
                "crop_nms_thresh" => options with { CropNmsThreshold = Real(property.Value, property.Name) },
                "crop_overlap_ratio" => options with { CropOverlapRatio = Real(property.Value, property.Name) },
                "crop_n_points_downscale_factor" => options with { CropPointsDownscaleFactor = (int)Whole(property.Value, property.Name, int.MaxValue) },
                "max_memory" => options with { MaxMemory = Whole(property.Value, property.Name, LargestMemory) },
                "overlap" => options with { Overlap = ReadOverlap(property.Value) },
                _ => throw new PromptException($"unknown option '{property.Name}' of everything; known are {string.Join(", ", EverythingKeys)}."),
            };
        return options;
    }

    private static OverlapMeasure ReadOverlap(JsonElement value) => Text_(value, "overlap") switch
    {
        "boxes" => OverlapMeasure.Boxes,
        "masks" => OverlapMeasure.Masks,
        var other => throw new PromptException($"'overlap' is '{other}'; allowed are boxes and masks."),
    };

    private static IReadOnlyList<GranularityLevel> ReadLevels(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0) throw new PromptException("'levels' is a list of level names or indices 1 to 6, at least one.");
        return [.. value.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Number
            ? GranularityMap.Parse(v.GetRawText()) : GranularityMap.Parse(Text_(v, "levels")))];
    }

    private static float Number(JsonElement value, string key) =>
        (float)Real(value, key) is var number && float.IsFinite(number) ? number : throw NoNumber(value, key);

    private static double Real(JsonElement value, string key) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw NoNumber(value, key);

    private static PromptException NoNumber(JsonElement value, string key) => new($"'{key}' holds {value.GetRawText()}, which is no finite number.");

    /// <summary>Also as 32.0, which some programs write.</summary>
    private static long Whole(JsonElement value, string key, long most) =>
        Real(value, key) is var number && number == Math.Truncate(number) && Math.Abs(number) <= most ? (long)number
            : throw new PromptException($"'{key}' holds {value.GetRawText()}; it is a whole number of at most {most}.");

    private static string Text_(JsonElement value, string key) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new PromptException($"'{key}' holds {value.GetRawText()}, which is no text.");

    /// <summary>"x,y" as on the command line.</summary>
    public static PointPrompt ParsePoint(string text, bool positive)
    {
        float[] numbers = ParseNumbers(text, 2, "a point is x,y in pixels");
        return new(numbers[0], numbers[1], positive);
    }

    /// <summary>"x1,y1,x2,y2" as on the command line.</summary>
    public static BoxF ParseBox(string text)
    {
        float[] n = ParseNumbers(text, 4, "a box is x1,y1,x2,y2 in pixels");
        return new(n[0], n[1], n[2], n[3]);
    }

    private static float[] ParseNumbers(string text, int count, string shape)
    {
        string[] pieces = text.Split(',');
        var numbers = new float[pieces.Length];
        for (int i = 0; i < pieces.Length; i++)
            if (!float.TryParse(pieces[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !float.IsFinite(numbers[i]))
                throw new PromptException($"'{text}': {shape}; '{pieces[i]}' is no finite number.");
        return pieces.Length == count ? numbers : throw new PromptException($"'{text}': {shape}.");
    }
}
