using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SemanticSam.Engine;
using SemanticSam.Formats.Shapes;
using SemanticSam.Masks;
using SemanticSam.Server.Api;
using SemanticSam.Server.Images;

namespace SemanticSam.Server.Adapters;

/// <summary>
/// CVAT's serverless functions, as its Nuclio dashboard offers them: an interactor for the best mask and one a level, and a detector of the model's names.
/// </summary>
internal sealed class CvatFunctions(Adapter adapter)
{
    private const string Click = "semsam-click", Text = "semsam-text";

    public void Map(IEndpointRouteBuilder app)
    {
        app.Foreign("GET", "/api/functions", List);
        app.Foreign("GET", "/api/functions/{id}", One);
        app.Foreign("POST", "/api/function_invocations", Invoke);
        app.Foreign("POST", "/", Invoke); // the direct way: a port a function, and this one is the best mask's
    }

    private async Task List(HttpContext context)
    {
        var model = await adapter.Model(context).ConfigureAwait(false);
        await context.WriteJson(new JsonObject(Functions(model, Port(context)).Select(f => KeyValuePair.Create(f.Id, (JsonNode?)f.Description))))
            .ConfigureAwait(false);
    }

    private async Task One(HttpContext context)
    {
        var model = await adapter.Model(context).ConfigureAwait(false);
        string? id = (string?)context.Request.RouteValues["id"];
        var found = Functions(model, Port(context)).FirstOrDefault(f => f.Id == id).Description
            ?? throw new ApiException(StatusCodes.Status404NotFound, "function_unknown", "There is no such function.");
        await context.WriteJson(found).ConfigureAwait(false);
    }

    private static int Port(HttpContext context) => context.Connection.LocalPort;

    private static IEnumerable<(string Id, JsonObject Description)> Functions(SegmentationModel model, int port)
    {
        yield return (Click, Interactor(Click, "SemanticSam", "The best mask of points and a box.", port));
        foreach (var level in model.Levels)
        {
            string name = GranularityMap.Name(level), id = $"{Click}-{name}";
            yield return (id, Interactor(id, $"SemanticSam: {name}", $"The {name} at points and a box.", port));
        }
        if (!model.AnswersNames) yield break;
        var labels = model.KnownWholes.Concat(model.KnownParts).Distinct()
            .Select((name, i) => (JsonNode)new JsonObject { ["id"] = i, ["name"] = name, ["type"] = "mask" });
        yield return (Text, Function(Text, "Wholes and parts by name.", port, new()
        {
            ["name"] = "SemanticSam by name", ["type"] = "detector", ["framework"] = "torchsharp", ["spec"] = new JsonArray([.. labels]).ToJsonString(),
        }));
    }

    private static JsonObject Interactor(string id, string name, string description, int port) => Function(id, description, port, new()
    {
        ["name"] = name, ["type"] = "interactor", ["version"] = "2", ["spec"] = "", ["framework"] = "torchsharp",
        // CVAT takes any text of "startswith_box" for true, "false" as well: it is left out where it is not meant.
        ["min_pos_points"] = "1", ["min_neg_points"] = "0", ["startswith_box_optional"] = "true",
        ["help_message"] = description + " Left click: what is wanted; right click: what is not.", ["animated_gif"] = "",
    });

    private static JsonObject Function(string id, string description, int port, JsonObject annotations) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = id, ["annotations"] = annotations }, ["spec"] = new JsonObject { ["description"] = description },
        ["status"] = new JsonObject { ["state"] = "ready", ["httpPort"] = port },
    };

    private async Task Invoke(HttpContext context)
    {
        string id = context.Request.Headers["x-nuclio-function-name"] is [{ Length: > 0 } named] ? named : Click;
        var body = await adapter.Read(context).ConfigureAwait(false);
        var image = await adapter.Base64(context, body["image"]).ConfigureAwait(false);
        if (id == Text) await Detect(context, image, body["threshold"].Number).ConfigureAwait(false);
        else if (id == Click) await Interact(context, image, body, null).ConfigureAwait(false);
        else if (id.StartsWith(Click, StringComparison.Ordinal) && Adapter.LevelIn(id[Click.Length..], "-") is { } level)
            await Interact(context, image, body, level).ConfigureAwait(false);
        else throw new ApiException(StatusCodes.Status404NotFound, "function_unknown", $"There is no function '{id}'.");
    }

    private async Task Interact(HttpContext context, IncomingImage image, Loose body, GranularityLevel? level)
    {
        IEnumerable<PointPrompt> Points(string key, bool positive) => body[key].Items.Select(p => Adapter.Point(p.Pair, positive));
        var prompt = new Prompt
        {
            Points = [.. Points("pos_points", true), .. Points("neg_points", false)],
            Box = body["obj_bbox"].Items switch
            {
                [] => null,
                [var a, var b] when a.Numbers is [var x1, var y1] && b.Numbers is [var x2, var y2] => Adapter.Box(x1, y1, x2, y2),
                _ => throw body["obj_bbox"].Wrong("[[x1, y1], [x2, y2]]"),
            },
        };
        var answer = await adapter.Ask(context, image, [prompt], level).ConfigureAwait(false);
        var mask = answer.Value.Masks is [var first, ..] ? first.Mask : Rle.Empty(answer.Height, answer.Width);
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Rows(mask), context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>{"mask": [[0, 1, ...], ...]}, written by hand: a node for each pixel would take a hundred times the memory.</summary>
    private static byte[] Rows(Rle mask)
    {
        byte[] pixels = mask.ToBytes();
        using var text = new MemoryStream(2 * pixels.Length + 100);
        text.Write("{\"mask\":["u8);
        for (int y = 0; y < mask.Height; y++)
        {
            text.Write(y == 0 ? "["u8 : ",["u8);
            for (int x = 0; x < mask.Width; x++)
            {
                if (x > 0) text.WriteByte((byte)',');
                text.WriteByte(pixels[y * mask.Width + x] != 0 ? (byte)'1' : (byte)'0');
            }
            text.WriteByte((byte)']');
        }
        text.Write("]}"u8);
        return text.ToArray();
    }

    private async Task Detect(HttpContext context, IncomingImage image, double? threshold)
    {
        var model = await adapter.Model(context).ConfigureAwait(false);
        if (!model.AnswersNames) throw new ApiException(StatusCodes.Status404NotFound, "function_unknown", "The model answers no names.");
        var answer = await adapter.Ask(context, image, Adapter.ByNames(model.KnownWholes.Concat(model.KnownParts))).ConfigureAwait(false);
        var found = answer.Value.Masks.Where(m => Adapter.Label(m) is not null && Adapter.Score(m) >= (threshold ?? 0));
        await context.WriteJson(new JsonArray([.. found.Select(Shape)])).ConfigureAwait(false);
    }

    private static JsonNode Shape(MaskResult mask)
    {
        var b = mask.Bounds;
        JsonArray pixels = [.. mask.Mask.Crop(b).ToBytes().Select(p => (JsonNode)(p != 0 ? 1 : 0)), b.Left, b.Top, b.Right - 1, b.Bottom - 1];
        var outline = Outlines.Joined(mask.Mask, PolygonRule.Center, 1)!;
        return new JsonObject
        {
            ["confidence"] = Adapter.Score(mask).ToString(CultureInfo.InvariantCulture), ["label"] = Adapter.Label(mask), ["type"] = "mask",
            ["points"] = new JsonArray([.. outline.SelectMany(p => new JsonNode[] { p.X, p.Y })]), ["mask"] = pixels, ["attributes"] = new JsonArray(),
        };
    }
}
