using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SemanticSam.Foundation;

namespace SemanticSam.Training.Evaluation.Calibration;

/// <summary>
/// The section "calibration" of a JSON file, as a model's settings have it: under "predicted_iou", "instance", "stuff" and "label" a list of knots
/// {"raw", "calibrated"}; under "click_masks", "found_masks" and "labels" the weights of a judge.
/// </summary>
internal static class CalibrationFile
{
    /// <summary>Name of the section.</summary>
    public const string Section = "calibration";

    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Writes the curves and judges that could be fitted. Whatever else an existing file says stays.</summary>
    /// <returns>Names of the curves written.</returns>
    /// <exception cref="InvalidDataException">The file exists and is no sound JSON object.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static IReadOnlyList<string> Write(string path, ScoreLog scores)
    {
        var root = Read(path) ?? [];
        var curves = new JsonObject();
        var labels = LabelFit.Fit(scores.Labeled);
        IReadOnlyList<ScoredOutcome> labeled = labels is null ? scores.Labels : LabelFit.Outcomes(scores.Labeled);
        foreach (var (name, all) in new[] { ("predicted_iou", scores.Clicks), ("instance", scores.Instances), ("stuff", scores.Stuff), ("label", labeled) })
            if (CalibrationCurve.Fit(all) is { } curve)
                curves[name] = new JsonArray([.. curve.Knots.Select(k => (JsonNode)new JsonObject { ["raw"] = k.Raw, ["calibrated"] = k.Calibrated })]);
        var judges = new[] { ("click_masks", JudgeFit.Fit(scores.ClickMasks)), ("found_masks", JudgeFit.Fit(scores.FoundMasks)), ("labels", labels) };
        foreach (var (name, judge) in judges)
            if (judge is not null) curves[name] = JsonSerializer.SerializeToNode(judge, Snake);
        root[Section] = curves;
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(root.ToJsonString(JsonSettings.Indented) + "\n"));
        return [.. curves.Select(c => c.Key)];
    }

    /// <summary>Whether a file has the section already: then the scores of a model that reads it are no raw ones.</summary>
    /// <exception cref="InvalidDataException">The file exists and is no sound JSON object.</exception>
    public static bool IsIn(string path) => Read(path)?.ContainsKey(Section) == true;

    private static JsonObject? Read(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            return JsonTree.Parse(Encoding.UTF8.GetBytes(RegularFile.ReadAllText(path, RegularFile.LargestText)));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: no section can be added to it: {JsonMessage.Of(e)}. It stays as it is; mend it, or name another file.", e);
        }
    }
}
