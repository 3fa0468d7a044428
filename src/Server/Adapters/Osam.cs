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
        double[] labels = prompt["point_labels"].Numbers;
        var places = prompt["points"].Items.Select((p, i) => (At: p.Pair, Label: i < labels.Length ? (int)labels[i] : 1)).ToArray();
        // The decoder's own coding: 2 and 3 are the corners of a box.
        var (first, last) = (places.Where(p => p.Label == 2).ToArray(), places.Where(p => p.Label == 3).ToArray());
        var asked = new Prompt
        {
            Points = [.. places.Where(p => p.Label is 0 or 1).Select(p => Adapter.Point(p.At, p.Label == 1))],
            Box = first is [var (a, _), ..] && last is [var (b, _), ..] ? Adapter.Box(a.X, a.Y, b.X, b.Y) : null,
        };
        string[] names = prompt["texts"].Texts;
        if (!asked.HasPlace) asked = new() { Names = names };
        var answer = await adapter.Ask(context, image, [asked], asked.HasPlace ? Adapter.LevelIn(model, ":") : null).ConfigureAwait(false);
        double least = asked.HasPlace ? 0 : prompt["score_threshold"].Number ?? 0;
        int most = (int)Math.Clamp(prompt["max_annotations"].Number ?? 100, 1, 1000);
        await context.WriteJson(new JsonObject
        {
            ["model"] = model, ["image_embedding"] = null,
            ["annotations"] = new JsonArray([.. answer.Value.Masks.Where(m => Adapter.Score(m) >= least).Take(most).Select(Annotation)]),
        }).ConfigureAwait(false);
    }

    private static JsonNode Annotation(MaskResult mask)
    {
        var b = mask.Bounds;
        return new JsonObject
        {
            ["bounding_box"] = new JsonObject { ["xmin"] = b.Left, ["ymin"] = b.Top, ["xmax"] = b.Right - 1, ["ymax"] = b.Bottom - 1 },
            ["text"] = Adapter.Label(mask), ["score"] = Adapter.Score(mask), ["level"] = Adapter.Level(mask),
            ["mask"] = Convert.ToBase64String(ImageEncoder.Png(mask.Mask.Crop(b))),
        };
    }
}
