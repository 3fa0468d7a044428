using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Server.Api;

namespace SemanticSam.Server.Adapters;

/// <summary>osam's interface. A model's name may end in a level: "semsam:part".</summary>
internal sealed class Osam(Adapter adapter)
{
    public void Map(IEndpointRouteBuilder app) => app.Foreign("POST", "/api/generate", Generate);

    private async Task Generate(HttpContext context)
    {
        var body = await adapter.Read(context).ConfigureAwait(false);
        string model = body["model"].Text ?? "semsam";
        var image = await adapter.Base64(context, body["image"]).ConfigureAwait(false);
        var prompt = body["prompt"];
        var asked = Places(prompt);
        string[] names = prompt["texts"].Texts;
        if (asked.HasPlace && names.Length > 0) adapter.LeftOut(context, "texts beside points");
        if (!asked.HasPlace && names.Length == 0) // as osam does: what is in the middle
        {
            var size = await adapter.Open(image, context).ConfigureAwait(false);
            asked = Prompt.At(size.Width / 2f, size.Height / 2f);
        }
        else if (!asked.HasPlace) asked = new() { Names = names };
        var answer = await adapter.Ask(context, image, [asked], asked.HasPlace ? Adapter.LevelIn(model, ":") : null).ConfigureAwait(false);
        double least = asked.HasPlace ? 0 : prompt["score_threshold"].Number ?? 0;
        int most = (int)Math.Clamp(prompt["max_annotations"].Number ?? 100, 1, 1000);
        await context.WriteJson(new JsonObject
        {
            ["model"] = model, ["image_embedding"] = null,
            ["annotations"] = new JsonArray([.. answer.Value.Masks.Where(m => Adapter.Score(m) >= least).Take(most).Select(m => Annotation(m, names))]),
        }).ConfigureAwait(false);
    }

    /// <summary>Points in the decoder's own coding: 0 and 1 are what is not wanted and what is, 2 and 3 the corners of a box.</summary>
    private static Prompt Places(Loose prompt)
    {
        var (points, labels) = (prompt["points"].Items, prompt["point_labels"].Numbers);
        if (labels.Length != points.Count && labels.Length > 0)
            throw ApiException.Bad($"'point_labels' are {labels.Length}; as many as points are expected, {points.Count}.");
        var places = points.Select((p, i) => (At: p.Pair, Label: labels.Length > 0 ? labels[i] : 1)).ToArray();
        foreach (var (_, label) in places)
            if (label is not (0 or 1 or 2 or 3)) throw ApiException.Bad($"A point's label is {label}; 0 to 3 are known.");
        var corners = (Left: places.Where(p => p.Label == 2).ToArray(), Right: places.Where(p => p.Label == 3).ToArray());
        return new()
        {
            Points = [.. places.Where(p => p.Label is 0 or 1).Select(p => Adapter.Point(p.At, p.Label == 1))],
            Box = corners switch
            {
                ([], []) => null,
                ([var (a, _)], [var (b, _)]) => Adapter.Box(a.X, a.Y, b.X, b.Y),
                _ => throw ApiException.Bad("A box has two corners, a point of label 2 and one of label 3."),
            },
        };
    }

    /// <param name="mask">The mask.</param>
    /// <param name="texts">Those of the request: their clients look for an annotation's text among them.</param>
    private static JsonNode Annotation(MaskResult mask, string[] texts)
    {
        var b = mask.Bounds;
        int asked = Adapter.Asked(mask, texts);
        return new JsonObject
        {
            ["bounding_box"] = new JsonObject { ["xmin"] = b.Left, ["ymin"] = b.Top, ["xmax"] = b.Right - 1, ["ymax"] = b.Bottom - 1 },
            ["text"] = asked < 0 ? Adapter.Label(mask) : texts[asked], ["score"] = Adapter.Score(mask), ["level"] = Adapter.Level(mask),
            ["mask"] = Convert.ToBase64String(ImageEncoder.Png(mask.Mask.Crop(b))),
        };
    }
}
