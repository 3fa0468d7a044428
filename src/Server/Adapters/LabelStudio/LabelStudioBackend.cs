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
        var clicked = Clicks.Image(clicks.Items);
        var config = LabelConfig.Read(body["label_config"].Text, clicked.Tag);
        var results = new JsonArray();
        foreach (var task in body["tasks"].Items)
        {
            var (sources, isList) = config.Images(task["data"]);
            if (clicks.Exists && clicked.Item >= sources.Count)
                throw ApiException.Bad($"The click is on image {clicked.Item + 1L} of the task, which has {sources.Count}.");
            // One click concerns one image of one task; without clicks every task gets an answer, be it an empty one.
            var (items, scores) = (new JsonArray(), new List<double>());
            for (int i = clicks.Exists ? clicked.Item : 0; i < (clicks.Exists ? clicked.Item + 1 : sources.Count); i++)
            {
                var image = await ImageOf(context, project, sources[i]).ConfigureAwait(false);
                var shown = new Place(config, isList ? i : null, clicked.Rotation);
                var (masks, label) = clicks.Exists ? await Clicked(context, project, image, clicked, clicks.Items).ConfigureAwait(false)
                    : await Labeled(context, image, config).ConfigureAwait(false);
                scores.AddRange(masks.Select(Adapter.Score));
                foreach (var mask in masks)
                    foreach (var item in Items(mask, shown, label ?? Adapter.Label(mask) ?? config.Labels.FirstOrDefault())) items.Add(item);
            }
            results.Add(new JsonObject { ["result"] = items, ["model_version"] = adapter.ModelName, ["score"] = scores.Count == 0 ? 0 : scores.Average() });
        }
        await context.WriteJson(new JsonObject { ["results"] = results }).ConfigureAwait(false);
    }

    /// <summary>Where results go.</summary>
    /// <param name="Config">The tags.</param>
    /// <param name="Item">Number of the image where its tag shows several.</param>
    /// <param name="Rotation">By how much the image is turned in the editor.</param>
    private readonly record struct Place(LabelConfig Config, int? Item, double Rotation);

    private async Task<IncomingImage> ImageOf(HttpContext context, string project, Loose source)
    {
        string where = source.Required;
        return !images.IsOwn(project, where) && Uri.TryCreate(where, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? await adapter.Url(context, where).ConfigureAwait(false) // by the rules for every URL
            : IncomingImage.Of(await images.Fetch(project, where, options.MaxBodyBytes, context.RequestAborted).ConfigureAwait(false));
    }

    private async Task<(IReadOnlyList<MaskResult> Masks, string? Label)> Clicked(HttpContext context, string project, IncomingImage image,
        ClickedImage clicked, IReadOnlyList<Loose> regions)
    {
        var size = await adapter.Open(image, context).ConfigureAwait(false);
        var clicks = Clicks.Read(regions, clicked, size.Width, size.Height);
        foreach (string what in clicks.LeftOut) adapter.LeftOut(context, what);
        if (clicks.Prompt is not { } prompt) return ([], clicks.Label);
        var answer = await adapter.Ask(context, image, [prompt], _levels.TryGetValue(project, out var level) && prompt.HasPlace ? level : null)
            .ConfigureAwait(false);
        return (answer.Value.Masks, clicks.Label);
    }

    /// <summary>A task without clicks: what the project's labels name, where the model answers names.</summary>
    private async Task<(IReadOnlyList<MaskResult> Masks, string? Label)> Labeled(HttpContext context, IncomingImage image, LabelConfig config)
    {
        var model = await adapter.Model(context).ConfigureAwait(false);
        if (!model.AnswersNames || config.Labels.Count == 0) return ([], null);
        var answer = await adapter.Ask(context, image, Adapter.ByNames(config.Labels)).ConfigureAwait(false);
        return (answer.Value.Masks, null);
    }

    private static IEnumerable<JsonNode> Items(MaskResult mask, Place place, string? label)
    {
        var config = place.Config;
        var (width, height) = (mask.Mask.Width, mask.Mask.Height);
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

        JsonObject Item(string tag, string type, JsonObject value)
        {
            var item = new JsonObject
            {
                ["id"] = Guid.NewGuid().ToString("N")[..10], ["from_name"] = tag, ["to_name"] = config.Image, ["original_width"] = width,
                ["original_height"] = height, ["image_rotation"] = place.Rotation, ["value"] = value, ["score"] = Adapter.Score(mask), ["type"] = type,
                ["readonly"] = false,
                ["meta"] = Adapter.Level(mask) is { } level ? new JsonObject { ["text"] = new JsonArray($"level: {level}") } : new JsonObject(),
            };
            if (place.Item is { } index) item["item_index"] = index;
            return item;
        }
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
