using System.Diagnostics;
using Microsoft.Extensions.Logging;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Server.Images;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Server.Inference;

/// <summary>
/// The one thread that computes: it loads the model, opens sessions, answers what waits, and lets go of everything. libtorch uses all cores for each
/// answer, so a second one would only make both slower.
/// </summary>
internal sealed class InferenceWorker
{
    /// <summary>Prompts that go through the decoder together.</summary>
    private const int LargestBatch = 32;

    private readonly Func<SegmentationModel> _load;
    private readonly Func<SegmentationModel, IEnumerable<string>>? _warmUp;
    private readonly SessionCache _cache;
    private readonly ServerMetrics _metrics;
    private readonly ILogger _logger;
    private readonly JobQueue _queue;
    private readonly Thread _thread;
    private readonly TaskCompletionSource<SegmentationModel> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private double _usualSeconds = 0.05;

    /// <param name="load">Loads the model, on the worker's thread.</param>
    /// <param name="warmUp">What is to run once with the model, in short steps; null for nothing.</param>
    /// <param name="queueCapacity">Jobs that may wait.</param>
    /// <param name="cache">Encoded images.</param>
    /// <param name="metrics">What is counted.</param>
    /// <param name="logger">Where it says that the model is loaded.</param>
    public InferenceWorker(Func<SegmentationModel> load, Func<SegmentationModel, IEnumerable<string>>? warmUp, int queueCapacity, SessionCache cache,
        ServerMetrics metrics, ILogger<InferenceWorker> logger)
    {
        (_load, _warmUp, _cache, _metrics, _logger) = (load, warmUp, cache, metrics, logger);
        _queue = new(queueCapacity);
        metrics.Observe(() => _queue.Count, () => cache.Bytes, () => cache.Count);
        _thread = new(Run) { IsBackground = true, Name = "semsam inference" };
    }

    /// <summary>The model, once it is loaded; faulted where it cannot be.</summary>
    public Task<SegmentationModel> Model => _ready.Task;

    /// <summary>Whether a new request would be refused.</summary>
    public bool IsFull => _queue.IsFull;

    /// <summary>Whole seconds after which it is worth trying again; at least 1.</summary>
    public int RetryAfter => Math.Clamp((int)Math.Ceiling(_queue.Count * Volatile.Read(ref _usualSeconds)), 1, 60);

    public void Start() => _thread.Start();

    /// <summary>Does a job in its turn.</summary>
    /// <param name="job">The job.</param>
    /// <param name="continues">Whether it goes on with something that was taken on before.</param>
    /// <exception cref="BusyException">The queue is full.</exception>
    public Task<T> Do<T>(Job<T> job, bool continues = false)
    {
        if (!_queue.TryAdd(job, continues)) throw new BusyException(RetryAfter);
        return job.Answer;
    }

    /// <summary>Takes a place in the queue for a job that is still being prepared, until it is disposed of.</summary>
    /// <exception cref="BusyException">The queue is full.</exception>
    public IDisposable Reserve() => _queue.TryReserve() ?? throw new BusyException(RetryAfter);

