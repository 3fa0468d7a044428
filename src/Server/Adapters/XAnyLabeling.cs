using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SemanticSam.Engine;
using SemanticSam.Masks;
using SemanticSam.Server.Api;

namespace SemanticSam.Server.Adapters;

/// <summary>X-AnyLabeling-Server's interface: a model for the best mask, one a level, one for texts.</summary>
internal sealed class XAnyLabeling(Adapter adapter)
{
    private const string Name = "semsam", TextName = "semsam-text";

    private static readonly string[] ClickWidgets = ["button_add_point", "button_remove_point", "button_add_rect", "button_clear", "button_finish_object",
        "mask_fineness_slider", "mask_fineness_value_label"];
    private static readonly string[] TextWidgets = ["edit_text", "button_send", "input_conf", "edit_conf", "mask_fineness_slider", "mask_fineness_value_label",
        "toggle_preserve_existing_annotations"];

    public void Map(IEndpointRouteBuilder app)
    {
        app.Foreign("GET", "/health", context => context.WriteJson(new JsonObject
        {
            ["status"] = "healthy", ["models_loaded"] = 1, ["timestamp"] = DateTime.UtcNow.ToString("O") }));
        app.Foreign("GET", "/v1/models", Models);
        app.Foreign("GET", "/v1/models/{id}/info", Info);
        app.Foreign("POST", "/v1/predict", Predict);
    }

    private async Task Models(HttpContext context)
    {
        var model = await adapter.Model(context).ConfigureAwait(false);
        await context.WriteJson(new JsonObject { ["success"] = true, ["data"] = new JsonObject(
            All(model).Select(m => KeyValuePair.Create(m.Id, (JsonNode?)m.Description))) }).ConfigureAwait(false);
    }

    private async Task Info(HttpContext context)
    {
        var model = await adapter.Model(context).ConfigureAwait(false);
        var found = All(model).FirstOrDefault(m => m.Id == (string?)context.Request.RouteValues["id"]).Description;
        await context.WriteJson(found is null ? Failure("MODEL_NOT_FOUND", "There is no such model; /v1/models lists them.")
            : new() { ["success"] = true, ["data"] = found }).ConfigureAwait(false);
    }

    private static IEnumerable<(string Id, JsonObject Description)> All(SegmentationModel model)
    {
        yield return (Name, Describe($"SemanticSam ({model.Name})", ClickWidgets, null));
        foreach (var level in model.Levels)
            yield return ($"{Name}-{GranularityMap.Name(level)}", Describe($"SemanticSam: {GranularityMap.Name(level)}", ClickWidgets, null));
        if (model.AnswersNames) yield return (TextName, Describe("SemanticSam by text", TextWidgets, "text_prompt"));
    }

    private static JsonObject Describe(string name, string[] widgets, string? batch) => new()
    {
        ["display_name"] = name,
        ["widgets"] = new JsonArray([.. widgets.Select(w => new JsonObject
        {
            ["name"] = w, ["value"] = w switch { "mask_fineness_slider" => 10, "edit_conf" => 0.25, _ => null } })]),
        ["params"] = new JsonObject(), ["batch_processing_mode"] = batch,
    };

    private async Task Predict(HttpContext context)
    {
        var body = await adapter.Read(context).ConfigureAwait(false);
        JsonObject answer;
        try
        {
            var data = new JsonObject { ["shapes"] = await Shapes(context, body).ConfigureAwait(false), ["description"] = "" };
            // Beside words the client has a switch for what becomes of the shapes before; a word of ours would overrule it.
            if (body["model"].Text != TextName) data["replace"] = false;
            answer = new() { ["success"] = true, ["data"] = data };
        }
        catch (ApiException e)
        {
            answer = Failure(e.Code == "model_unknown" ? "MODEL_NOT_FOUND" : "INVALID_IMAGE", e.Message); // as they answer: with 200
        }
        catch (Exception e) when (e is PromptException or Imaging.ImageException)
        {
            answer = Failure(e is PromptException ? "INFERENCE_ERROR" : "INVALID_IMAGE", e.Message);
        }
        await context.WriteJson(answer).ConfigureAwait(false);
    }

