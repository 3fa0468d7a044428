using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SemanticSam.Formats.Shapes;
using SemanticSam.Masks;
using SemanticSam.Server.Api;
using SemanticSam.Server.Images;

namespace SemanticSam.Server.Adapters.LabelStudio;

/// <summary>
/// Label Studio's machine learning backend, below /label-studio: smart key points, rectangles and texts become masks, whole images what their
/// labels name.
/// </summary>
internal sealed class LabelStudioBackend(Adapter adapter, TaskImages images, ServerOptions options)
{
    private const string Root = "/label-studio";
    private readonly ConcurrentDictionary<string, GranularityLevel> _levels = new();

    public void Map(IEndpointRouteBuilder app)
    {
        app.Foreign("GET", Root, Health);
        app.Foreign("GET", Root + "/health", Health);
        app.Foreign("GET", Root + "/metrics", context => context.WriteJson(new JsonObject()));
        app.Foreign("POST", Root + "/setup", Setup);
        app.Foreign("POST", Root + "/predict", Predict);
        app.Foreign("POST", Root + "/webhook", Webhook);
    }

    private static Task Health(HttpContext context) => context.WriteJson(new JsonObject { ["status"] = "UP", ["model_class"] = "SemanticSam" });

    /// <summary>Answers at once: Label Studio waits three seconds, and the model may still be loaded.</summary>
    private async Task Setup(HttpContext context)
    {
        var body = await adapter.Read(context).ConfigureAwait(false);
        string project = body["project"].Text ?? "";
        images.Remember(project, body["hostname"].Text, body["access_token"].Text);
        if (LevelIn(body["extra_params"]) is { } level && _levels.Count < 1000) _levels[project] = level;
        await context.WriteJson(new JsonObject { ["model_version"] = adapter.ModelName }).ConfigureAwait(false);
    }

    private async Task Webhook(HttpContext context)
    {
        string action = (await adapter.Read(context).ConfigureAwait(false))["action"].Text ?? "";
        bool known = action is "ANNOTATION_CREATED" or "ANNOTATION_UPDATED" or "ANNOTATION_DELETED" or "START_TRAINING";
        if (known) context.Response.StatusCode = StatusCodes.Status201Created;
        await context.WriteJson(known ? new JsonObject { ["result"] = new JsonObject(), ["status"] = "ok" } : new JsonObject { ["status"] = "Unknown event" })
            .ConfigureAwait(false);
    }

    private async Task Predict(HttpContext context)
    {
        var body = await adapter.Read(context).ConfigureAwait(false);
        string project = body["project"].Text ?? "";
        var clicks = body["params"]["context"]["result"];
        var config = LabelConfig.Read(body["label_config"].Text, Clicks.Image(clicks.Items));
        var results = new JsonArray();
        foreach (var task in body["tasks"].Items)
        {
            // One click concerns one task; without clicks every task gets an answer, be it an empty one.
            var image = await ImageOf(context, project, task["data"][config.Key]).ConfigureAwait(false);
            results.Add(clicks.Exists ? await Clicked(context, project, image, config, clicks.Items).ConfigureAwait(false)
                : await Labeled(context, image, config).ConfigureAwait(false));
        }
        await context.WriteJson(new JsonObject { ["results"] = results }).ConfigureAwait(false);
    }

