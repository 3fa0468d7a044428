using System.Globalization;
using SemanticSam.Formats.Json;

namespace SemanticSam.Formats.Coco;

/// <summary>The images, names and licenses of a COCO file; annotations are read one at a time.</summary>
internal static class CocoRecords
{
    /// <summary>What LVIS calls the ids of names that were looked for in an image and are not there.</summary>
    public const string AbsentKey = "neg_category_ids";

    /// <summary>An image's record; license and absent names by their ids.</summary>
    internal sealed record Image(long Id, string FileName, int? Width, int? Height, string? Source, long? License, IReadOnlyList<long> Absent);

    /// <summary>An image.</summary>
    /// <param name="v">Its record.</param>
    /// <param name="ids">Numbers of ids that are texts.</param>
    /// <param name="key">The key under which it stands in a map, which is its id where it has no other; null in a list.</param>
    public static Image ReadImage(JsonValues v, CocoIds ids, string? key = null)
    {
        var found = CocoKeys.Find(v, "id", key is null ? CocoKeys.ImageIds : []);
        long id = found is { } given ? ids.Of(given) : key is not null ? ids.Of(key) : throw v.Bad("key 'id' is missing");
        if (id == CocoIndex.NoImage) throw v.Bad($"id has to be a whole number, here is {JsonValues.Describe(found!.Value)}");
        if (found?.ValueKind == System.Text.Json.JsonValueKind.String) v.NotedOnce("ids of images are texts", "images and annotations are matched by them");
        string name = v.OptionalName("file_name") ?? CocoKeys.Name(v, CocoKeys.FileNames) ?? v.OptionalName("path") ?? v.OptionalName("coco_url")
            ?? (key is not null && ImageFolder.IsImage(key) ? key : "");
        if (name.Length == 0)
        {
            name = FormattableString.Invariant($"{id:d12}.jpg");
            v.Repaired("key 'file_name' is missing", $"it is called '{name}'");
        }
        int? width = v.OptionalSide("width") ?? v.OptionalSide("w"), height = v.OptionalSide("height") ?? v.OptionalSide("h");
        return new(id, name, width, height, new OwnFields(v, false).Text("source"), new OwnFields(v, false).Integer("license"),
            new OwnFields(v, false).Integers(AbsentKey));
    }

    /// <summary>A category.</summary>
    /// <param name="v">Its record.</param>
    /// <param name="marked">Whether keys that COCO does not have are ours.</param>
    /// <param name="key">The key under which it stands in a map, which is its id or its name where it has no other; null in a list.</param>
    public static AnnotationCategory ReadCategory(JsonValues v, bool marked, string? key = null)
    {
        bool isNumber = long.TryParse(key, NumberStyles.Integer, CultureInfo.InvariantCulture, out long number);
        long id = CategoryId(v, isNumber ? number : null);
        string? name = v.OptionalName("name") ?? CocoKeys.Name(v, CocoKeys.CategoryNames) ?? (isNumber || key is "" ? null : key);
        if (string.IsNullOrWhiteSpace(name))
        {
            string what = name is null ? "key 'name' is missing" : "key 'name' holds nothing but blanks";
            name = FormattableString.Invariant($"{id}");
            v.Repaired(what, $"its number is its name: '{name}'");
        }
        var own = new OwnFields(v, marked);
        return new(id, name, own.Text("supercategory"), own.Word("level", AnnotationFields.RoleOf, "whole, part, stuff or region"));
    }

    /// <summary>COCO's own key, else the number under which the category stands in a map, else what scripts call that key.</summary>
    private static long CategoryId(JsonValues v, long? key)
    {
        if (v.Has("id", out _)) return v.Integer("id");
        if (key is { } number) return number;
        return v.Integer(CocoKeys.CategoryIds.FirstOrDefault(k => v.Has(k, out _)) ?? "id"); // which is missing, and says so
    }

    public static (long Id, ImageLicense License) ReadLicense(JsonValues v)
    {
        var own = new OwnFields(v, false);
        return (v.Integer("id"), new(own.Text("name") ?? "", own.Text("url"), own.Text("source"), own.Text("statement")));
    }

    /// <summary>Everything of an annotation but its mask.</summary>
    /// <param name="v">The annotation.</param>
    /// <param name="category">Its name; null for none.</param>
    /// <param name="mask">Its mask.</param>
    /// <param name="marked">Whether keys that COCO does not have are ours.</param>
    public static Annotation ReadAnnotation(JsonValues v, AnnotationCategory? category, Masks.Rle mask, bool marked)
    {
        var a = AnnotationFields.Read(v, new() { Mask = mask }, marked);
        var own = new OwnFields(v, marked);
        float? wholeScore = own.Number("whole_score"), partScore = own.Number("part_score");
        // Written as null, the level is none; left out, it is the category's.
        var role = a.Role ?? (v.IsNull("level") ? null : category?.Role);
        if (category is null || category.Name == PlainNames.Unnamed) return a with { Role = role };
        // A part that stands under "wheel" of "car" keeps both names, whatever level the annotation itself has.
        if ((category.Role ?? role) == AnnotationRole.Part)
            return a with { Role = role, Whole = category.Supercategory is { } whole ? new(whole, wholeScore) : null, Part = new(category.Name, partScore) };
        return a with { Role = role, Whole = new(category.Name, wholeScore), Supercategory = category.Supercategory };
    }
}