    private async Task<JsonArray> Shapes(HttpContext context, Loose body)
    {
        var model = await adapter.Model(context).ConfigureAwait(false);
        string id = body["model"].Text ?? Name;
        if (All(model).All(m => m.Id != id)) throw new ApiException(404, "model_unknown", $"There is no model '{id}'; /v1/models lists them.");
        var image = await adapter.Base64(context, body["image"]).ConfigureAwait(false);
        var settings = body["params"];
        string[] texts = (settings["text_prompt"].Text ?? "").Split([',', '.'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var marked = Marks(settings["marks"].Items);
        if (marked.Count == 0 && texts.Length == 0) return [];
        if (marked.Count > 0 && texts.Length > 0) adapter.LeftOut(context, "words beside marks");
        var prompts = marked.Count > 0 ? marked : [new Prompt { Names = texts }];
        var found = await adapter.Ask(context, image, prompts, Adapter.LevelIn(id, "-"), all: settings["multimask_output"].Flag == true).ConfigureAwait(false);
        double least = marked.Count > 0 ? 0 : settings["conf_threshold"].Number ?? 0;
        double tolerance = 1 + 500 * Math.Clamp(settings["epsilon_factor"].Number ?? 0, 0, 0.1);
        return [.. found.Value.Masks.Where(m => Adapter.Score(m) >= least).SelectMany((m, i) => Shape(m, i, tolerance))];
    }

    /// <summary>Points and a rectangle are one thing; several rectangles are one thing each.</summary>
    private static IReadOnlyList<Prompt> Marks(IReadOnlyList<Loose> marks)
    {
        var (points, boxes) = (new List<PointPrompt>(), new List<BoxF>());
        foreach (var mark in marks)
            switch (mark["type"].Text, mark["data"].Numbers)
            {
                case ("point", [var x, var y]): points.Add(Adapter.Point(x, y, mark["label"].Number != 0)); break;
                case ("rectangle", _) when mark["label"].Number == 0:
                    throw ApiException.Bad("A rectangle of what is not wanted cannot be asked; points can.");
                case ("rectangle", [var x1, var y1, var x2, var y2]):
                    boxes.Add(Adapter.Box(Math.Min(x1, x2), Math.Min(y1, y2), Math.Max(x1, x2), Math.Max(y1, y2)));
                    break;
                default: throw mark.Wrong("a point [x, y] or a rectangle [x1, y1, x2, y2]");
            }
        if (boxes.Count > 1 && points.Count > 0) throw ApiException.Bad("Points belong to one rectangle; there are several.");
        return boxes.Count > 1 ? [.. boxes.Select(b => new Prompt { Box = b })]
            : points.Count + boxes.Count > 0 ? [new() { Points = points, Box = boxes.Count > 0 ? boxes[0] : null }] : [];
    }

    private static IEnumerable<JsonNode> Shape(MaskResult mask, int index, double tolerance)
    {
        var polygons = Adapter.Polygons(mask.Mask, tolerance);
        foreach (var polygon in polygons)
            yield return new JsonObject
            {
                ["label"] = Adapter.Label(mask) ?? "AUTOLABEL_OBJECT", ["score"] = Adapter.Score(mask),
                ["shape_type"] = "polygon", ["points"] = Closed(polygon!.AsArray()),
                ["attributes"] = Adapter.Level(mask) is { } level ? new JsonObject { ["level"] = level } : new JsonObject(),
                ["description"] = null, ["difficult"] = false, ["direction"] = 0, ["flags"] = null,
                ["group_id"] = polygons.Count > 1 ? index + 1 : null, ["kie_linking"] = new JsonArray(), // pieces of one thing belong together
            };
    }

    /// <summary>The client takes the first corner once more for the end of a polygon, and else draws it without its last edge.</summary>
    private static JsonArray Closed(JsonArray polygon) => [.. polygon.Append(polygon[0]).Select(p => p!.DeepClone())];

    /// <summary>
    /// The client reads "data" whatever "success" says, and takes shapes that are not there for none: without the word that nothing is replaced, a mistake
    /// would delete every shape of the image.
    /// </summary>
    private static JsonObject Failure(string code, string message) => new()
    {
        ["success"] = false, ["error"] = new JsonObject { ["code"] = code, ["message"] = message, ["details"] = null },
        ["data"] = new JsonObject { ["shapes"] = new JsonArray(), ["description"] = "", ["replace"] = false },
    };
}