    /// <summary>Takes nothing on any more, finishes what waits, and lets go of the model.</summary>
    public Task StopAsync()
    {
        _queue.Close();
        if (!_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted)) return _ended.Task;
        return Task.CompletedTask;
    }

    private void Run()
    {
        ThreadNiceness.LowerThisThread(); // before libtorch starts threads for this one
        SegmentationModel? model = null;
        try
        {
            model = _load();
            _logger.ModelLoaded(model.Name, model.Sha256);
            _ready.SetResult(model);
        }
        catch (Exception e)
        {
            _ready.SetException(e);
        }
        if (model is not null) WarmUp(model);
        while (_queue.Take() is { } job) TimedDo(job, model); // a model that cannot be loaded fails every job
        _cache.Dispose();
        model?.Dispose();
        _ended.SetResult();
    }

    /// <summary>Requests go first: who asks meanwhile waits for the step at work, no longer.</summary>
    private void WarmUp(SegmentationModel model)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            using var steps = _warmUp?.Invoke(model).GetEnumerator();
            do
                while (_queue.TryTake() is { } job) TimedDo(job, model);
            while (!_queue.IsClosed && steps?.MoveNext() == true);
            if (steps is not null) _logger.WarmedUp(Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds));
        }
        catch (Exception e)
        {
            _logger.NotWarmedUp(e); // the first answers take longer, that is all
        }
    }

    private void TimedDo(Job job, SegmentationModel? model)
    {
        var watch = Stopwatch.StartNew();
        Do(job, model);
        Volatile.Write(ref _usualSeconds, 0.9 * _usualSeconds + 0.1 * watch.Elapsed.TotalSeconds);
    }

    private void Do(Job job, SegmentationModel? model)
    {
        job.TakenUp = Stopwatch.GetTimestamp();
        _metrics.Waited(Stopwatch.GetElapsedTime(job.Since), job.Trace);
        try
        {
            job.Cancellation.ThrowIfCancellationRequested();
            var image = Open(job, model ?? throw new ModelUnavailableException(_ready.Task.Exception!.InnerException!));
            job.Notices = image.Notices;
            if (job is PromptJob prompts) DoTogether(prompts, model, image);
            else job.Run(image);
            _cache.Trim(image);
        }
        catch (Exception e)
        {
            if (e is OperationCanceledException) _metrics.Abandoned();
            job.Fail(e);
        }
    }

    private void DoTogether(PromptJob first, SegmentationModel model, CachedImage image)
    {
        PromptJob[] jobs = [first, .. _queue.TakeWith(first, LargestBatch - first.Count)];
        jobs = [.. jobs.Where(j => !Abandoned(j))];
        long now = Stopwatch.GetTimestamp();
        foreach (var job in jobs)
        {
            job.Notices = image.Notices;
            if (job != first) job.TakenUp = now; // some came while the image was encoded
        }
        if (jobs.Length == 0) return;
        try
        {
            Answer(jobs, model, image);
        }
        catch (Exception) when (jobs.Length > 1)
        {
            // One of them is at fault; the others get their answers.
            foreach (var job in jobs)
                try
                {
                    Answer([job], model, image);
                }
                catch (Exception e)
                {
                    job.Fail(e);
                }
        }
    }

    private void Answer(PromptJob[] jobs, SegmentationModel model, CachedImage image)
    {
        bool keeps = model.TakesLogits;
        var (options, prompts) = (jobs[0].Options with { KeepLogits = keeps }, jobs.Select(j => j.Prompts(image)).ToArray());
        using var alone = OneThread.Where(model.AnswersInMilliseconds, [.. prompts.SelectMany(p => p)]);
        var answers = _metrics.Timed(Step.Decode, jobs[0].Trace, () => image.Session.AnswerGroups(prompts, options));
        _metrics.Batched(jobs.Sum(j => j.Count));
        for (int i = 0; i < jobs.Length; i++)
        {
            var handles = keeps ? answers[i].Masks.Select(m => m.Logits is { } logits ? image.Keep(logits) : null).ToArray() : null;
            jobs[i].Complete(new([.. answers[i].Masks.Select(m => m with { Logits = null })], handles, answers[i].Names));
        }
    }

    private bool Abandoned(PromptJob job)
    {
        if (!job.Cancellation.IsCancellationRequested) return false;
        _metrics.Abandoned();
        job.Fail(new OperationCanceledException());
        return true;
    }

    private CachedImage Open(Job job, SegmentationModel model)
    {
        var found = _cache.Find(job.Key);
        _metrics.Looked(found is not null);
        if (found is not null) return found;
        var (pixels, notices) = job.Image ?? Whole(job.Key) ?? throw new ImageUnknownException(job.Key.Id);
        if (job.Key.Region is { } region) pixels = pixels.CropFull(region.Left, region.Top, region.Width, region.Height);
        var image = new CachedImage(job.Key, _metrics.Timed(Step.Encode, job.Trace, () => model.Open(pixels)), notices);
        job.EncodeTime = image.Session.EncodeTime;
        job.WasCached = false;
        _cache.Add(image);
        return image;
    }

    /// <summary>The image of which a region is looked at, where it is in the cache.</summary>
    private DecodedImage? Whole(ImageKey key) => key.Region is not null && _cache.Find(key.Whole) is { } whole ? new(whole.Image, whole.Notices) : null;
}
