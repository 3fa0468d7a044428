using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SemanticSam.Engine;
using SemanticSam.Masks;
using SemanticSam.Server.Api;
using SemanticSam.Server.Images;
using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Adapters;

/// <summary>Roboflow's inference server, as its SDK asks it: SAM 2 and SAM 3 routes, YOLO-World's boxes by name.</summary>
internal sealed class RoboflowInference(Adapter adapter)
{
    private readonly ImageNames _names = new();

    public void Map(IEndpointRouteBuilder app)
    {
        app.Foreign("GET", "/info", Info).WithMetadata(KeyInBody.Mark);
        foreach (var (path, answer) in new (string, Func<HttpContext, Loose, IncomingImage, Task<JsonObject>>)[]
                 {
                     ("/sam2/embed_image", Embed), ("/sam3/embed_image", Embed), ("/sam2/segment_image", Segment), ("/sam3/visual_segment", Segment),
                     ("/sam3/concept_segment", Concepts), ("/yolo_world/infer", Boxes),
                 })
            app.Foreign("POST", path, context => Answer(context, answer)).WithMetadata(KeyInBody.Mark);
    }

    private Task Info(HttpContext context)
    {
        adapter.RequireKey(context, null);
        return context.WriteJson(new JsonObject
        {
            ["name"] = "SemanticSam", ["version"] = typeof(RoboflowInference).Assembly.GetName().Version!.ToString(3),
            ["uuid"] = "semsam", ["model"] = adapter.ModelName,
        });
    }

    private async Task Answer(HttpContext context, Func<HttpContext, Loose, IncomingImage, Task<JsonObject>> answer)
    {
        var watch = Stopwatch.StartNew();
        var body = await adapter.Read(context).ConfigureAwait(false);
        adapter.RequireKey(context, body);
        var result = await answer(context, body, await Image(context, body).ConfigureAwait(false)).ConfigureAwait(false);
        result["time"] = Math.Round(watch.Elapsed.TotalSeconds, 4);
        await context.WriteJson(result).ConfigureAwait(false);
    }

    /// <summary>The image; "image_id" is a name that the client gave it, or an id of ours.</summary>
    private async Task<IncomingImage> Image(HttpContext context, Loose body)
    {
        var image = body["image"];
        string? name = Name(body), key = Adapter.KeyOf(context, body);
        if (!image.Exists && name is not null) return _names.Find(key, name) is { } known ? new(known, null, known)
            : RequestReading.IsId(name) ? new(name, null, name) : throw new ImageUnknownException(name);
        var given = (image["type"].Text ?? "base64") switch
        {
            "base64" => await adapter.Base64(context, image["value"]).ConfigureAwait(false),
            "url" => await adapter.Url(context, image["value"].Required).ConfigureAwait(false),
            _ => throw image["type"].Wrong("'base64' or 'url'"),
        };
        if (name is not null && !RequestReading.IsId(name)) _names.Remember(key, name, given.Id);
        return given;
    }

    private static string? Name(Loose body) => body["image_id"].Text is { Length: > 0 and <= ImageNames.Longest } name ? name : null;

    private async Task<JsonObject> Embed(HttpContext context, Loose body, IncomingImage image)
    {
        await adapter.Open(image, context).ConfigureAwait(false);
        return new() { ["image_id"] = Name(body) ?? image.Id };
    }

    private async Task<JsonObject> Segment(HttpContext context, Loose body, IncomingImage image)
    {
        var prompts = Prompts(body["prompts"]).Select(Prompt).Where(p => p.HasPlace).ToArray();
        if (prompts.Length == 0) // their clients may ask without one: what is in the middle
        {
            var size = await adapter.Open(image, context).ConfigureAwait(false);
            prompts = [Engine.Prompt.At(size.Width / 2f, size.Height / 2f)];
        }
        bool all = body["multimask_output"].Flag ?? true;
        string format = Format(body);
        var answer = await adapter.Ask(context, image, prompts, all: all).ConfigureAwait(false);
        // Of several masks their clients take the first for the best.
        var masks = answer.Value.Masks.GroupBy(m => m.Prompt).SelectMany(g => g.OrderByDescending(m => m.PredictedIou));
        return new() { ["predictions"] = new JsonArray([.. masks.Select(m => Prediction(m, format))]) };
    }

    /// <summary>{"prompts": [...]}, a list, or one prompt alone.</summary>
    private static IReadOnlyList<Loose> Prompts(Loose prompts) => prompts["prompts"].Exists ? prompts["prompts"].Items : prompts.IsObject ? [prompts]
        : prompts.Items;

    /// <summary>Boxes of SAM 2 are given by their center.</summary>
    private static Prompt Prompt(Loose prompt)
    {
        double Get(Loose of, string key) => of[key].Number ?? throw of[key].Wrong("a number");
        var box = prompt["box"];
        return new()
        {
            Points = [.. prompt["points"].Items.Select(p => Adapter.Point(Get(p, "x"), Get(p, "y"), p["positive"].Flag ?? true))],
            Box = box.Exists
                ? Adapter.Box(Get(box, "x") - Get(box, "width") / 2, Get(box, "y") - Get(box, "height") / 2, Get(box, "x") + Get(box, "width") / 2,
                    Get(box, "y") + Get(box, "height") / 2)
                : null,
        };
    }

