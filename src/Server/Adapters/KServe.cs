using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Server.Api;
using SemanticSam.Server.Images;

namespace SemanticSam.Server.Adapters;

/// <summary>
/// The Open Inference Protocol (KServe v2) with its binary extension: an image tensor [1, height, width, 3], points [n, 2] with labels [n] and a box
/// [4] in; masks
/// [m, height, width], scores, levels and boxes out.
/// </summary>
internal sealed class KServe(Adapter adapter)
{
    private const string Extension = "binary_tensor_data", HeadLength = "Inference-Header-Content-Length", Version = "1";
    private static readonly string[] Inputs = ["image", "points", "labels", "box", "names"];

    public void Map(IEndpointRouteBuilder app)
    {
        app.Foreign("GET", "/v2", context => context.WriteJson(new JsonObject
        {
            ["name"] = "semsam", ["version"] = "1", ["extensions"] = new JsonArray(Extension) }));
        app.Foreign("GET", "/v2/health/live", context => context.WriteJson(new JsonObject { ["live"] = true }));
        app.Foreign("GET", "/v2/health/ready", context => Ready(context, new()));
        foreach (string path in new[] { "/v2/models/{model}", "/v2/models/{model}/versions/{version}" })
        {
            app.Foreign("GET", path, Metadata);
            app.Foreign("GET", path + "/ready", async context => await Ready(context, adapter.IsReady
                ? new() { ["name"] = await Named(context).ConfigureAwait(false) } : []).ConfigureAwait(false));
            app.Foreign("POST", path + "/infer", Infer);
        }
    }

    /// <summary>Whether the model is loaded, at once: whoever asks does not wait for long, and their clients look at the status alone.</summary>
    private Task Ready(HttpContext context, JsonObject answer)
    {
        if (!adapter.IsReady) context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        answer["ready"] = adapter.IsReady;
        return context.WriteJson(answer);
    }

    /// <summary>The model of the route, which has to be this server's: by its name, or "semsam".</summary>
    private async Task<string> Named(HttpContext context)
    {
        var model = await adapter.Model(context).ConfigureAwait(false);
        if (context.Request.RouteValues["version"] is not (null or Version))
            throw new ApiException(StatusCodes.Status404NotFound, "model_unknown", $"There is no such version of the model; this server has '{Version}'.");
        string asked = (string)context.Request.RouteValues["model"]!;
        return asked == model.Name || asked == "semsam" ? asked : throw new ApiException(StatusCodes.Status404NotFound, "model_unknown",
            $"There is no such model; this server has '{model.Name}'.");
    }

    private async Task Metadata(HttpContext context)
    {
        static JsonNode Tensor(string name, string type, params int[] shape) =>
            new JsonObject { ["name"] = name, ["datatype"] = type, ["shape"] = new JsonArray([.. shape.Select(s => (JsonNode)s)]) };
        await context.WriteJson(new JsonObject
        {
            ["name"] = await Named(context).ConfigureAwait(false), ["versions"] = new JsonArray(Version), ["platform"] = "torchsharp",
            ["inputs"] = new JsonArray(Tensor("image", "UINT8", 1, -1, -1, 3), Tensor("points", "FP32", -1, 2), Tensor("labels", "INT64", -1),
                Tensor("box", "FP32", 4), Tensor("names", "BYTES", -1)),
            ["outputs"] = new JsonArray(Tensor("masks", "UINT8", -1, -1, -1), Tensor("scores", "FP32", -1), Tensor("levels", "INT64", -1),
                Tensor("boxes", "FP32", -1, 4), Tensor("names", "BYTES", -1)),
        }).ConfigureAwait(false);
    }

    private async Task Infer(HttpContext context)
    {
        try
        {
            await Answer(context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is PromptException or ImageException)
        {
            throw ApiException.Bad(e.Message); // as the specification has it: 400 for what is wrong with a request
        }
    }

    private async Task Answer(HttpContext context)
    {
        string name = await Named(context).ConfigureAwait(false);
        byte[] all = await adapter.Bytes(context).ConfigureAwait(false);
        int head = all.Length;
        if (context.Request.Headers[HeadLength] is [{ } given] && !(int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out head)
            && head <= all.Length))
            throw ApiException.Bad($"{HeadLength} is '{given}'; a number of at most the body's {all.Length} bytes is expected.");
        var body = Loose.Parse(all.AsMemory(0, head));
        var inputs = KServeTensor.Read(body["inputs"].Items, all.AsMemory(head));
        if (inputs.Keys.FirstOrDefault(k => !Inputs.Contains(k)) is { } unknown)
            throw ApiException.Bad($"There is no input '{unknown}'; {string.Join(", ", Inputs)} are understood.");
        var outputs = Outputs(body);
        var image = await Image(context, inputs.GetValueOrDefault("image") ?? throw ApiException.Bad("The input 'image' is missing.")).ConfigureAwait(false);
        var answer = await adapter.Ask(context, image, [Prompt(inputs)], all: true).ConfigureAwait(false);
        await Write(context, name, body, outputs, answer.Value.Masks, answer.Height, answer.Width).ConfigureAwait(false);
    }

    /// <summary>Which outputs are wanted, and whether each is to come in bytes; none for all.</summary>
    private static Dictionary<string, bool?> Outputs(Loose body)
    {
        var wanted = new Dictionary<string, bool?>();
        foreach (var output in body["outputs"].Items)
        {
            string name = output["name"].Required;
            if (!AllOutputs.Contains(name)) throw ApiException.Bad($"There is no output '{name}'; there are {string.Join(", ", AllOutputs)}.");
            if (!wanted.TryAdd(name, output["parameters"]["binary_data"].Flag)) throw ApiException.Bad($"The output '{name}' is asked for twice.");
        }
        return wanted;
    }

