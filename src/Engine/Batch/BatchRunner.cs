using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SemanticSam.Formats.Results;
using SemanticSam.Foundation;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Batch;

/// <summary>What is asked of an item's image.</summary>
/// <param name="item">The item.</param>
/// <param name="session">The encoded image.</param>
/// <param name="cancellation">Stops it.</param>
public delegate Task<IReadOnlyList<MaskResult>> BatchQuestion(BatchItem item, ImageSession session, CancellationToken cancellation);

/// <summary>How far a batch is.</summary>
/// <param name="Assigned">Items in all.</param>
/// <param name="Before">Of them done by an earlier run.</param>
/// <param name="Done">Of them done by this run.</param>
/// <param name="Failed">Of them failed in this run.</param>
public readonly record struct BatchProgress(int Assigned, int Before, int Done, int Failed)
{
    /// <summary>Items that are through.</summary>
    public int Through => Before + Done + Failed;
}

/// <summary>How a batch runs.</summary>
public sealed record BatchOptions
{
    /// <summary>
    /// What is asked, in the caller's words ("overlays" is added); becomes part of the manifest, so that a batch is resumed with the same question only.
    /// </summary>
    public required JsonObject Description { get; init; }

    /// <summary>The part of the input that is done.</summary>
    internal Shard Shard { get; init; } = Shard.Whole;

    /// <summary>Overlays: marks of an item, or null for no overlays.</summary>
    public Func<BatchItem, OverlayPrompts?>? Overlays { get; init; }

    /// <summary>What a user should know of an item that was answered just now, a sentence each; becomes part of its result.</summary>
    internal Func<BatchItem, ImageSession, IReadOnlyList<string>> Notices { get; init; } = (_, _) => [];

    /// <summary>Told the notices of an item that has some: of its image, then those of <see cref="Notices"/>.</summary>
    internal Action<BatchItem, IReadOnlyList<string>> Noticed { get; init; } = (_, _) => { };

    /// <summary>From an exception to the message of an error line.</summary>
    internal Func<Exception, string> Message { get; init; } = e => e.Message;

    /// <summary>Wraps the writing of a result, which must not be cut in the middle.</summary>
    internal Action<Action> Uncut { get; init; } = write => write();

    /// <summary>Images that are read ahead, 1 to 64.</summary>
    public int Ahead { get; init; } = 2;

    /// <summary>Bytes that images read ahead may take; a larger image is read when nothing else waits.</summary>
    public long AheadBytes { get; init; } = 512L << 20;

    internal void Validate()
    {
        if (Ahead is < 1 or > 64) throw new ArgumentOutOfRangeException(nameof(Ahead), Ahead, "1 to 64 images are read ahead.");
        ArgumentOutOfRangeException.ThrowIfLessThan(AheadBytes, 1);
    }
}

/// <summary>
/// Segments many images into a folder. An item is done when its result has its name: whenever the process is killed, at most the item at
/// hand is lost. An item that fails gets an error line and stops nothing.
/// </summary>
/// <param name="input">The images.</param>
/// <param name="options">How.</param>
public sealed class BatchRunner(BatchInput input, BatchOptions options)
{
    private readonly byte[] _inputs = InputList.Write(Checked(input).Items);

    /// <summary>What will be done, before a model is there: for <see cref="BatchFolder.RequireSame"/>.</summary>
    internal BatchManifest Describe(SegmentationModel? model = null) => new()
    {
        Model = model is null ? new("", "") : new(model.Name, model.Sha256),
        Options = Asked(),
        Input = new(input.Root, input.Items.Count, InputList.Hash(_inputs)),
        Shard = options.Shard.Count == 1 ? null : options.Shard.ToString(),
    };

