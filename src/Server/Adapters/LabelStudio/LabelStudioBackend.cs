using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SemanticSam.Formats.Shapes;
using SemanticSam.Imaging;
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
        var lost = new List<Exception>();
        int wanted = 0;
        foreach (var task in body["tasks"].Items)
        {
            var (sources, isList) = config.Images(task["data"]);
            if (clicks.Exists && clicked.Item >= sources.Count)
                throw ApiException.Bad($"The click is on image {clicked.Item + 1L} of the task, which has {sources.Count}.");
            // One click concerns one image of one task; without clicks every task gets an answer, be it an empty one.
            var (items, scores) = (new JsonArray(), new List<double>());
            for (int i = clicks.Exists ? clicked.Item : 0; i < (clicks.Exists ? clicked.Item + 1 : sources.Count); i++)
            {
                if (config.Area is not { } tag)
                {
                    adapter.LeftOut(context, "masks: the project has no tag for areas of that image (BrushLabels, PolygonLabels, RectangleLabels or "
                        + "Brush, Polygon, Rectangle beside Labels)");
                    continue;
                }
                wanted++;
                var shown = new Place(config, isList ? i : null, clicked.Rotation);
                var source = new Source(project, task["id"] is { Exists: true } id ? id.Element.ToString() : null, sources[i]);
                var (masks, label) = clicks.Exists ? await Clicked(context, source, clicked, clicks.Items).ConfigureAwait(false)
                    : (await Labeled(context, source, config, lost).ConfigureAwait(false), null);
                scores.AddRange(masks.Select(Adapter.Score));
                foreach (var mask in masks)
                    foreach (var item in Items(mask, shown, tag, label ?? LabelOf(mask, config.Labels))) items.Add(item);
            }
            results.Add(new JsonObject { ["result"] = items, ["model_version"] = adapter.ModelName, ["score"] = scores.Count == 0 ? 0 : scores.Average() });
        }
        if (lost.Count > 0 && lost.Count == wanted) ExceptionDispatchInfo.Throw(lost[0]); // nothing was found that an error would take with it
        await context.WriteJson(new JsonObject { ["results"] = results }).ConfigureAwait(false);
    }

    /// <summary>Where results go.</summary>
    /// <param name="Config">The tags.</param>
    /// <param name="Item">Number of the image where its tag shows several.</param>
    /// <param name="Rotation">By how much the image is turned in the editor.</param>
    private readonly record struct Place(LabelConfig Config, int? Item, double Rotation);

    /// <summary>An image of a task.</summary>
    /// <param name="Project">Its project.</param>
    /// <param name="Task">Number of the task; null where it has none.</param>
    /// <param name="Address">As the task has it.</param>
    private readonly record struct Source(string Project, string? Task, Loose Address);

    private async Task<IncomingImage> ImageOf(HttpContext context, Source source)
    {
        string where = source.Address.Required;
        if (where.StartsWith("data:", StringComparison.OrdinalIgnoreCase)) return await adapter.Base64(context, where).ConfigureAwait(false);
        where = TaskImages.Resolve(where, source.Task);
        if (!images.IsOwn(source.Project, where) && Uri.TryCreate(where, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            return await adapter.Url(context, where).ConfigureAwait(false); // by the rules for every URL
        var image = await images.Fetch(source.Project, where, options.MaxBodyBytes, context.RequestAborted).ConfigureAwait(false);
        return image.Elsewhere is { } elsewhere ? await adapter.Url(context, elsewhere).ConfigureAwait(false) // without the token
            : IncomingImage.Of(image.File!);
    }

    private async Task<(IReadOnlyList<MaskResult> Masks, string? Label)> Clicked(HttpContext context, Source source, ClickedImage clicked,
        IReadOnlyList<Loose> regions)
    {
        var image = await ImageOf(context, source).ConfigureAwait(false);
        var size = await adapter.Open(image, context).ConfigureAwait(false);
        var clicks = Clicks.Read(regions, clicked, size.Width, size.Height);
        foreach (string what in clicks.LeftOut) adapter.LeftOut(context, what);
        if (clicks.Prompt is not { } prompt) return ([], clicks.Label);
        var answer = await adapter.Ask(context, image, [prompt], _levels.TryGetValue(source.Project, out var level) && prompt.HasPlace ? level : null)
            .ConfigureAwait(false);
        return (answer.Value.Masks, clicks.Label);
    }

    /// <summary>
    /// A task without clicks: what the project's labels name, where the model answers names. An image that cannot be had has no answer, and the log says why:
    /// Label Studio sends many tasks together, and would lose what was found in all others.
    /// </summary>
    private async Task<IReadOnlyList<MaskResult>> Labeled(HttpContext context, Source source, LabelConfig config, List<Exception> lost)
    {
        var model = await adapter.Model(context).ConfigureAwait(false);
        if (!model.AnswersNames || config.Labels.Count == 0) return [];
        try
        {
            var image = await ImageOf(context, source).ConfigureAwait(false);
            return (await adapter.Ask(context, image, Adapter.ByNames(config.Labels)).ConfigureAwait(false)).Value.Masks;
        }
        catch (Exception e) when (e is RefusedException or ImageException || e is ApiException { Status: < 500 })
        {
            adapter.LeftOut(context, $"an image of a task: {e.Message}");
            lost.Add(e);
            return [];
        }
    }

    /// <summary>
    /// One of the project's labels, as it is written there: Label Studio refuses predictions with any other, all of them together. A text that a person typed
    /// may name something else.
    /// </summary>
    private static string? LabelOf(MaskResult mask, IReadOnlyList<string> labels)
    {
        int asked = Adapter.Asked(mask, labels);
        return asked >= 0 ? labels[asked] : Adapter.Label(mask) ?? labels.FirstOrDefault();
    }

    /// <summary>The results of a mask: an area each, and beside an area without labels of its own the same with the label of the tag that has them.</summary>
    private static IEnumerable<JsonNode> Items(MaskResult mask, Place place, AreaTag tag, string? label)
    {
        var config = place.Config;
        var (width, height) = (mask.Mask.Width, mask.Mask.Height);
        JsonArray labels = label is null ? [] : [label];
        string type = tag.Kind switch { AreaKind.Brush => "brush", AreaKind.Polygon => "polygon", _ => "rectangle" };
        foreach (var value in Values(mask, tag.Kind))
        {
            string id = Guid.NewGuid().ToString("N")[..10];
            if (tag.HasLabels) value[type + "labels"] = labels.DeepClone();
            yield return Item(id, tag.Name, tag.HasLabels ? type + "labels" : type, value);
            if (tag.HasLabels || config.LabelsTag is not { } named || label is null) continue;
            var labeled = value.DeepClone().AsObject();
            labeled["labels"] = labels.DeepClone();
            yield return Item(id, named, "labels", labeled);
        }

        JsonObject Item(string id, string from, string kind, JsonObject value)
        {
            var item = new JsonObject
            {
                ["id"] = id, ["from_name"] = from, ["to_name"] = config.Image, ["original_width"] = width,
                ["original_height"] = height, ["image_rotation"] = place.Rotation, ["value"] = value, ["score"] = Adapter.Score(mask), ["type"] = kind,
                ["readonly"] = false,
                ["meta"] = Adapter.Level(mask) is { } level ? new JsonObject { ["text"] = new JsonArray($"level: {level}") } : new JsonObject(),
            };
            if (place.Item is { } index) item["item_index"] = index;
            return item;
        }
    }

    /// <summary>The areas of a mask: one, or a polygon an island.</summary>
    private static IEnumerable<JsonObject> Values(MaskResult mask, AreaKind kind)
    {
        var (width, height, b) = (mask.Mask.Width, mask.Mask.Height, mask.Bounds);
        return kind switch
        {
            AreaKind.Brush => [new() { ["format"] = "rle", ["rle"] = new JsonArray([.. BrushRle.Encode(mask.Mask).Select(v => (JsonNode)(int)v)]) }],
            AreaKind.Polygon => Outlines.Of(mask.Mask, PolygonRule.Center, 1).Select(outline => new JsonObject
            {
                ["points"] = new JsonArray([.. outline.Select(c => (JsonNode)new JsonArray(100 * c.X / width, 100 * c.Y / height))]), ["closed"] = true,
            }),
            _ => [new()
            {
                ["x"] = 100.0 * b.Left / width, ["y"] = 100.0 * b.Top / height, ["width"] = 100.0 * b.Width / width, ["height"] = 100.0 * b.Height / height,
                ["rotation"] = 0,
            }],
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
