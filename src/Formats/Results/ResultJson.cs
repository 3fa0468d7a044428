using System.Text;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Results;

/// <summary>Results of one image as JSON; names follow SA-1B where it has one, masks are COCO's compressed run lengths.</summary>
internal static class ResultJson
{
    /// <summary>The object of an image.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="fileName">Name of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="model">The model that answered.</param>
    /// <param name="seconds">How long it took; null leaves the key out, for files that must not differ from run to run.</param>
    /// <param name="results">The masks; ids are their places in the list, from 1.</param>
    /// <param name="notices">What was assumed; null or empty leaves the key out.</param>
    public static void Write(Utf8JsonWriter writer, string fileName, int width, int height, ModelIdentity model, StepSeconds? seconds,
        IReadOnlyList<MaskResult> results,
        IReadOnlyList<string>? notices = null) =>
        JsonSerializer.Serialize(writer, new()
        {
            Image = new(fileName, width, height),
            Model = model,
            Seconds = seconds is { } s ? new(Math.Round(s.Load, 4), Math.Round(s.Encode, 4), Math.Round(s.Decode, 4)) : null,
            Notices = notices is { Count: > 0 } ? notices : null,
            Annotations = [.. results.Select(Of)],
        }, ResultWritingContext.Default.ResultDocument);

    /// <summary>As text.</summary>
    public static string ToText(string fileName, int width, int height, ModelIdentity model, StepSeconds? seconds,
        IReadOnlyList<MaskResult> results, bool indented = false,
        IReadOnlyList<string>? notices = null) =>
        Encoding.UTF8.GetString(JsonText.Bytes(writer => Write(writer, fileName, width, height, model, seconds, results, notices), indented));

    private static ResultAnnotation Of(MaskResult result, int index)
    {
        var (x, y, width, height) = result.Mask.BoxXywh;
        return new()
        {
            Id = index + 1,
            Segmentation = new([result.Mask.Height, result.Mask.Width], result.Mask.ToCompressedString()),
            Bbox = [x, y, width, height],
            Area = result.Area,
            PredictedIou = Score(result.PredictedIou),
            StabilityScore = Score(result.StabilityScore),
            Level = result.Level is { } level ? GranularityMap.Name(level) : null,
            LevelIndex = (int?)result.Level,
            Whole = Label(result.Whole),
            Part = Label(result.Part),
            Parent = result.Parent + 1,
            Prompt = result.Prompt,
            PointCoords = result.Point is { } point ? [[point.X, point.Y]] : null,
        };
    }

    private static ResultLabel? Label(ScoredLabel? label) => label is { } l ? new(l.Label, Score(l.Score)) : null;

    /// <summary>JSON has no NaN: the stability of an empty mask is null.</summary>
    private static float? Score(float value) => float.IsFinite(value) ? MathF.Round(value, 5) : null;
}