    private static JsonNode Prediction(MaskResult mask, string format) => new JsonObject
    {
        ["masks"] = format == "rle" ? new JsonObject { ["size"] = new JsonArray(mask.Mask.Height, mask.Mask.Width),
            ["counts"] = mask.Mask.ToCompressedString() } : Adapter.Polygons(mask.Mask),
        ["confidence"] = Adapter.Score(mask), ["format"] = format, ["level"] = Adapter.Level(mask),
    };

    private static string Format(Loose body) => body["format"].Text switch
    {
        null or "json" or "polygon" => "polygon",
        "rle" => "rle",
        var other => throw ApiException.Bad($"'format' is '{other}'; json, polygon and rle are written here."),
    };

    /// <summary>SAM 3's concepts: names, or boxes around examples, which the model's own name for what is in them stands for.</summary>
    private async Task<JsonObject> Concepts(HttpContext context, Loose body, IncomingImage image)
    {
        var results = new JsonArray();
        string format = Format(body);
        var prompts = body["prompts"].Items;
        if (prompts.Count is < 1 or > 64) throw ApiException.Bad($"There are {prompts.Count} prompts; allowed are 1 to 64.");
        if (body["nms_iou_threshold"].Exists) adapter.LeftOut(context, "a threshold for masks of different prompts that overlap");
        for (int i = 0; i < prompts.Count; i++)
        {
            var prompt = prompts[i];
            double least = prompt["output_prob_thresh"].Number ?? body["output_prob_thresh"].Number ?? 0.5;
            var boxes = prompt["boxes"].Items;
            string? text = prompt["text"].Text;
            if (boxes.Count > 0 && (text is { Length: > 0 } || prompt["box_labels"].Numbers.Contains(0)))
                adapter.LeftOut(context, text is { Length: > 0 } ? "example boxes beside a text" : "boxes of what is not wanted");
            var masks = text is { Length: > 0 } ? await Named(context, image, text).ConfigureAwait(false)
                : await Like(context, image, prompt).ConfigureAwait(false);
            results.Add(new JsonObject
            {
                ["prompt_index"] = i,
                ["echo"] = new JsonObject { ["prompt_index"] = i, ["type"] = prompt["type"].Text ?? "text", ["text"] = text, ["num_boxes"] = boxes.Count },
                ["predictions"] = new JsonArray([.. masks.Where(m => Adapter.Score(m) >= least).Select(m => Prediction(m, format))]),
            });
        }
        return new() { ["prompt_results"] = results };
    }

    private async Task<IReadOnlyList<MaskResult>> Named(HttpContext context, IncomingImage image, params string[] names) =>
        (await adapter.Ask(context, image, [Engine.Prompt.Named(names)]).ConfigureAwait(false)).Value.Masks;

    /// <summary>The things in the example boxes themselves: what else looks like them is not known to a model that answers places and names.</summary>
    private async Task<IReadOnlyList<MaskResult>> Like(HttpContext context, IncomingImage image, Loose prompt)
    {
        var (boxes, labels) = (prompt["boxes"].Items, prompt["box_labels"].Numbers);
        var wanted = boxes.Where((_, i) => i >= labels.Length || labels[i] != 0).Select(b => new Prompt { Box = TopLeft(b) }).ToArray();
        return wanted.Length == 0 ? [] : (await adapter.Ask(context, image, wanted).ConfigureAwait(false)).Value.Masks;
    }

    /// <summary>Boxes of SAM 3 are given by their corner.</summary>
    private static BoxF TopLeft(Loose box)
    {
        double Get(string key) => box[key].Number ?? throw box[key].Wrong("a number");
        return box["x0"].Exists ? Adapter.Box(Get("x0"), Get("y0"), Get("x1"), Get("y1"))
            : Adapter.Box(Get("x"), Get("y"), Get("x") + Get("width"), Get("y") + Get("height"));
    }

    private async Task<JsonObject> Boxes(HttpContext context, Loose body, IncomingImage image)
    {
        string[] names = body["text"].Texts;
        if (names.Length is < 1 or > 100) throw ApiException.Bad($"There are {names.Length} texts; allowed are 1 to 100.");
        var answer = await adapter.Ask(context, image, [Engine.Prompt.Named(names)]).ConfigureAwait(false);
        double least = body["confidence"].Number ?? 0;
        return new()
        {
            ["predictions"] = new JsonArray([.. answer.Value.Masks.Where(m => Adapter.Score(m) >= least).Select(m => Boxed(m, names))]),
            ["image"] = new JsonObject { ["width"] = answer.Width, ["height"] = answer.Height },
        };
    }

    /// <summary>A thing as a box, of the text that it answers: their clients know no other classes.</summary>
    private static JsonNode Boxed(MaskResult mask, string[] texts)
    {
        var (b, text) = (mask.Bounds, Adapter.Asked(mask, texts));
        return new JsonObject
        {
            ["x"] = b.Left + b.Width / 2.0, ["y"] = b.Top + b.Height / 2.0, ["width"] = b.Width, ["height"] = b.Height,
            ["confidence"] = Adapter.Score(mask), ["class"] = text < 0 ? Adapter.Label(mask) : texts[text], ["class_id"] = text,
            ["detection_id"] = Guid.NewGuid().ToString(),
        };
    }
}
