using SemanticSam.Engine;
using SemanticSam.Masks;
using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Api;

/// <summary>From requests to what the engine is asked, with limits on how much.</summary>
internal static class RequestMapping
{
    private const int MostPrompts = 64, MostPoints = 256, MostNames = 100, LongestName = 200;

    public static IReadOnlyList<PlacedPrompt> Prompts(PromptRequest[] prompts)
    {
        if (prompts.Length is < 1 or > MostPrompts) throw ApiException.Bad($"There are {prompts.Length} prompts; allowed are 1 to {MostPrompts}.");
        return [.. prompts.Select(Prompt)];
    }

    public static PlacedPrompt Prompt(PromptRequest prompt)
    {
        if (prompt is null) throw ApiException.Bad("A prompt is null; an object is expected.");
        if (prompt.Points?.Length > MostPoints) throw ApiException.Bad($"A prompt has {prompt.Points.Length} points; at most {MostPoints} are allowed.");
        if (prompt is { Logits: not null, Mask: not null }) throw ApiException.Bad("A prompt goes on from a mask or from logits, not from both.");
        var mapped = new Prompt
        {
            Points = [.. (prompt.Points ?? []).Select(Point)],
            Box = prompt.Box is { } box ? Box(box) : null,
            Mask = prompt.Mask is { } mask ? Mask(mask) : null,
            Names = Names(prompt.Names) ?? [],
        };
        if (!mapped.HasPlace && mapped.Names.Count == 0 && prompt.Logits is null)
            throw new PromptException(PromptError.Empty, "The prompt is empty: give a point, a box, a mask or a name.");
        return new(mapped, prompt.Logits);
    }

    public static SegmentOptions Options(SegmentRequest request) => new()
    {
        Levels = request.Levels,
        Masks = Choice(request.Masks),
        PresenceThreshold = request.PresenceThreshold,
        LabelThreshold = request.LabelThreshold,
        Vocabulary = Names(request.Vocabulary),
        MinRegionArea = request.MinRegionArea ?? 0,
    };

    public static SegmentOptions Options(BatchRequest request) => new()
    {
        Levels = request.Levels,
        Masks = Choice(request.Masks),
        PresenceThreshold = request.PresenceThreshold,
        LabelThreshold = request.LabelThreshold,
    };

    public static EverythingOptions Options(EverythingRequest request)
    {
        if (request.CropLayers is < 0 or > 2) throw ApiException.Bad($"'crop_layers' is {request.CropLayers}; allowed are 0 to 2.");
        return new()
        {
            Levels = request.Levels,
            PointsPerSide = request.PointsPerSide,
            CropLayers = request.CropLayers ?? 0,
            PredictedIouThreshold = request.PredIouThresh,
            StabilityThreshold = request.StabilityScoreThresh,
            MinMaskArea = request.MinMaskArea,
            Vocabulary = Names(request.Vocabulary),
            LabelThreshold = request.LabelThreshold,
            PointsPerBatch = 16, // others' clicks go in between two batches
        };
    }

    public static BoxI? Region(int[]? region) => region switch
    {
        null => null,
        [var x1, var y1, var x2, var y2] when x2 > x1 && y2 > y1 => new BoxI(x1, y1, x2, y2),
        _ => throw ApiException.Bad("'region' is [x1, y1, x2, y2] with x2 above x1 and y2 above y1."),
    };

    public static IReadOnlyList<string>? Names(string[]? names)
    {
        if (names is null) return null;
        if (names.Length > MostNames) throw ApiException.Bad($"There are {names.Length} names; at most {MostNames} are allowed.");
        foreach (string name in names)
            if (name is null || name.Length > LongestName) throw ApiException.Bad($"A name is a text of at most {LongestName} characters.");
        return names;
    }

    private static MaskChoice Choice(string? masks) => masks switch
    {
        null or "every_level" => MaskChoice.EveryLevel,
        "single" => MaskChoice.Single,
        "distinct" => MaskChoice.Distinct,
        _ => throw ApiException.Bad($"'masks' is '{masks}'; allowed are every_level, single and distinct."),
    };

    private static PointPrompt Point(double[] point) => point switch
    {
        [var x, var y] => new((float)x, (float)y),
        [var x, var y, 0 or 1] => new((float)x, (float)y, point[2] == 1),
        _ => throw ApiException.Bad("A point is [x, y] or [x, y, 1 or 0]."),
    };

    private static BoxF Box(double[] box) => box is [var x1, var y1, var x2, var y2]
        ? new((float)x1, (float)y1, (float)x2, (float)y2)
        : throw ApiException.Bad("A box is [x1, y1, x2, y2].");

    private static Rle Mask(MaskRequest mask)
    {
        try
        {
            return new Formats.Results.ResultMask(mask.Size, mask.Counts).ToRle();
        }
        catch (FormatException e)
        {
            throw ApiException.Bad($"A mask cannot be read: {e.Message}");
        }
    }
}
