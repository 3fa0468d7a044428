using SemanticSam.Masks;

namespace SemanticSam.Engine.Batch;

/// <summary>
/// Segments many images into a folder. An item is done when its result has its name: whenever the process is killed, at most the item at
/// hand is lost. An item that fails gets an error line and stops nothing.
/// </summary>
public sealed class BatchRunner
{
    private readonly Func<string, BatchRun> _begin; // from the folder of the results, in which no input lies

    /// <summary>A batch that asks the same of all images.</summary>
    /// <param name="images">Folders (all their images, at any depth), patterns (<c>photos/**/*.jpg</c>), lists (<c>@FILE</c>, one path a line) and
    /// images. They are looked up when the batch runs; what lies in the folder of the results is not input.</param>
    /// <param name="options">How it runs.</param>
    public BatchRunner(IEnumerable<string> images, BatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        string[] paths = [.. images];
        _begin = folder =>
        {
            var collector = new InputCollector(except: folder);
            foreach (string path in paths) collector.Add(path);
            return new(collector.ToInput(), options);
        };
    }

    /// <summary>A batch of questions of your own, such as several about one image.</summary>
    /// <param name="root">Folder that the items' images are relative to.</param>
    /// <param name="items">What is to be done, in the order in which it is done; images that follow each other are encoded once.</param>
    /// <param name="options">How it runs.</param>
    /// <exception cref="Foundation.SemanticSamException">A key stands twice, or cannot be the name of a result.</exception>
    public BatchRunner(string root, IReadOnlyList<BatchItem> items, BatchOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(options);
        var run = new BatchRun(new(root, items), options);
        _begin = _ => run;
    }

    /// <summary>Runs the batch, or the rest of it where the folder holds a part of its results already.</summary>
    /// <param name="folder">Where results go; created if need be.</param>
    /// <param name="model">What answers.</param>
    /// <param name="ask">What is asked of the image of an item, of its session; one item after the other, on one thread.</param>
    /// <param name="progress">Told after each item; may be null.</param>
    /// <param name="cancellation">Stops after the item at hand.</param>
    /// <exception cref="Foundation.SemanticSamException">
    /// Nothing is found under a path, the folder holds another batch, another process works in it, or it cannot be written.
    /// </exception>
    /// <exception cref="OperationCanceledException">Canceled; what is done stays.</exception>
    public async Task<BatchProgress> Run(string folder, SegmentationModel model, Func<BatchItem, ImageSession, CancellationToken,
        Task<IReadOnlyList<MaskResult>>> ask,
        IProgress<BatchProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(ask);
        var run = _begin(folder);
        using var claimed = BatchFolder.Claim(folder, BatchStart.Resume);
        return await run.Run(claimed, model, ask, progress, cancellation).ConfigureAwait(false);
    }
}
