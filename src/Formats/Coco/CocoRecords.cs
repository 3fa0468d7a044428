using SemanticSam.Formats.Json;

namespace SemanticSam.Formats.Coco;

/// <summary>The images, names and licenses of a COCO file; annotations are read one at a time.</summary>
internal static class CocoRecords
{
    /// <summary>An image's record; the license by its id.</summary>
    internal sealed record Image(long Id, string FileName, int Width, int Height, string? Source, long? License);

    public static Image ReadImage(JsonValues v)
    {
        var image = new Image(v.Integer("id"), v.Text("file_name"), v.Side("width"), v.Side("height"), v.OptionalText("source"), v.OptionalInteger("license"));
        FormatLimits.Area(image.Width, image.Height, v.Bad);
        return image;
    }

    public static AnnotationCategory ReadCategory(JsonValues v) =>
        new(v.Integer("id"), v.Text("name"), v.OptionalText("supercategory"), v.OptionalText("level") is { } level
            ? AnnotationFields.RoleOf(level) ?? throw v.Bad($"level is '{level}'; whole, part, stuff and region are known") : null);

    public static (long Id, ImageLicense License) ReadLicense(JsonValues v) =>
        (v.Integer("id"), new(v.OptionalText("name") ?? "", v.OptionalText("url"), v.OptionalText("source"), v.OptionalText("statement")));

    /// <summary>Everything of an annotation but its mask.</summary>
    public static Annotation ReadAnnotation(JsonValues v, AnnotationCategory category, Masks.Rle mask)
    {
        var a = AnnotationFields.Read(v, new() { Mask = mask });
        float? wholeScore = v.OptionalFloat("whole_score"), partScore = v.OptionalFloat("part_score");
        // Written as null, the level is none; left out, it is the category's.
        var role = a.Role ?? (v.Element.TryGetProperty("level", out _) ? null : category.Role);
        if (category.Name == PlainNames.Unnamed) return a with { Role = role };
        // A part that stands under "wheel" of "car" keeps both names, whatever level the annotation itself has.
        if ((category.Role ?? role) == AnnotationRole.Part)
            return a with { Role = role, Whole = category.Supercategory is { } whole ? new(whole, wholeScore) : null, Part = new(category.Name, partScore) };
        return a with { Role = role, Whole = new(category.Name, wholeScore), Supercategory = category.Supercategory };
    }
}
