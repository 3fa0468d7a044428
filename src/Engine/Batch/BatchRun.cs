using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SemanticSam.Formats.Results;
using SemanticSam.Foundation;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;
using BatchQuestion = System.Func<SemanticSam.Engine.Batch.BatchItem, SemanticSam.Engine.ImageSession, System.Threading.CancellationToken,
    System.Threading.Tasks.Task<System.Collections.Generic.IReadOnlyList<SemanticSam.Masks.MaskResult>>>;

namespace SemanticSam.Engine.Batch;

/// <summary>The work behind <see cref="BatchRunner"/>, on input that is collected already.</summary>
/// <param name="input">The images.</param>
/// <param name="options">How.</param>
internal sealed class BatchRun(BatchInput input, BatchOptions options)
{
    private readonly byte[] _inputs = InputList.Write(Checked(input).Items);

    /// <summary>What will be done, before a model is there: for <see cref="BatchFolder.RequireSame"/>.</summary>
    public BatchManifest Describe(SegmentationModel? model = null) => new()
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
            throw new BatchException(BatchError.Input,
                $"names and prompts of the batch are longer than {InputList.LargestFile >> 20} Mi characters: divide it.");
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
    /// <param name="folder">Where results go.</param>
    /// <param name="model">What answers.</param>
    /// <param name="ask">What is asked.</param>
    /// <param name="progress">Told after each item; may be null.</param>
    /// <param name="cancellation">Stops after the item at hand.</param>
    /// <exception cref="BatchException">The folder holds another batch, or a result cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Canceled; what is done stays.</exception>
    public Task<BatchProgress> Run(BatchFolder folder, SegmentationModel model, BatchQuestion ask, IProgress<BatchProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        options.Validate();
        // One thread computes all: each thread that does makes the tensor library start threads and keep memory of its own.
        return Task.Factory.StartNew(() => Work(folder, model, ask, progress, cancellation), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private BatchProgress Work(BatchFolder folder, SegmentationModel model, BatchQuestion ask, IProgress<BatchProgress>? progress,
        CancellationToken cancellation)
    {
        var manifest = Describe(model);
        var (assigned, pending) = folder.Begin(manifest, input.Items, _inputs, cancellation);
        var state = new BatchProgress(assigned.Count, assigned.Count - pending.Count, 0, 0);
        progress?.Report(state);
        using var log = new Log(folder);
        var prefetch = new ImagePrefetch(options.Ahead, options.AheadBytes, options.MaxPixels);
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
                        byte[] json = Encoding.UTF8.GetBytes(ResultJson.ToText(item.Image, session!.Width, session.Height, model.Identity, null, results,
                            notices: notices) + "\n");
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
        options.Uncut(() => folder.Write(() => folder.End(manifest, assigned, new(state.Assigned, state.Before + state.Done, state.Failed)), ofItem: false));
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
    private static void Save(BatchFolder folder, BatchItem item, byte[] json, byte[]? overlay)
    {
        var layout = folder.Layout;
        (string, byte[])[] files = overlay is null ? [(layout.ResultOf(item), json)] : [(layout.OverlayOf(item), overlay), (layout.ResultOf(item), json)];
        folder.Write(() =>
        {
            foreach (var (path, _) in files)
                if (!FolderPath.IsReachedWithoutLinks(path.StartsWith(layout.Overlays, StringComparison.Ordinal) ? layout.Overlays : layout.Results, path))
                    throw new UnusableNameException($"{path}: a link on the way leads out of the folder; it is not written through.");
            foreach (string root in new[] { layout.Results, layout.Overlays })
                if (File.Exists(root)) throw new IOException($"{root}: this is a file, where results need a folder.");
        });
        folder.Write(item, files);
    }

    /// <summary>errors.jsonl, made when the first line comes, and timings.jsonl.</summary>
    private sealed class Log(BatchFolder folder) : IDisposable
    {
        private readonly JsonLines _timings = Opened(folder, folder.Layout.Timings), _sources = Opened(folder, folder.Layout.Sources);
        private JsonLines? _errors;

        /// <summary>Seconds of encoding that the next timing tells.</summary>
        public double Encode { get; set; }

        public void Timing(BatchItem item, TimeSpan time)
        {
            folder.Write(() => _timings.Add(json =>
            {
                json.WriteString("image", item.Key);
                json.WriteNumber("seconds", Math.Round(time.TotalSeconds, 4));
                json.WriteNumber("encode", Math.Round(Encode, 4));
            }));
            Encode = 0;
        }

        /// <summary>What an image was; before its first result.</summary>
        public void Source(string image, string sha256) => folder.Write(() => _sources.Add(json => BatchSources.Write(json, image, sha256)));

        public void Error(BatchItem item, string message) => folder.Write(() => (_errors ??= JsonLines.Append(folder.Layout.Errors)).Add(json =>
        {
            json.WriteString("image", item.Key);
            json.WriteString("error", message);
            json.WriteString("time", DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        }));

        private static JsonLines Opened(BatchFolder folder, string path)
        {
            JsonLines? lines = null;
            folder.Write(() => lines = JsonLines.Append(path));
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