    /// <summary>Keys name files that are written, so they are checked wherever they come from.</summary>
    private static BatchInput Checked(BatchInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Items.Sum(i => (long)i.Image.Length + i.Key.Length + (i.Prompt?.Length ?? 0)) > InputList.LargestFile)
            throw new BatchException(BatchError.Input, $"names and prompts of the batch are longer than {InputList.LargestFile >> 20} Mi characters: divide it.");
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in input.Items)
            if ((InputList.WhyNot(item) ?? (keys.Add(item.Key) ? null : $"the key '{item.Key}' stands twice")) is { } wrong)
                throw new BatchException(BatchError.Input, $"{wrong}.");
        return input;
    }

    private JsonObject Asked()
    {
        var asked = options.Description.DeepClone().AsObject();
        asked[BatchManifest.Overlays] = options.Overlays is not null;
        return asked;
    }

    /// <summary>Runs the batch, or the rest of it where the folder holds a part of its results already.</summary>
    /// <param name="folder">Where results go; created if need be.</param>
    /// <param name="model">What answers.</param>
    /// <param name="ask">What is asked.</param>
    /// <param name="progress">Told after each item; may be null.</param>
    /// <param name="cancellation">Stops after the item at hand.</param>
    /// <exception cref="BatchException">The folder holds another batch, another process works in it, or it cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Canceled; what is done stays.</exception>
    public async Task<BatchProgress> Run(string folder, SegmentationModel model, BatchQuestion ask, IProgress<BatchProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using var claimed = BatchFolder.Claim(folder, BatchStart.Resume);
        return await Run(claimed, model, ask, progress, cancellation).ConfigureAwait(false);
    }

    /// <summary>As the other, in a folder that is claimed already.</summary>
    /// <param name="folder">Where results go.</param>
    /// <param name="model">What answers.</param>
    /// <param name="ask">What is asked.</param>
    /// <param name="progress">Told after each item; may be null.</param>
    /// <param name="cancellation">Stops after the item at hand.</param>
    /// <exception cref="BatchException">The folder holds another batch.</exception>
    /// <exception cref="BatchException">A result cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Canceled; what is done stays.</exception>
    internal Task<BatchProgress> Run(BatchFolder folder, SegmentationModel model, BatchQuestion ask, IProgress<BatchProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        options.Validate();
        // One thread computes all: each thread that does makes the tensor library start threads and keep memory of its own.
        return Task.Factory.StartNew(() => Work(folder, model, ask, progress, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private BatchProgress Work(BatchFolder folder, SegmentationModel model, BatchQuestion ask, IProgress<BatchProgress>? progress, CancellationToken cancellation)
    {
        var manifest = Describe(model);
        var (assigned, pending) = folder.Begin(manifest, input.Items, _inputs, cancellation);
        var state = new BatchProgress(assigned.Count, assigned.Count - pending.Count, 0, 0);
        progress?.Report(state);
        using var log = new Log(folder.Layout);
        var prefetch = new ImagePrefetch(options.Ahead, options.AheadBytes);
        foreach (var fetched in prefetch.Read(input, pending, cancellation).ToBlockingEnumerable(CancellationToken.None))
        {
            ImageSession? session = null;
            Exception? failure = fetched.Failure;
            try
            {
                foreach (var item in fetched.Items)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var watch = Stopwatch.StartNew();
                    try
                    {
                        if (failure is null && session is null)
                        {
                            session = Open(model, fetched.Image!, ref failure);
                            log.Encode = session?.EncodeTime.TotalSeconds ?? 0;
                            if (fetched.Sha256 is { } hash) options.Uncut(() => log.Source(item.Image, hash));
                        }
                        if (failure is not null) throw failure;
                        var results = ask(item, session!, cancellation).GetAwaiter().GetResult();
                        IReadOnlyList<string> notices = [.. fetched.Notices, .. options.Notices(item, session!)];
                        byte[] json = Encoding.UTF8.GetBytes(ResultJson.ToText(item.Image, session!.Width, session.Height, model.Identity, null, results, notices: notices) + "\n");
                        byte[]? overlay = options.Overlays is { } marks ? ImageEncoder.Png(OverlayPainter.Paint(fetched.Image!, results, marks(item))) : null;
                        cancellation.ThrowIfCancellationRequested();
                        options.Uncut(() => Save(folder, item, json, overlay));
                        log.Timing(item, watch.Elapsed);
                        if (notices.Count > 0) options.Noticed(item, notices);
                        state = state with { Done = state.Done + 1 };
                    }
                    catch (Exception e) when (e is not (OperationCanceledException or BatchException { Error: BatchError.CannotWrite }))
                    {
                        options.Uncut(() => log.Error(item, options.Message(e)));
                        state = state with { Failed = state.Failed + 1 };
                    }
                    progress?.Report(state);
                }
            }
            finally
            {
                session?.Dispose();
            }
        }
        log.Dispose(); // before what it wrote is written anew
        options.Uncut(() => BatchException.Guard(() => folder.End(manifest, assigned, new(state.Assigned, state.Before + state.Done, state.Failed))));
        return state;
    }

    /// <summary>An image that cannot be encoded fails once, and so do all questions about it.</summary>
    private static ImageSession? Open(SegmentationModel model, RgbImage image, ref Exception? failure)
    {
        try
        {
            return model.Open(image);
        }
        catch (Exception e)
        {
            failure = e;
            return null;
        }
    }

    /// <summary>The overlay gets its name first: a result that has its name is complete.</summary>
    /// <exception cref="BatchException">It cannot be written: this one (<see cref="BatchError.Input"/>), or none
    /// (<see cref="BatchError.CannotWrite"/>).</exception>
    private static void Save(BatchFolder folder, BatchItem item, byte[] json, byte[]? overlay) => BatchException.Guard(() =>
    {
        folder.RequireStillThere();
        var layout = folder.Layout;
        (string, byte[])[] files = overlay is null ? [(layout.ResultOf(item), json)] : [(layout.OverlayOf(item), overlay), (layout.ResultOf(item), json)];
        foreach (var (path, _) in files)
            if (!FolderPath.IsReachedWithoutLinks(path.StartsWith(layout.Overlays, StringComparison.Ordinal) ? layout.Overlays : layout.Results, path))
                throw new UnusableNameException($"{path}: a link on the way leads out of the folder; it is not written through.");
        foreach (string root in new[] { layout.Results, layout.Overlays })
            if (File.Exists(root)) throw new IOException($"{root}: this is a file, where results need a folder.");
        AtomicFile.WriteTogether(files);
    });

    /// <summary>errors.jsonl, made when the first line comes, and timings.jsonl.</summary>
    private sealed class Log(BatchLayout layout) : IDisposable
    {
        private readonly JsonLines _timings = Opened(layout.Timings), _sources = Opened(layout.Sources);
        private JsonLines? _errors;

        /// <summary>Seconds of encoding that the next timing tells.</summary>
        public double Encode { get; set; }

        public void Timing(BatchItem item, TimeSpan time)
        {
            BatchException.Guard(() => _timings.Add(json =>
            {
                json.WriteString("image", item.Key);
                json.WriteNumber("seconds", Math.Round(time.TotalSeconds, 4));
                json.WriteNumber("encode", Math.Round(Encode, 4));
            }));
            Encode = 0;
        }

        /// <summary>What an image was; before its first result.</summary>
        public void Source(string image, string sha256) => BatchException.Guard(() => _sources.Add(json => BatchSources.Write(json, image, sha256)));

        public void Error(BatchItem item, string message) => BatchException.Guard(() => (_errors ??= JsonLines.Append(layout.Errors)).Add(json =>
        {
            json.WriteString("image", item.Key);
            json.WriteString("error", message);
            json.WriteString("time", DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        }));

        private static JsonLines Opened(string path)
        {
            JsonLines? lines = null;
            BatchException.Guard(() => lines = JsonLines.Append(path));
            return lines!;
        }

        public void Dispose()
        {
            _timings.Dispose();
            _sources.Dispose();
            _errors?.Dispose();
        }
    }
}
