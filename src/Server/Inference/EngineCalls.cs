using System.Diagnostics;
using System.Runtime.CompilerServices;
using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Server.Images;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Server.Inference;

/// <summary>What an image answered, and how long it took.</summary>
/// <param name="Image">Which image.</param>
/// <param name="Width">Its columns.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Value">The answer, in pixels of the whole image.</param>
/// <param name="Cached">Whether the image had been encoded before.</param>
/// <param name="Encode">Time of encoding; zero where it was cached.</param>
/// <param name="Total">Time from taking the request on to its answer.</param>
/// <param name="Notices">What was assumed of the image, and what was not taken as it was asked: a sentence each.</param>
internal sealed record Answered<T>(IncomingImage Image, int Width, int Height, T Value, bool Cached, TimeSpan Encode, TimeSpan Total,
    IReadOnlyList<string> Notices)
{
    /// <summary>Of that, how long it waited for the worker.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>And how long the worker was at it, and at others that it answered together with it.</summary>
    public TimeSpan Compute { get; init; }

    /// <summary>The same about something else of the image.</summary>
    public Answered<TOther> With<TOther>(TOther value) => new(Image, Width, Height, value, Cached, Encode, Total, Notices)
    {
        Wait = Wait, Compute = Compute,
    };
}

/// <summary>The one way into the engine: everything that the server offers asks here.</summary>
internal sealed class EngineCalls(InferenceWorker worker, SessionCache cache, ImageIntake intake, ServerMetrics metrics)
{
    /// <summary>Refuses at once what could not wait.</summary>
    /// <exception cref="BusyException">The queue is full.</exception>
    public void ThrowIfBusy()
    {
        if (worker.IsFull) throw new BusyException(worker.RetryAfter);
    }

    /// <summary>What is known of an image; null where it is not encoded.</summary>
    public KnownImage? Known(string id) => cache.Known(new(id));

    /// <summary>Encodes an image, so that prompts cost only the decoder.</summary>
    public Task<Answered<bool>> Open(IncomingImage image, CancellationToken cancellation) =>
        Ask(image, null, (key, decoded) => new Job<bool>(key, decoded, _ => true, cancellation), cancellation);

    /// <summary>The pixels of an image that is encoded.</summary>
    /// <exception cref="ImageUnknownException">It is not.</exception>
    public async Task<RgbImage> Pixels(string id, CancellationToken cancellation)
    {
        if (Known(id) is null) throw new ImageUnknownException(id);
        return await worker.Do(new Job<RgbImage>(new(id), null, cached => cached.Image, cancellation)).ConfigureAwait(false);
    }

    /// <summary>Answers prompts, together with those that others have about the same image.</summary>
    public async Task<Answered<PromptAnswer>> Segment(IncomingImage image, BoxI? region, IReadOnlyList<PlacedPrompt> prompts, SegmentOptions options,
        CancellationToken cancellation)
    {
        var notices = new List<string>();
        var answer = await Ask<PromptAnswer>(image, region, (key, decoded) =>
            new PromptJob(key, decoded, On, prompts.Count, options, cancellation), cancellation)
            .ConfigureAwait(false);
        return answer with { Value = answer.Value with { Masks = Back(answer.Value.Masks, region, answer) }, Notices = [.. answer.Notices, .. notices] };

        IReadOnlyList<Prompt> On(CachedImage cached)
        {
            notices.Clear(); // asked again where others' prompts of the same batch were at fault
            return [.. prompts.Select(p => p.On(cached, notices))];
        }
    }

    /// <summary>Asks a session something that only the caller knows.</summary>
    public async Task<Answered<IReadOnlyList<MaskResult>>> Ask(IncomingImage image, BoxI? region, PlacedPrompt prompt,
        Func<ImageSession, Prompt, IReadOnlyList<MaskResult>> ask, CancellationToken cancellation)
    {
        var notices = new List<string>();
        var answer = await Ask(image, region, (key, decoded) => new Job<IReadOnlyList<MaskResult>>(key, decoded, cached =>
            metrics.Timed(Step.Decode, default, () => ask(cached.Session, prompt.On(cached, notices))), cancellation),
            cancellation).ConfigureAwait(false);
        return answer with { Value = Back(answer.Value, region, answer), Notices = [.. answer.Notices, .. notices] };
    }

