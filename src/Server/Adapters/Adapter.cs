using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using SemanticSam.Engine;
using SemanticSam.Formats.Shapes;
using SemanticSam.Masks;
using SemanticSam.Server.Api;
using SemanticSam.Server.Guards;
using SemanticSam.Server.Images;
using SemanticSam.Server.Inference;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Server.Adapters;

/// <summary>What the adapters share: each turns the requests of another program into prompts, and masks into its answers.</summary>
internal sealed class Adapter(EngineCalls engine, InferenceWorker worker, RequestReading reading, KeyGuard keys, ILogger<Adapter> logger)
{
    /// <summary>The model, waited for.</summary>
    public Task<SegmentationModel> Model(HttpContext context) => worker.Model.IsFaulted
        ? throw new ModelUnavailableException(worker.Model.Exception.InnerException!)
        : worker.Model.WaitAsync(context.RequestAborted);

    /// <summary>Whether the model is loaded.</summary>
    public bool IsReady => worker.Model.IsCompletedSuccessfully;

    /// <summary>The model's name if it is loaded, for answers that cannot wait.</summary>
    public string ModelName => worker.Model.IsCompletedSuccessfully ? worker.Model.Result.Name : "semsam";

    public async Task<Loose> Read(HttpContext context) => Loose.Parse(await reading.Bytes(context).ConfigureAwait(false));

    public Task<byte[]> Bytes(HttpContext context) => reading.Bytes(context);

    /// <summary>Asks for the key that a body or an address holds, where the headers had none.</summary>
    /// <exception cref="ApiException">It is none of the server's.</exception>
    public void RequireKey(HttpContext context, Loose? body) => keys.Require(context, KeyOf(context, body));

    /// <summary>The key that a request shows, in the body and in the address as well; null where there is none.</summary>
    public static string? KeyOf(HttpContext context, Loose? body) => KeyGuard.Given(context.Request)
        ?? (body is { } b && b["api_key"].Exists ? b["api_key"].Text : context.Request.Query["api_key"] is [{ Length: > 0 } key] ? key : null);

    /// <summary>An image in base64, with or without the head of a data URL.</summary>
    public Task<IncomingImage> Base64(HttpContext context, Loose text) => reading.Image(new() { Base64 = text.Required }, context.RequestAborted);

    /// <summary>The same of a text that was read otherwise.</summary>
    public Task<IncomingImage> Base64(HttpContext context, string text) => reading.Image(new() { Base64 = text }, context.RequestAborted);

    public Task<IncomingImage> Url(HttpContext context, string url) => reading.Image(new() { Url = url }, context.RequestAborted);

    public async Task<Answered<bool>> Open(IncomingImage image, HttpContext context)
    {
        engine.ThrowIfBusy();
        return Told(await engine.Open(image, context.RequestAborted).ConfigureAwait(false), context);
    }

    /// <summary>The masks of prompts, without empty ones.</summary>
    /// <param name="context">The request.</param>
    /// <param name="image">The image.</param>
    /// <param name="prompts">What is asked.</param>
    /// <param name="level">The level wanted; null for the best.</param>
    /// <param name="all">Every level instead.</param>
    public async Task<Answered<PromptAnswer>> Ask(HttpContext context, IncomingImage image, IReadOnlyList<Prompt> prompts, GranularityLevel? level = null,
        bool all = false)
    {
        if (prompts.Count > MostPrompts) throw ApiException.Bad($"There are {prompts.Count} prompts; at most {MostPrompts} are allowed.");
        engine.ThrowIfBusy();
        var options = new SegmentOptions { Masks = all ? MaskChoice.EveryLevel : MaskChoice.Single, Levels = level is { } one ? [one] : null, Vocabulary = [] };
        // A single mask of its own has no level with some models; of a level asked for there is one anyway.
        if (level is not null) options = options with { Masks = MaskChoice.EveryLevel };
        Answered<PromptAnswer>? answer = null;
        var masks = new List<MaskResult>();
        foreach (var (at, portion) in prompts.Chunk(Portion).Index())
        {
            var next = await engine.Segment(image, null, [.. portion.Select(p => new PlacedPrompt(p))], options, context.RequestAborted).ConfigureAwait(false);
            Told(answer is null ? next : next with { Notices = [.. next.Notices.Except(answer.Notices)] }, context, next.Value.Names);
            masks.AddRange(next.Value.Masks.Where(m => !m.Mask.IsEmpty).Select(m => m with { Prompt = m.Prompt + at * Portion }));
            answer ??= next;
        }
        return answer is null ? throw ApiException.Bad("There is no prompt.") : answer with { Value = answer.Value with { Masks = masks, Logits = null } };
    }

    /// <summary>Prompts of a request at most; and so many at a time, since others' clicks go in between.</summary>
    private const int MostPrompts = 1000, Portion = 64;