    private async Task<IncomingImage> ImageOf(HttpContext context, string project, Loose source)
    {
        string where = source.Required;
        return !images.IsOwn(project, where) && Uri.TryCreate(where, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? await adapter.Url(context, where).ConfigureAwait(false) // by the rules for every URL
            : IncomingImage.Of(await images.Fetch(project, where, options.MaxBodyBytes, context.RequestAborted).ConfigureAwait(false));
    }

    private async Task<JsonNode> Clicked(HttpContext context, string project, IncomingImage image, LabelConfig config, IReadOnlyList<Loose> regions)
    {
        var size = await adapter.Open(image, context).ConfigureAwait(false);
        var clicks = Clicks.Read(regions, Clicks.Image(regions), size.Width, size.Height);
        foreach (string what in clicks.LeftOut) adapter.LeftOut(context, what);
        if (clicks.Prompt is not { } prompt) return Result([], config, clicks.Label, 0, 0);
        var answer = await adapter.Ask(context, image, [prompt], _levels.TryGetValue(project, out var level) && prompt.HasPlace ? level : null)
            .ConfigureAwait(false);
        return Result(answer.Value.Masks, config, clicks.Label, answer.Width, answer.Height);
    }

    /// <summary>A task without clicks: what the project's labels name, where the model answers names.</summary>
    private async Task<JsonNode> Labeled(HttpContext context, IncomingImage image, LabelConfig config)
    {
        var model = await adapter.Model(context).ConfigureAwait(false);
        if (!model.AnswersNames || config.Labels.Count == 0) return Result([], config, null, 0, 0);
        var answer = await adapter.Ask(context, image, Adapter.ByNames(config.Labels)).ConfigureAwait(false);
        return Result(answer.Value.Masks, config, null, answer.Width, answer.Height);
    }

    private JsonObject Result(IReadOnlyList<MaskResult> masks, LabelConfig config, string? label, int width, int height)
    {
        var items = new JsonArray([.. masks.SelectMany(m => Items(m, config, label ?? Adapter.Label(m) ?? config.Labels.FirstOrDefault(), width, height))]);
        return new() { ["result"] = items, ["model_version"] = adapter.ModelName, ["score"] = masks.Count == 0 ? 0 : masks.Average(Adapter.Score) };
    }

    private static IEnumerable<JsonNode> Items(MaskResult mask, LabelConfig config, string? label, int width, int height)
    {
        JsonArray labels = label is null ? [] : [label];
        if (config.Brush is { } brush || config is { Polygon: null, Rectangle: null })
        {
            var value = new JsonObject { ["format"] = "rle", ["rle"] = new JsonArray([.. BrushRle.Encode(mask.Mask).Select(b => (JsonNode)(int)b)]),
                ["brushlabels"] = labels };
            yield return Item(config.Brush ?? "tag", "brushlabels", value);
        }
        else if (config.Polygon is { } polygon)
        {
            foreach (var outline in Outlines.Of(mask.Mask, PolygonRule.Center, 1))
            {
                JsonNode[] corners = [.. outline.Select(c => new JsonArray(100 * c.X / width, 100 * c.Y / height))];
                yield return Item(polygon, "polygonlabels", new() { ["points"] = new JsonArray(corners), ["closed"] = true,
                    ["polygonlabels"] = labels.DeepClone() });
            }
        }
        else
        {
            var b = mask.Bounds;
            yield return Item(config.Rectangle!, "rectanglelabels", new()
            {
                ["x"] = 100.0 * b.Left / width, ["y"] = 100.0 * b.Top / height, ["width"] = 100.0 * b.Width / width, ["height"] = 100.0 * b.Height / height,
                    ["rotation"] = 0, ["rectanglelabels"] = labels,
            });
        }

        JsonObject Item(string tag, string type, JsonObject value) => new()
        {
            ["id"] = Guid.NewGuid().ToString("N")[..10], ["from_name"] = tag, ["to_name"] = config.Image, ["original_width"] = width,
                ["original_height"] = height, ["image_rotation"] = 0,
            ["value"] = value, ["score"] = Adapter.Score(mask), ["type"] = type, ["readonly"] = false,
            ["meta"] = Adapter.Level(mask) is { } level ? new JsonObject { ["text"] = new JsonArray($"level: {level}") } : new JsonObject(),
        };
    }

    /// <summary>A project may choose a level in its extra parameters: {"level": "part"}, as text or object.</summary>
    private static GranularityLevel? LevelIn(Loose extra)
    {
        if (!extra.Exists) return null;
        try
        {
            var json = extra.IsObject ? extra : Loose.Parse(System.Text.Encoding.UTF8.GetBytes(extra.Text ?? "null"));
            return json["level"].Text is { } name ? GranularityMap.Parse(name) : null;
        }
        catch (Exception e) when (e is ApiException or FormatException or ArgumentException)
        {
            return null; // other backends' parameters
        }
    }
}
