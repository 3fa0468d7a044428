using System.Text.Json;
using System.Text.Json.Nodes;
using SemanticSam.Engine;
using SemanticSam.Formats.Results;
using SemanticSam.Formats.Shapes;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Api;

/// <summary>What masks come with.</summary>
/// <param name="Polygons">Outlines.</param>
/// <param name="Png">Images of the masks, cut to their bounding boxes.</param>
/// <param name="Tolerance">How far a corner may be left out, in pixels.</param>
internal sealed record MaskForms(bool Polygons, bool Png, double Tolerance)
{
    public static MaskForms Of(string[]? include, double? tolerance)
    {
        foreach (string form in include ?? [])
            if (form is not ("polygons" or "png")) throw ApiException.Bad($"'include' has '{form}'; allowed are polygons and png.");
        if (tolerance is { } t && !(t is >= 0 and <= 100)) throw ApiException.Bad("'tolerance' is between 0 and 100 pixels.");
        return new(include?.Contains("polygons") == true, include?.Contains("png") == true, tolerance ?? 0);
    }
}

/// <summary>Results as JSON: what the command line writes, and beside it what was asked for.</summary>
internal static class Answers
{
    public static JsonObject Of(Answered<PromptAnswer> answered, ModelIdentity model, MaskForms forms) =>
        Of(answered, model, answered.Value.Masks, forms, answered.Value.Logits, answered.Value.Names);

    public static JsonObject Of<T>(Answered<T> answered, ModelIdentity model, IReadOnlyList<MaskResult> masks, MaskForms forms,
        IReadOnlyList<string?>? logits = null, IReadOnlyList<NameReport>? names = null)
    {
        double encode = answered.Encode.TotalSeconds;
        string text = ResultJson.ToText(answered.Image.Name, answered.Width, answered.Height, model,
            new(0, encode, Math.Max(0, answered.Total.TotalSeconds - encode)), masks,
            notices: [.. answered.Notices, .. (names ?? []).Select(n => n.Notice).OfType<string>()]);
        var json = JsonNode.Parse(text)!.AsObject();
        json["image_id"] = answered.Image.Id;
        json["cached"] = answered.Cached;
        var annotations = json["annotations"]!.AsArray();
        for (int i = 0; i < masks.Count; i++) Add(annotations[i]!.AsObject(), masks[i].Mask, forms, logits?[i]);
        if (names is { Count: > 0 }) json["names"] = JsonSerializer.SerializeToNode(names.Select(NameResponse.Of), Json.Options);
        return json;
    }

    /// <summary>Masks alone, for a stream.</summary>
    public static JsonArray Masks(IReadOnlyList<MaskResult> masks, MaskForms forms, int firstId)
    {
        if (masks.Count == 0) return [];
        var annotations = JsonNode.Parse(ResultJson.ToText("", masks[0].Mask.Width, masks[0].Mask.Height, new("", ""), null, masks))!["annotations"]!.AsArray();
        for (int i = 0; i < masks.Count; i++)
        {
            var annotation = annotations[i]!.AsObject();
            annotation["id"] = firstId + i;
            Add(annotation, masks[i].Mask, forms, null);
        }
        return annotations.DeepClone().AsArray();
    }

    private static void Add(JsonObject annotation, Rle mask, MaskForms forms, string? logits)
    {
        if (forms.Polygons) annotation["polygons"] = Polygons(mask, forms.Tolerance);
        if (forms.Png && !mask.IsEmpty) annotation["png"] = Convert.ToBase64String(ImageEncoder.Png(mask.Crop(mask.Bounds)));
        if (logits is not null) annotation["logits"] = logits;
    }

    private static JsonArray Polygons(Rle mask, double tolerance) =>
        [.. Outlines.Of(mask, PolygonRule.Center, tolerance).Select(p => (JsonNode)new JsonArray([.. p.Select(c => (JsonNode)new JsonArray(c.X, c.Y))]))];

    public static byte[] Utf8(JsonNode json) => JsonSerializer.SerializeToUtf8Bytes(json, Json.Options);
}
