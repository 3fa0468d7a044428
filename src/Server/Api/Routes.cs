using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Api;

/// <summary>The server's own interface, below /api/v1.</summary>
internal sealed class Routes(EngineCalls engine, InferenceWorker worker, RequestReading reading, ServerOptions options)
{
    public const string Root = "/api/v1";

    public void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup(Root);
        api.MapGet("/model", (Delegate)Model).Produces<ModelResponse>().WithSummary("The model, its levels and names, and what this server takes.");
        api.MapPost("/images", (Delegate)Open).Accepts<ImageRequest>("application/json", "image/*", "multipart/form-data")
            .Describe<ImageResponse>("Encodes an image, so that prompts cost only the decoder.");
        api.MapGet("/images/{id}", (Delegate)Known).Describe<ImageResponse>("Whether an image is encoded; 404 where it is not.");
        api.MapGet("/images/{id}/pixels", (Delegate)Pixels).WithSummary("An image that is encoded, as JPEG, upright as it was looked at.")
            .Produces(200, contentType: "image/jpeg");
        api.MapPost("/segment", (Delegate)Segment).Accepts<SegmentRequest>("application/json", "multipart/form-data")
            .Describe<AnswerResponse>("Answers points, boxes, masks and names.");
        api.MapPost("/parts", (Delegate)Parts).Accepts<PlaceRequest>("application/json", "multipart/form-data")
            .Describe<AnswerResponse>("What the thing at a place consists of: the thing first, then its parts.");
        api.MapPost("/whole", (Delegate)Whole).Accepts<PlaceRequest>("application/json", "multipart/form-data")
            .Describe<AnswerResponse>("What a place belongs to, from the smallest mask to the whole.");
        new StreamRoutes(engine, worker, reading, app.ServiceProvider.Of<StreamPlaces>(), app.ServiceProvider.Of<Problems>()).Map(api);
    }

    private async Task<ModelResponse> Model()
    {
        var model = await Ready().ConfigureAwait(false);
        return new()
        {
            Name = model.Name,
            Sha256 = model.Sha256,
            Version = typeof(Routes).Assembly.GetName().Version!.ToString(3),
            Levels = [.. model.Levels.Select(GranularityMap.Name)],
            AnswersNames = model.AnswersNames,
            KnownWholes = model.KnownWholes,
            KnownParts = model.KnownParts,
            Limits = new(options.MaxBodyBytes, options.MaxPixels, options.QueueCapacity, options.UrlHosts.Count > 0, options.Folders.Count > 0),
        };
    }

    private async Task<ImageResponse> Open(HttpContext context)
    {
        engine.ThrowIfBusy();
        var image = await reading.Image(context).ConfigureAwait(false);
        var opened = await engine.Open(image, context.RequestAborted).ConfigureAwait(false);
        return new(image.Id, opened.Width, opened.Height, opened.Cached, Math.Round(opened.Encode.TotalSeconds, 4)) { Notices = Said(opened.Notices) };
    }

    private ImageResponse Known(string id) => RequestReading.IsId(id) && engine.Known(id) is { } image
        ? new(id, image.Width, image.Height, true, 0) { Notices = Said(image.Notices) }
        : throw new ImageUnknownException(RequestReading.IsId(id) ? id : "of that id");

    private static IReadOnlyList<string>? Said(IReadOnlyList<string> notices) => notices.Count > 0 ? notices : null;

    private async Task<IResult> Pixels(HttpContext context, string id)
    {
        if (!RequestReading.IsId(id)) throw new ImageUnknownException("of that id");
        var pixels = await engine.Pixels(id, context.RequestAborted).ConfigureAwait(false);
        context.Response.Headers.CacheControl = "private, max-age=3600, immutable";
        return Results.Bytes(ImageEncoder.Jpeg(pixels), "image/jpeg");
    }

    private async Task Segment(HttpContext context)
    {
        var timing = new ServerTiming();
        engine.ThrowIfBusy();
        var (request, image) = await reading.Question<SegmentRequest>(context, r => r.Image).ConfigureAwait(false);
        timing.Read();
        var forms = MaskForms.Of(request.Include, request.Tolerance);
        var answer = await engine.Segment(image, RequestMapping.Region(request.Region), RequestMapping.Prompts(request.Prompts),
            RequestMapping.Options(request), context.RequestAborted)
            .ConfigureAwait(false);
        var model = await Ready().ConfigureAwait(false);
        var json = Answers.Of(answer, model.Identity, forms);
        timing.Tell(context.Response, answer);
        await context.WriteJson(json).ConfigureAwait(false);
    }

    private Task Parts(HttpContext context) => Place(context, (session, prompt, options) => session.PartsOf(prompt, options));

    private Task Whole(HttpContext context) => Place(context, (session, prompt, _) => session.WholeOf(prompt));

    private async Task Place(HttpContext context, Func<ImageSession, Prompt, EverythingOptions, IReadOnlyList<MaskResult>> ask)
    {
        engine.ThrowIfBusy();
        var (request, image) = await reading.Question<PlaceRequest>(context, r => r.Image).ConfigureAwait(false);
        var forms = MaskForms.Of(request.Include, request.Tolerance);
        var prompt = RequestMapping.Prompt(request.Prompt);
        var settings = new EverythingOptions { Vocabulary = RequestMapping.Names(request.Vocabulary), LabelThreshold = request.LabelThreshold };
        var answer = await engine.Ask(image, RequestMapping.Region(request.Region), prompt, (session, placed) => ask(session, placed, settings),
            context.RequestAborted).ConfigureAwait(false);
        var model = await Ready().ConfigureAwait(false);
        var masks = request.Levels is { } levels ? PartTree.Build([.. Wanted()]).WithParents([.. Wanted()]) : answer.Value;
        await context.WriteJson(Answers.Of(answer, model.Identity, masks, forms)).ConfigureAwait(false);

        IEnumerable<MaskResult> Wanted() => answer.Value.Where(m => m.Level is { } level && levels!.Contains(level)).Select(m => m with { Parent = null });
    }

    /// <summary>The model, where it is loaded; the rest of the answer was computed by it.</summary>
    private Task<SegmentationModel> Ready() => worker.Model.IsFaulted
        ? throw new ModelUnavailableException(worker.Model.Exception.InnerException!)
        : worker.Model.WaitAsync(TimeSpan.FromMinutes(2));
}
