using System.Text.Json;
using SemanticSam.Foundation;
using SemanticSam.Masks;
using static System.FormattableString;

namespace SemanticSam.Formats.Results;

/// <summary>Whether a result is what the engine writes: complete, of the right types, and with masks that agree with what is said of them.</summary>
internal static class ResultSchema
{
    /// <summary>The result in a file's content.</summary>
    /// <param name="utf8">The content.</param>
    /// <param name="fault">What is wrong, where null is returned.</param>
    public static ResultDocument? Read(ReadOnlySpan<byte> utf8, out string? fault)
    {
        fault = null;
        try
        {
            var reader = new Utf8JsonReader(utf8);
            using var json = JsonDocument.ParseValue(ref reader);
            if (reader.Read()) throw new JsonException("something follows the object");
            return ReadElement(json.RootElement, out fault);
        }
        catch (JsonException e)
        {
            fault = $"it is not valid JSON ({JsonMessage.Of(e)})";
            return null;
        }
    }

    /// <summary>What is wrong with a result; null when nothing is. Masks are numbered from 1.</summary>
    public static string? Find(ResultDocument result)
    {
        if (result.Image is not { FileName: not null, Width: { } width, Height: { } height }) return Missing("image");
        if (width < 1 || height < 1) return $"its image is {width} x {height}";
        if (result.Model is not { Name: not null, Sha256: not null }) return Missing("model");
        if (result.Annotations is not { } annotations) return Missing("annotations");
        for (int i = 0; i < annotations.Count; i++)
            if (Wrong(annotations[i], i + 1, annotations.Count, (width, height)) is { } wrong) return $"mask {i + 1}: {wrong}";
        return Loop(annotations) is { } at ? $"mask {at}: its parents lead back to itself" : null;
    }

    private static ResultDocument? ReadElement(JsonElement root, out string? fault)
    {
        fault = null;
        try
        {
            if (root.Deserialize(ResultReadingContext.Default.ResultDocument) is { } document) return document;
            fault = "it is null";
        }
        catch (JsonException e)
        {
            fault = WrongType(e);
        }
        return null;
    }

    /// <summary>"annotations[1].area has a value of the wrong kind".</summary>
    public static string WrongType(JsonException e) => $"{(e.Path is { Length: > 2 } path ? path[2..] : "it")} has a value of the wrong kind";

    private static string? Wrong(ResultAnnotation? a, int id, int count, (int Width, int Height) size)
    {
        if (a is null) return "it is null";
        if (a.Id is not { } given) return Missing("id");
        if (given != id) return $"its id is {given}";
        if (a.Segmentation is null) return Missing("segmentation");
        if (a.Segmentation.Size is [var rows, var columns] && (columns, rows) != size)
            return $"it is {columns} x {rows}, the image {size.Width} x {size.Height}";
        Rle mask;
        try
        {
            mask = a.Segmentation.ToRle();
        }
        catch (FormatException e)
        {
            return e.Message.TrimEnd('.');
        }
        if (a.Area is not { } area) return Missing("area");
        if (area != mask.Area) return $"its area is {area}, its runs have {mask.Area}";
        if (a.Bbox is not { } box) return Missing("bbox");
        var (x, y, width, height) = mask.BoxXywh;
        if (!box.AsSpan().SequenceEqual([x, y, width, height])) return $"its box is [{string.Join(", ", box)}], its runs have [{x}, {y}, {width}, {height}]";
        if (a.Level is { } level && (GranularityMap.All.FirstOrDefault(l => GranularityMap.Name(l) == level) is var known
            && (known == default || a.LevelIndex is { } index && index != (int)known)))
            return $"its level is '{level}' with index {a.LevelIndex}";
        if (a is { Level: null, LevelIndex: { } alone }) return $"its level_index is {alone}, without a level";
        if (a.StabilityScore is < 0 or > 1) return Invariant($"its stability_score is {a.StabilityScore}");
        if (a.Prompt is < 0) return $"its prompt is {a.Prompt}";
        if (a is { Whole.Label: null, Whole: not null } or { Part.Label: null, Part: not null }) return "a name without its label";
        if (a.PointCoords is { } points && points is not [[_, _]]) return "its point_coords are not [[x, y]]";
        return a.Parent is { } parent && (parent < 1 || parent > count || parent == id) ? $"its parent is {parent}" : null;
    }

    /// <summary>A mask that is its own ancestor, from 1; null when there is none. No mask is passed twice.</summary>
    private static int? Loop(IReadOnlyList<ResultAnnotation?> annotations)
    {
        var passedFrom = new int[annotations.Count + 1];
        for (int start = 1; start <= annotations.Count; start++)
            for (int? at = start; at is { } id; at = annotations[id - 1]!.Parent)
            {
                if (passedFrom[id] == start) return id;
                if (passedFrom[id] != 0) break; // where that leads is known
                passedFrom[id] = start;
            }
        return null;
    }

    private static string Missing(string key) => $"key '{key}' is missing";
}
