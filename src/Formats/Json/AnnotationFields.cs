using System.Text.Json;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Json;

/// <summary>
/// The fields of an annotation that all of the JSON formats share, by one set of names: SA-1B's where it has one, the whole/part
/// extension of COCO, and the engine's own results.
/// </summary>
internal static class AnnotationFields
{
    /// <summary>Takes over every field that is there; mask and names are the caller's.</summary>
    /// <param name="values">The annotation's object.</param>
    /// <param name="annotation">What is known of it.</param>
    /// <param name="marked">Whether the file bears our mark, so that these keys are ours.</param>
    public static Annotation Read(JsonValues values, Annotation annotation, bool marked)
    {
        var own = new OwnFields(values, marked);
        // "level" is a role or, in results of the engine, one of the six levels.
        var level = own.Word<(AnnotationRole?, GranularityLevel?)>("level", text => RoleOf(text) is { } r ? (r, null)
            : LevelOf(text) is { } l ? (null, l) : null, LevelWords);
        return annotation with
        {
            Id = Id(values),
            Parent = own.Integer("parent"),
            Role = level?.Item1 ?? annotation.Role,
            Level = own.Word("granularity", LevelOf, "one of the six levels") ?? level?.Item2,
            Score = own.Number("score"),
            PredictedIou = own.Number("predicted_iou"),
            StabilityScore = own.Number("stability_score"),
            Point = own.Point("point_coords"),
            CropBox = own.Numbers("crop_box", 4) is [var x, var y, var w, var h] ? (x, y, w, h) : null,
            Prompt = own.Int("prompt"),
            Group = own.Int("group"),
            IsCrowd = IsCrowd(values, own),
            IsWeak = own.Flag("weak"),
            IsDerived = own.Flag("derived"),
            Kind = own.Text("kind"),
        };
    }

    /// <summary>An id that is no number is none.</summary>
    private static long? Id(JsonValues values)
    {
        if (!values.Has("id", out var value)) return null;
        if (JsonValues.WholeNumber(value) is { } id) return id;
        return value.ValueKind == JsonValueKind.String && long.TryParse(JsonValues.AsText(value), out id) ? id : null;
    }

    private const string LevelWords = "whole, part, stuff, region or one of the six levels";

    /// <summary>The names of an annotation that carries them itself, as {"label", "score"} or as text.</summary>
    public static Annotation ReadNames(JsonValues values, Annotation annotation) => annotation with
    {
        Whole = Name(values, "whole"),
        Part = Name(values, "part"),
        Supercategory = new OwnFields(values, marked: true).Text("supercategory"),
    };

    /// <summary>COCO's own flag, which some write as a text.</summary>
    private static bool IsCrowd(JsonValues values, in OwnFields own)
    {
        if (!values.Has("iscrowd", out var value) || value.ValueKind != JsonValueKind.String) return own.Flag("iscrowd");
        if (JsonValues.AsText(value)?.Trim() is not { } text || !(text == "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase))) return false;
        values.Repaired($"iscrowd is the text {JsonValues.Describe(value)}", "it is taken as a crowd");
        return true;
    }

    /// <summary>Writes every field but mask, id, parent and names.</summary>
    public static void Write(Utf8JsonWriter writer, Annotation a)
    {
        if (a.Role is { } role) writer.WriteString("level", Name(role));
        if (a.Level is { } level) writer.WriteString("granularity", GranularityMap.Name(level));
        Write(writer, "score", a.Score);
        Write(writer, "predicted_iou", a.PredictedIou);
        Write(writer, "stability_score", a.StabilityScore);
        if (a.Point is { } point) WritePoint(writer, point);
        if (a.CropBox is { } crop) WriteBox(writer, "crop_box", crop);
        if (a.Prompt is { } prompt) writer.WriteNumber("prompt", prompt);
        if (a.Group is { } group) writer.WriteNumber("group", group);
        if (a.IsWeak) writer.WriteBoolean("weak", true);
        if (a.IsDerived) writer.WriteBoolean("derived", true);
        if (a.Kind is { } kind) writer.WriteString("kind", kind);
    }

    /// <summary>Writes id, parent, crowd flag and names, for formats that have no place of their own for them.</summary>
    public static void WriteIdentity(Utf8JsonWriter writer, Annotation a)
    {
        if (a.Id is { } id) writer.WriteNumber("id", id);
        if (a.Parent is { } parent) writer.WriteNumber("parent", parent);
        if (a.IsCrowd) writer.WriteNumber("iscrowd", 1);
        Write(writer, "whole", a.Whole);
        Write(writer, "part", a.Part);
        if (a.Supercategory is { } family) writer.WriteString("supercategory", family);
    }

    public static void WritePoint(Utf8JsonWriter writer, (double X, double Y) point)
    {
        writer.WriteStartArray("point_coords");
        writer.WriteStartArray();
        writer.WriteNumberValue(point.X);
        writer.WriteNumberValue(point.Y);
        writer.WriteEndArray();
        writer.WriteEndArray();
    }

    public static void WriteBox(Utf8JsonWriter writer, string name, (double X, double Y, double Width, double Height) box)
    {
        writer.WriteStartArray(name);
        writer.WriteNumberValue(box.X);
        writer.WriteNumberValue(box.Y);
        writer.WriteNumberValue(box.Width);
        writer.WriteNumberValue(box.Height);
        writer.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter writer, string name, float? value)
    {
        if (value is { } v && float.IsFinite(v)) writer.WriteNumber(name, v);
    }

    /// <summary>"whole", "part", "stuff" or "region".</summary>
    public static string Name(AnnotationRole role) => role switch
    {
        AnnotationRole.Whole => "whole",
        AnnotationRole.Part => "part",
        AnnotationRole.Stuff => "stuff",
        _ => "region",
    };

    /// <summary>Null for another word.</summary>
    public static AnnotationRole? RoleOf(string text) => text switch
    {
        "whole" => AnnotationRole.Whole,
        "part" => AnnotationRole.Part,
        "stuff" => AnnotationRole.Stuff,
        "region" => AnnotationRole.Region,
        _ => null,
    };

    /// <summary>Null for another word.</summary>
    public static GranularityLevel? LevelOf(string text)
    {
        try
        {
            return GranularityMap.Parse(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public static GranularityLevel Level(JsonValues values, string text) =>
        LevelOf(text) ?? throw values.Bad($"level is '{text}'; scene, group, whole, part, subpart and detail are known");

    private static void Write(Utf8JsonWriter writer, string key, AnnotationName? name)
    {
        if (name is not { } n) return;
        writer.WriteStartObject(key);
        writer.WriteString("label", n.Name);
        Write(writer, "score", n.Score);
        writer.WriteEndObject();
    }

    private static AnnotationName? Name(JsonValues values, string key)
    {
        if (!values.Has(key, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String) return new(values.Text(key));
        var name = values.Object(key);
        return new(name.Text("label"), name.OptionalFloat("score"));
    }
}
