using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SemanticSam.Masks;
using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Api;

/// <summary>What takes long comes as a stream, with progress: everything mode, and the same prompts to many images.</summary>
internal sealed class StreamRoutes(EngineCalls engine, InferenceWorker worker, RequestReading reading, StreamPlaces places, Problems problems)
{
    private const int MostImages = 1000;

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/everything", (Delegate)Everything).Accepts<EverythingRequest>("application/json", "multipart/form-data")
            .Describe<AnswerResponse>(
                "Segments everything. A stream of 'progress', 'masks' and 'done', or 'error' where it fails; one JSON document where the client accepts "
                    + "application/json alone.");
        api.MapPost("/batch", (Delegate)Batch).Accepts<BatchRequest>("application/json")
            .Describe<AnswerResponse>("The same prompts to many images. A stream of 'result' and 'error', each with its progress, and 'done'.");
    }

    private async Task Everything(HttpContext context)
    {
        engine.ThrowIfBusy();
        using var place = places.Take(context);
        var (request, image) = await reading.Question<EverythingRequest>(context, r => r.Image).ConfigureAwait(false);
        var (forms, region, options) = (MaskForms.Of(request.Include, request.Tolerance), RequestMapping.Region(request.Region),
            RequestMapping.Options(request));
        bool whole = context.Request.GetTypedHeaders().Accept is [{ MediaType: var only }]
            && only.Equals("application/json", StringComparison.OrdinalIgnoreCase);
        var decided = new List<MaskResult>();
        EventStream? stream = null;
        Answered<Engine.EverythingStep>? last = null;
        try
        {
            await foreach (var step in engine.Everything(image, region, options, context.RequestAborted).ConfigureAwait(false))
            {
                last = step;
                if (!whole)
                {
                    stream ??= new(context); // not before the first step: what is wrong with the request has its own status
                    // Candidates show where work is done; only what is decided is an answer.
                    await stream.Send("progress", new() { ["share"] = Math.Round(step.Value.Share, 4),
                        ["candidates"] = Answers.Masks(step.Value.Candidates, new(false, false, 0), 1) }, context.RequestAborted)
                        .ConfigureAwait(false);
                    if (step.Value.Decided.Count > 0)
                        await stream.Send("masks", new() { ["annotations"] = Answers.Masks(step.Value.Decided, forms, decided.Count + 1) },
                            context.RequestAborted).ConfigureAwait(false);
                }
                decided.AddRange(step.Value.Decided);
            }
        }
        catch (Exception e) when (stream is not null && !context.RequestAborted.IsCancellationRequested)
        {
            // The status is sent: a reason in the stream is all that is left, and better than an end that nobody can tell from a lost connection.
            var (_, code, detail) = problems.Of(e, context);
            await stream.Send("error", new() { ["code"] = code, ["error"] = detail }, context.RequestAborted).ConfigureAwait(false);
            return;
        }
        var model = await worker.Model.ConfigureAwait(false);
        MaskResult[] sorted = [.. decided.OrderByDescending(m => m.Area)];
        var answer = Answers.Of(last!, model.Identity, PartTree.Build(sorted).WithParents(sorted), forms);
        if (stream is null) await context.WriteJson(answer).ConfigureAwait(false);
        else await stream.Send("done", answer, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task Batch(HttpContext context)
    {
        engine.ThrowIfBusy();
        using var place = places.Take(context);
        var request = await reading.Read<BatchRequest>(context).ConfigureAwait(false);
        if (request.Images.Length is < 1 or > MostImages) throw ApiException.Bad($"There are {request.Images.Length} images; allowed are 1 to {MostImages}.");
        var (forms, prompts, options) = (MaskForms.Of(request.Include, request.Tolerance), RequestMapping.Prompts(request.Prompts),
            RequestMapping.Options(request));
        var model = await worker.Model.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        var stream = new EventStream(context);
        int failed = 0;
        for (int i = 0; i < request.Images.Length; i++)
        {
            var progress = new JsonObject { ["index"] = i, ["share"] = Math.Round((i + 1.0) / request.Images.Length, 4) };
            try
            {
                var image = await reading.Image(request.Images[i] ?? throw ApiException.Bad("The image is null."), context.RequestAborted)
                    .ConfigureAwait(false);
                var answer = await Patiently(() => engine.Segment(image, null, prompts, options, context.RequestAborted), context.RequestAborted)
                    .ConfigureAwait(false);
                progress["result"] = Answers.Of(answer, model.Identity, forms);
                await stream.Send("result", progress, context.RequestAborted).ConfigureAwait(false);
            }
            catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
            {
                failed++;
                var (_, code, detail) = problems.Of(e, context);
                progress["code"] = code;
                progress["error"] = detail;
                await stream.Send("error", progress, context.RequestAborted).ConfigureAwait(false);
            }
        }
        await stream.Send("done", new() { ["images"] = request.Images.Length, ["failed"] = failed }, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>A batch gives way to people: where the queue is full it waits and tries again.</summary>
    private static async Task<T> Patiently<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        while (true)
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (BusyException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation).ConfigureAwait(false);
            }
    }
}