    /// <summary>Everything in an image.</summary>
    public async Task<(IReadOnlyList<MaskResult> Masks, int Width, int Height)> Everything(HttpContext context, IncomingImage image, EverythingOptions options)
    {
        engine.ThrowIfBusy();
        var masks = new List<MaskResult>();
        (int width, int height) = (0, 0);
        await foreach (var step in engine.Everything(image, null, options, context.RequestAborted).ConfigureAwait(false))
        {
            if (width == 0) Told(step, context);
            masks.AddRange(step.Value.Decided);
            (width, height) = (step.Width, step.Height);
        }
        return (masks, width, height);
    }

    /// <summary>Says in the log what of a request was left out: the protocols have no place for it.</summary>
    public void LeftOut(HttpContext context, string what) => logger.Noticed(Problems.Route(context), what);

    /// <summary>Prompts that ask for all of many names together: each takes so many.</summary>
    public static IReadOnlyList<Prompt> ByNames(IEnumerable<string> names) =>
        [.. names.Distinct().Chunk(MostNames).Select(some => new Prompt { Names = some })];

    private const int MostNames = 256;

    /// <summary>The outlines of a mask, a list of corners an island; holes are cut open.</summary>
    public static JsonArray Polygons(Rle mask, double tolerance = 1) =>
        [.. Outlines.Of(mask, PolygonRule.Center, tolerance).Select(p => (JsonNode)new JsonArray([.. p.Select(c => (JsonNode)new JsonArray(c.X, c.Y))]))];

    public static double Score(MaskResult mask) => Math.Round(Math.Clamp(mask.Part?.Score ?? mask.Whole?.Score ?? mask.PredictedIou, 0, 1), 4);

    /// <summary>What a mask is called: as the client asked for it, since it knows no other names, or else as the model has it.</summary>
    public static string? Label(MaskResult mask) => mask.AskedName ?? mask.Part?.Label ?? mask.Whole?.Label;

    /// <summary>The same among the names of a request, of which one may hold several things ("cat, small"): clients refuse all others.</summary>
    /// <param name="mask">An answer to one of them.</param>
    /// <param name="names">As the request has them.</param>
    /// <returns>An index; -1 where none of them asked for it.</returns>
    public static int Asked(MaskResult mask, IReadOnlyList<string> names)
    {
        if (Label(mask) is not { } label) return -1;
        int At(Func<string, bool> fits) => Enumerable.Range(0, names.Count).FirstOrDefault(i => fits(names[i]), -1);
        int same = At(n => n == label);
        if (same < 0) same = At(n => n.Trim().Equals(label, StringComparison.OrdinalIgnoreCase));
        return same >= 0 ? same : At(n => n.Contains(label, StringComparison.OrdinalIgnoreCase));
    }

    public static string? Level(MaskResult mask) => mask.Level is { } level ? GranularityMap.Name(level) : null;

    /// <summary>The level that a client asks for by the name of a function or model, such as "semsam-part"; null where it names none.</summary>
    public static GranularityLevel? LevelIn(string id, string before)
    {
        foreach (var level in GranularityMap.All)
            if (id.EndsWith(before + GranularityMap.Name(level), StringComparison.Ordinal)) return level;
        return null;
    }

    public static PointPrompt Point(double x, double y, bool positive) => new((float)x, (float)y, positive);

    public static PointPrompt Point((double X, double Y) place, bool positive) => Point(place.X, place.Y, positive);

    public static BoxF Box(double x1, double y1, double x2, double y2) => new((float)x1, (float)y1, (float)x2, (float)y2);

    /// <summary>
    /// Notices go to the log: the protocols have no place for them. Those of names would tell what was asked for, which the log does not; it counts them.
    /// </summary>
    private Answered<T> Told<T>(Answered<T> answer, HttpContext context, IReadOnlyList<NameReport>? names = null)
    {
        foreach (string notice in answer.Notices) logger.Noticed(Problems.Route(context), notice);
        int told = names?.Count(n => n.Notice is not null) ?? 0;
        if (told > 0) logger.NamesNoticed(Problems.Route(context), told, names!.Count);
        return answer;
    }
}

/// <summary>Marks routes whose clients send their key in the body or the address, and which ask for it themselves.</summary>
internal sealed class KeyInBody
{
    public static KeyInBody Mark { get; } = new();
}

internal static class AdapterRoutes
{
    /// <summary>A route of another program's interface; it stands in docs/tools.md and not in the OpenAPI description.</summary>
    public static IEndpointConventionBuilder Foreign(this IEndpointRouteBuilder app, string method, string path, Func<HttpContext, Task> answer) =>
        app.MapMethods(path, [method], context => answer(context)).WithMetadata(ForeignRoute.Mark);
}

/// <summary>Marks routes of other programs' interfaces.</summary>
internal sealed class ForeignRoute : IExcludeFromDescriptionMetadata
{
    public static ForeignRoute Mark { get; } = new();

    public bool ExcludeFromDescription => true;
}
