using System.Text.Json;
using SemanticSam.Formats.Json;

namespace SemanticSam.Formats.Coco;

/// <summary>What scripts call COCO's keys where they do not know these; looked for only where COCO's own key is not there.</summary>
internal static class CocoKeys
{
    public static readonly string[] ImageIds = ["image_id", "imageId", "img_id"], CategoryIds = ["category_id", "categoryId", "class_id", "cat_id"],
        FileNames = ["filename", "fileName", "image_name"], CategoryNames = ["category_name", "categoryName", "class_name", "category", "label", "class"];

    /// <summary>The value of COCO's key, or of one that stands for it, which is said; null where there is none.</summary>
    public static JsonElement? Find(JsonValues v, string key, string[] others)
    {
        if (v.Has(key, out var value)) return value;
        foreach (string other in others)
        {
            if (other == key || !v.Has(other, out value) || !IsId(value)) continue;
            v.Repaired($"key '{key}' is missing", $"'{other}' is taken");
            return value;
        }
        return null;
    }

    /// <summary>The text of the first of several keys that has one; null where none has.</summary>
    public static string? Name(JsonValues v, string[] keys) =>
        keys.Select(k => v.Has(k, out var value) && value.ValueKind == JsonValueKind.String ? JsonValues.AsText(value) : null)
            .FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));

    private static bool IsId(JsonElement value) => value.ValueKind == JsonValueKind.String || JsonValues.WholeNumber(value) is not null;
}
