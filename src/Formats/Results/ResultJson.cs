using System.Text;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Results;

/// <summary>How long the steps took, in seconds.</summary>
/// <param name="Load">Loading the model; 0 when it was loaded already.</param>
/// <param name="Encode">Encoding the image.</param>
/// <param name="Decode">Answering the prompts.</param>
public readonly record struct StepSeconds(double Load, double Encode, double Decode);

/// <summary>Which model answered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sha256">SHA-256 of its weights, lower-case hex.</param>
public readonly record struct ModelIdentity(string Name, string Sha256);

/// <summary>Results of one image as JSON; names follow SA-1B where it has one, masks are COCO's compressed run lengths.</summary>
public static class ResultJson
{
    /// <summary>The object of an image.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="fileName">Name of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="model">The model that answered.</param>
    /// <param name="seconds">How long it took; null leaves the key out, for files that must not differ from run to run.</param>
    /// <param name="results">The masks; ids are their places in the list, from 1.</param>
    public static void Write(Utf8JsonWriter writer, string fileName, int width, int height, ModelIdentity model, StepSeconds? seconds, IReadOnlyList<MaskResult> results)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("image");
        writer.WriteString("file_name", fileName);
        writer.WriteNumber("width", width);
        writer.WriteNumber("height", height);
        writer.WriteEndObject();
        writer.WriteStartObject("model");
        writer.WriteString("name", model.Name);
        writer.WriteString("sha256", model.Sha256);
        writer.WriteEndObject();
        if (seconds is { } time)
        {
            writer.WriteStartObject("seconds");
            writer.WriteNumber("load", Math.Round(time.Load, 4));
            writer.WriteNumber("encode", Math.Round(time.Encode, 4));
            writer.WriteNumber("decode", Math.Round(time.Decode, 4));
            writer.WriteEndObject();
        }
        writer.WriteStartArray("annotations");
        for (int i = 0; i < results.Count; i++)
            Write(writer, i + 1, results[i]);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>As text.</summary>
    public static string ToText(string fileName, int width, int height, ModelIdentity model, StepSeconds? seconds, IReadOnlyList<MaskResult> results, bool indented = false) =>
        Encoding.UTF8.GetString(JsonText.Bytes(writer => Write(writer, fileName, width, height, model, seconds, results), indented));

    private static void Write(Utf8JsonWriter writer, int id, MaskResult result)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", id);
        writer.WritePropertyName("segmentation");
        Segmentation.Write(writer, result.Mask);
        AnnotationFields.WriteBox(writer, "bbox", result.Mask.BoxXywh);
        writer.WriteNumber("area", result.Area);
        WriteScore(writer, "predicted_iou", result.PredictedIou);
        WriteScore(writer, "stability_score", result.StabilityScore);
        writer.WriteString("level", result.Level is { } level ? GranularityMap.Name(level) : null);
        if (result.Level is { } index) writer.WriteNumber("level_index", (int)index);
        else writer.WriteNull("level_index");
        WriteLabel(writer, "whole", result.Whole);
        WriteLabel(writer, "part", result.Part);
        if (result.Parent is { } parent) writer.WriteNumber("parent", parent + 1);
        else writer.WriteNull("parent");
        if (result.Prompt is { } prompt) writer.WriteNumber("prompt", prompt);
        else writer.WriteNull("prompt");
        if (result.Point is { } point) AnnotationFields.WritePoint(writer, point);
        writer.WriteEndObject();
    }

    /// <summary>JSON has no NaN: the stability of an empty mask is null.</summary>
    private static void WriteScore(Utf8JsonWriter writer, string name, float value)
    {
        if (float.IsFinite(value)) writer.WriteNumber(name, MathF.Round(value, 5));
        else writer.WriteNull(name);
    }

    private static void WriteLabel(Utf8JsonWriter writer, string name, ScoredLabel? label)
    {
        if (label is not { } l)
        {
            writer.WriteNull(name);
            return;
        }
        writer.WriteStartObject(name);
        writer.WriteString("label", l.Label);
        WriteScore(writer, "score", l.Score);
        writer.WriteEndObject();
    }
}
