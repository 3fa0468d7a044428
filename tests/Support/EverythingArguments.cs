using System.Text.Json;
using SemanticSam.Engine;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Support;

/// <summary>Arguments of the published mask generators, as reference values name them, as options.</summary>
internal static class EverythingArguments
{
    /// <summary>The options with those that an object has.</summary>
    /// <exception cref="InvalidOperationException">An argument is not known: it would be left out of the comparison without a word.</exception>
    public static EverythingOptions With(this EverythingOptions options, JsonElement arguments) =>
        arguments.EnumerateObject().Aggregate(options, (o, argument) => With(o, argument.Name, argument.Value));

    private static EverythingOptions With(EverythingOptions options, string name, JsonElement value) => name switch
    {
        "points_per_side" or "point_grids" when value.ValueKind == JsonValueKind.Null => options,
        "points_per_side" => options with { PointsPerSide = value.GetInt32() },
        "point_grids" => options with { PointGrids = [.. value.EnumerateArray().Select(Grid)] },
        "points_per_batch" => options with { PointsPerBatch = value.GetInt32() },
        "level" => options with { Levels = [.. value.EnumerateArray().Select(v => (GranularityLevel)v.GetInt32())] },
        "pred_iou_thresh" => options with { PredictedIouThreshold = value.GetDouble() },
        "stability_score_thresh" => options with { StabilityThreshold = value.GetDouble() },
        "stability_score_offset" => options with { StabilityOffset = value.GetDouble() },
        "box_nms_thresh" => options with { NmsThreshold = value.GetDouble() },
        "crop_n_layers" => options with { CropLayers = value.GetInt32() },
        "crop_nms_thresh" => options with { CropNmsThreshold = value.GetDouble() },
        "crop_overlap_ratio" => options with { CropOverlapRatio = value.GetDouble() },
        "crop_n_points_downscale_factor" => options with { CropPointsDownscaleFactor = value.GetInt32() },
        "min_mask_region_area" => options with { MinRegionArea = value.GetInt32() },
        "output_mode" => options,
        _ => throw new InvalidOperationException($"Unknown argument {name}."),
    };

    private static IReadOnlyList<(double X, double Y)> Grid(JsonElement points) =>
        [.. points.EnumerateArray().Select(p => (p[0].GetDouble(), p[1].GetDouble()))];
}