    /// <summary>
    /// Everything mode, step by step. The worker does one step at a time and others' requests in between, and goes on only when the caller wants the next.
    /// </summary>
    public async IAsyncEnumerable<Answered<EverythingStep>> Everything(IncomingImage image, BoxI? region, EverythingOptions options,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var first = await Ask(image, region, (key, decoded) => new Job<EverythingRun>(key, decoded, cached => new(cached, options, cancellation), cancellation),
            cancellation).ConfigureAwait(false);
        var (key, run) = (new ImageKey(image.Id, region), first.Value);
        first = first with { Notices = [.. first.Notices, .. run.Notices] };
        try
        {
            while (await worker.Do(new Job<EverythingStep?>(key, null, _ => run.Next(), cancellation), continues: true).ConfigureAwait(false) is { } step)
                yield return first.With(step with { Candidates = Back(step.Candidates, region, first), Decided = Back(step.Decided, region, first) });
        }
        finally
        {
            await worker.Do(new Job<bool>(key, null, _ => run.End(), CancellationToken.None), continues: true).ConfigureAwait(false);
        }
    }

    private async Task<Answered<T>> Ask<T>(IncomingImage image, BoxI? region, Func<ImageKey, DecodedImage?, Job<T>> make, CancellationToken cancellation)
    {
        var key = new ImageKey(image.Id, region);
        if (cache.Known(key.Whole) is { } known)
            try
            {
                Require(region, (known.Width, known.Height));
                return await Do(make(key, null), (known.Width, known.Height)).ConfigureAwait(false);
            }
            catch (ImageUnknownException) when (image.File is not null)
            {
                // It made room for others in the meantime, and is encoded again.
            }
        if (image.File is null) throw new ImageUnknownException(image.Id);
        var size = intake.SizeOf(image);
        Require(region, size);
        // Before anything is decoded: images wait for their turn to be decoded, and must not be refused after that.
        using var place = worker.Reserve();
        return await intake.WithPixels(image, decoded =>
        {
            var job = make(key, decoded);
            place.Dispose(); // the job takes it
            return Do(job, size, reserved: true);
        }, cancellation).ConfigureAwait(false);

        async Task<Answered<T>> Do(Job<T> job, (int Width, int Height) size, bool reserved = false)
        {
            var value = await worker.Do(job, continues: reserved).ConfigureAwait(false);
            return new(image, size.Width, size.Height, value, job.WasCached, job.EncodeTime,
                Stopwatch.GetElapsedTime(job.Since), job.Notices)
            {
                Wait = Stopwatch.GetElapsedTime(job.Since, job.TakenUp), Compute = Stopwatch.GetElapsedTime(job.TakenUp, job.Done),
            };
        }
    }

    private static void Require(BoxI? region, (int Width, int Height) size)
    {
        if (region is { } r && !(r.Left >= 0 && r.Top >= 0 && r.Right <= size.Width && r.Bottom <= size.Height && r.Width >= 2 && r.Height >= 2))
            throw new PromptException(PromptError.OutsideImage,
                $"The region ({r.Left}, {r.Top}, {r.Right}, {r.Bottom}) does not fit: it lies within the image, which is {size.Width} x {size.Height} " +
                    $"pixels, and has at least 2 a side.");
    }

    /// <summary>From the region to the whole image.</summary>
    private static IReadOnlyList<MaskResult> Back<T>(IReadOnlyList<MaskResult> masks, BoxI? region, Answered<T> of) => region is not { } r ? masks
        : [.. masks.Select(m => m with
        {
            Mask = m.Mask.Paste(r.Left, r.Top, of.Height, of.Width),
            Point = m.Point is { } p ? (p.X + r.Left, p.Y + r.Top) : null,
            Crop = m.Crop is { } c ? new BoxI(c.Left + r.Left, c.Top + r.Top, c.Right + r.Left, c.Bottom + r.Top) : null,
        })];
}