    private static readonly string[] AllOutputs = ["masks", "scores", "levels", "boxes", "names"];

    private async Task<IncomingImage> Image(HttpContext context, KServeTensor tensor)
    {
        if (tensor.Type == "BYTES")
        {
            byte[] file = tensor.Strings is [var only] ? only : throw ApiException.Bad("The input 'image' of type BYTES has one element, the image file.");
            // JSON cannot hold a file: there it is base64.
            return tensor.Written ? await adapter.Base64(context, System.Text.Encoding.UTF8.GetString(file)).ConfigureAwait(false) : IncomingImage.Of(file);
        }
        if (tensor is not { Type: "UINT8", Shape: [1, > 0 and <= 65535 and var height, > 0 and <= 65535 and var width, 3] })
            throw ApiException.Bad("The input 'image' is UINT8 [1, height, width, 3], or an image file as BYTES [1].");
        var pixels = new RgbImage((int)width, (int)height, tensor.Data.ToArray());
        return IncomingImage.Of(ImageEncoder.Png(pixels));
    }

    private static Prompt Prompt(IReadOnlyDictionary<string, KServeTensor> inputs)
    {
        double[] points = inputs.GetValueOrDefault("points")?.Numbers ?? [], labels = inputs.GetValueOrDefault("labels")?.Numbers ?? [],
            box = inputs.GetValueOrDefault("box")?.Numbers ?? [];
        if (points.Length % 2 != 0 || box.Length is not (0 or 4)) throw ApiException.Bad("'points' are [n, 2], 'box' is [4].");
        if (labels.Length != 0 && labels.Length != points.Length / 2)
            throw ApiException.Bad($"There are {labels.Length} 'labels' and {points.Length / 2} points; each point has one, or none has.");
        var prompt = new Prompt
        {
            Points = [.. Enumerable.Range(0, points.Length / 2).Select(i =>
                Adapter.Point(points[2 * i], points[2 * i + 1], labels.Length == 0 || labels[i] != 0))],
            Box = box.Length == 4 ? Adapter.Box(box[0], box[1], box[2], box[3]) : null,
        };
        if (prompt.HasPlace && inputs.ContainsKey("names")) throw ApiException.Bad("A place and 'names' are two questions: ask one at a time.");
        return prompt.HasPlace ? prompt : new() { Names = [.. (inputs.GetValueOrDefault("names")?.Strings ?? []).Select(System.Text.Encoding.UTF8.GetString)] };
    }

    private static async Task Write(HttpContext context, string name, Loose body, Dictionary<string, bool?> wanted,
        IReadOnlyList<MaskResult> masks, int height, int width)
    {
        var tensors = new (string Name, string Type, int[] Shape, Func<byte[]> Bytes, Func<IEnumerable<JsonNode>> Json)[]
        {
            ("masks", "UINT8", [masks.Count, height, width], () => [.. masks.SelectMany(m => m.Mask.ToBytes())], () =>
                masks.SelectMany(m => m.Mask.ToBytes()).Select(b => (JsonNode)(int)b)),
            ("scores", "FP32", [masks.Count], () => Bytes<float>([.. masks.Select(m => m.PredictedIou)]), () => masks.Select(m => (JsonNode)m.PredictedIou)),
            ("levels", "INT64", [masks.Count], () => Bytes<long>([.. masks.Select(m => (long)(m.Level ?? 0))]), () =>
                masks.Select(m => (JsonNode)(int)(m.Level ?? 0))),
            ("boxes", "FP32", [masks.Count, 4], () => Bytes<float>([.. masks.SelectMany(Box)]), () => masks.SelectMany(Box).Select(v => (JsonNode)v)),
            ("names", "BYTES", [masks.Count], () => [.. masks.SelectMany(m => KServeTensor.Element(Adapter.Label(m) ?? ""))], () =>
                masks.Select(m => (JsonNode)(Adapter.Label(m) ?? ""))), // which name a mask answers; empty where places were asked
        };
        bool binary = body["parameters"]["binary_data_output"].Flag == true, extended = false;
        var (outputs, raw) = (new JsonArray(), new MemoryStream());
        foreach (var tensor in tensors.Where(t => wanted.Count == 0 || wanted.ContainsKey(t.Name)))
        {
            var output = new JsonObject { ["name"] = tensor.Name, ["datatype"] = tensor.Type,
                ["shape"] = new JsonArray([.. tensor.Shape.Select(s => (JsonNode)s)]) };
            if (wanted.GetValueOrDefault(tensor.Name) ?? binary)
            {
                byte[] bytes = tensor.Bytes();
                raw.Write(bytes);
                extended = true;
                output["parameters"] = new JsonObject { ["binary_data_size"] = bytes.Length };
            }
            else output["data"] = new JsonArray([.. tensor.Json()]);
            outputs.Add(output);
        }
        var answer = new JsonObject { ["model_name"] = name, ["model_version"] = Version, ["outputs"] = outputs };
        if (body["id"].Text is { } id) answer["id"] = id;
        if (!extended) // bytes that were asked for have their header also where there are none
        {
            await context.WriteJson(answer).ConfigureAwait(false);
            return;
        }
        byte[] head = Answers.Utf8(answer);
        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers[HeadLength] = head.Length.ToString(CultureInfo.InvariantCulture);
        await context.Response.Body.WriteAsync(head, context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.WriteAsync(raw.ToArray(), context.RequestAborted).ConfigureAwait(false);
    }

    private static float[] Box(MaskResult m) => [m.Bounds.Left, m.Bounds.Top, m.Bounds.Right, m.Bounds.Bottom];

    // Little-endian, as all systems that .NET runs on.
    private static byte[] Bytes<T>(T[] values) where T : struct => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
