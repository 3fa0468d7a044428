using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SemanticSam.Engine;
using SemanticSam.Formats.Shapes;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Server.Api;

namespace SemanticSam.Server.Adapters;

/// <summary>samapi, which QuPath's SAM extension asks: answers are lists of GeoJSON features.</summary>
internal sealed class SamApi(Adapter adapter)
{
    public void Map(IEndpointRouteBuilder app)
    {
        app.Foreign("GET", "/sam/version/", Version);
        app.Foreign("GET", "/sam/weights/", Weights);
        app.Foreign("GET", "/sam/progress/", context => context.WriteJson(new JsonObject { ["message"] = "", ["percent"] = 100 }));
        app.Foreign("POST", "/sam/", Click);
        app.Foreign("POST", "/sam/automask/", Everything);
        app.Foreign("POST", "/sam/sam3/", Named);
    }

    /// <summary>Plain, as samapi writes it: that whose requests are answered here.</summary>
    private static Task Version(HttpContext context)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("0.7.0");
    }

    /// <summary>
    /// The client takes the first of these weights and sends its URL with every question; without any it fails before it has asked. There is one, of whatever
    /// type is chosen.
    /// </summary>
    private Task Weights(HttpContext context) => context.WriteJson(new JsonArray(new JsonObject
    {
        ["type"] = (string?)context.Request.Query["type"] ?? "semsam", ["name"] = adapter.ModelName, ["url"] = "the model of the server",
    }));

    private async Task Click(HttpContext context)
    {
        var body = await adapter.Read(context).ConfigureAwait(false);
        var image = await adapter.Base64(context, body["b64img"]).ConfigureAwait(false);
        var size = await adapter.Open(image, context).ConfigureAwait(false);
        var (points, labels) = (body["point_coords"].Items, body["point_labels"].Numbers);
        var prompt = new Prompt
        {
            Points = [.. points.Select((p, i) => Adapter.Point(p.Pair, i >= labels.Length || labels[i] != 0))],
            Box = body["bbox"].Numbers switch
            {
                [] => null,
                [var x1, var y1, var x2, var y2] => Adapter.Box(x1, y1, x2, y2),
                _ => throw body["bbox"].Wrong("[x1, y1, x2, y2]"),
            },
            Mask = body["b64mask"].Text is { Length: > 0 } mask ? ImageDecoder.DecodeMask(Bytes(mask), size.Width, size.Height) : null,
        };
        var answer = await adapter.Ask(context, image, [prompt], all: body["multimask_output"].Flag == true).ConfigureAwait(false);
        await context.WriteJson(Features(answer.Value.Masks, body["type"].Text)).ConfigureAwait(false);
    }

    private async Task Everything(HttpContext context)
    {
        var body = await adapter.Read(context).ConfigureAwait(false);
        var image = await adapter.Base64(context, body["b64img"]).ConfigureAwait(false);
        // Their thresholds are for SAM's scores: they are taken where the model is one; the others have their own.
        var model = await adapter.Model(context).ConfigureAwait(false);
        var options = new EverythingOptions
        {
            PointsPerSide = (int?)body["points_per_side"].Number is { } side ? Math.Clamp(side, 1, 64) : null,
            CropLayers = Math.Clamp((int?)body["crop_n_layers"].Number ?? 0, 0, 2),
            MinRegionArea = (int?)body["min_mask_region_area"].Number is { } area ? Math.Clamp(area, 0, 1 << 24) : null,
            PredictedIouThreshold = !model.AnswersNames ? body["pred_iou_thresh"].Number : null,
            StabilityThreshold = !model.AnswersNames ? body["stability_score_thresh"].Number : null,
            Vocabulary = [],
        };
        var (masks, width, height) = await adapter.Everything(context, image, options).ConfigureAwait(false);
        bool edges = body["include_image_edge"].Flag == true;
        var kept = masks.Where(m => edges || !(m.Bounds.Left == 0 || m.Bounds.Top == 0 || m.Bounds.Right == width || m.Bounds.Bottom == height));
        await context.WriteJson(Features([.. kept], body["type"].Text)).ConfigureAwait(false);
    }

    private async Task Named(HttpContext context)
    {
        var body = await adapter.Read(context).ConfigureAwait(false);
        var image = await adapter.Base64(context, body["b64img"]).ConfigureAwait(false);
        string text = body["text_prompt"].Text ?? "";
        double least = body["confidence_threshold"].Number ?? 0.5;
        var prompts = body["positive_bboxes"].Items.Select(b => b.Numbers is [var x, var y, var w, var h]
            ? new Prompt { Box = Adapter.Box(x, y, x + w, y + h) } : throw b.Wrong("[x, y, width, height]")).ToList();
        if (body["negative_bboxes"].Items.Count > 0) adapter.LeftOut(context, "boxes of what is not wanted");
        if (text.Length > 0 && prompts.Count > 0) adapter.LeftOut(context, "boxes beside a text");
        if (text.Length > 0) prompts = [Prompt.Named(text)];
        var masks = prompts.Count == 0 ? [] : (await adapter.Ask(context, image, prompts).ConfigureAwait(false)).Value.Masks;
        await context.WriteJson(Features([.. masks.Where(m => text.Length == 0 || Adapter.Score(m) >= least)], "sam3")).ConfigureAwait(false);
    }

    private static byte[] Bytes(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw ApiException.Bad("'b64mask' is not valid base64.");
        }
    }

    private static JsonArray Features(IReadOnlyList<MaskResult> masks, string? type) => [.. masks.Select((m, i) => new JsonObject
    {
        ["type"] = "Feature",
        ["geometry"] = Geometry(m.Mask),
        ["properties"] = new JsonObject
        {
            ["object_idx"] = i, ["label"] = Adapter.Label(m) ?? "object", ["quality"] = Adapter.Score(m), ["sam_model"] = type ?? "semsam",
            ["level"] = Adapter.Level(m),
        },
    })];

    /// <summary>Polygons of GeoJSON have holes; cut open they would touch themselves, which what computes with them refuses.</summary>
    private static JsonObject Geometry(Rle mask)
    {
        var islands = Outlines.WithHoles(mask, 0.5).Select(rings => (JsonNode)new JsonArray([.. rings.Select(r => (JsonNode)Ring(r))])).ToArray();
        return islands.Length == 1 ? new() { ["type"] = "Polygon", ["coordinates"] = islands[0] }
            : new() { ["type"] = "MultiPolygon", ["coordinates"] = new JsonArray(islands) };
    }

    /// <summary>Rings of GeoJSON end where they begin.</summary>
    private static JsonArray Ring(IReadOnlyList<(double X, double Y)> points) => [.. points.Append(points[0]).Select(p => (JsonNode)new JsonArray(p.X, p.Y))];
}
