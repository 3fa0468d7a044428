using System.Diagnostics;
using SemanticSam.Engine;
using SemanticSam.Server.Images;

namespace SemanticSam.Server.Inference;

/// <summary>Something the worker is to do with an image.</summary>
/// <param name="key">Which image.</param>
/// <param name="image">The image decoded, to encode it where it is not in the cache; null where the caller has only its name.</param>
/// <param name="cancellation">The client gave up.</param>
internal abstract class Job(ImageKey key, DecodedImage? image, CancellationToken cancellation)
{
    public ImageKey Key => key;

    public DecodedImage? Image => image;

    public CancellationToken Cancellation => cancellation;

    /// <summary>When it was taken on, by <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long Since { get; } = Stopwatch.GetTimestamp();

    /// <summary>When the worker took it up, as <see cref="Since"/>; 0 before.</summary>
    public long TakenUp { get; set; }

    /// <summary>When its answer was there, as <see cref="Since"/>; 0 before.</summary>
    public long Done { get; protected set; }

    /// <summary>Where its spans belong in a trace.</summary>
    public ActivityContext Trace { get; } = Activity.Current?.Context ?? default;

    /// <summary>Time that encoding took for it; zero where the image was in the cache.</summary>
    public TimeSpan EncodeTime { get; set; }

    /// <summary>Whether the image was in the cache.</summary>
    public bool WasCached { get; set; } = true;

    /// <summary>What was assumed of the image when it was decoded.</summary>
    public IReadOnlyList<string> Notices { get; set; } = [];

    /// <summary>Does it, on the worker's thread.</summary>
    public abstract void Run(CachedImage image);

    public abstract void Fail(Exception cause);
}

/// <summary>A job with an answer.</summary>
internal class Job<T>(ImageKey key, DecodedImage? image, Func<CachedImage, T> ask, CancellationToken cancellation) : Job(key, image, cancellation)
{
    // Continuations must not run on the worker's thread.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public override void Run(CachedImage image) => Complete(ask(image));

    public void Complete(T answer)
    {
        Done = Stopwatch.GetTimestamp();
        _answer.TrySetResult(answer);
    }

    public override void Fail(Exception cause)
    {
        if (cause is OperationCanceledException) _answer.TrySetCanceled(Cancellation.IsCancellationRequested ? Cancellation : new(true));
        else _answer.TrySetException(cause);
    }
}

/// <summary>Prompts, which the worker may answer together with those of others.</summary>
internal sealed class PromptJob(ImageKey key, DecodedImage? image, Func<CachedImage, IReadOnlyList<Prompt>> prompts, int count, SegmentOptions options,
    CancellationToken cancellation)
    : Job<PromptAnswer>(key, image, cached => throw new UnreachableException($"{cached.Key.Id} is answered in a batch"), cancellation)
{
    /// <summary>How many prompts it asks.</summary>
    public int Count => count;

    public SegmentOptions Options => options;

    /// <summary>The prompts, with the logits that they go on from; called on the worker's thread.</summary>
    public IReadOnlyList<Prompt> Prompts(CachedImage image) => prompts(image);

    /// <summary>Whether one call of the decoder can answer both.</summary>
    public bool GoesWith(PromptJob other) => Key == other.Key && Options with { Levels = null, Vocabulary = null } == other.Options with {
        Levels = null, Vocabulary = null }
        && Same(Options.Levels, other.Options.Levels) && Same(Options.Vocabulary, other.Options.Vocabulary);

    private static bool Same<T>(IReadOnlyList<T>? a, IReadOnlyList<T>? b) => a is null ? b is null : b is not null && a.SequenceEqual(b);
}
