using SemanticSam.Foundation;

namespace SemanticSam.Engine.Batch;

/// <summary>Whether a batch starts or is resumed.</summary>
internal enum BatchStart
{
    /// <summary>The folder must hold no batch yet.</summary>
    Afresh,

    /// <summary>What is done already is kept, if it belongs to the same batch; an empty folder starts it.</summary>
    Resume,
}

/// <summary>A folder that a batch writes to: claimed for one process, its manifest agreed on, leftovers of a killed process removed.</summary>
internal sealed class BatchFolder : IDisposable
{
    private readonly FileStream _lock;
    private readonly BatchManifest? _before;

    private BatchFolder(BatchLayout layout, FileStream claim, BatchManifest? before) => (Layout, _lock, _before) = (layout, claim, before);

    /// <summary>Where things are.</summary>
    internal BatchLayout Layout { get; }

    /// <summary>Takes the folder for this process.</summary>
    /// <param name="folder">The folder; created if need be.</param>
    /// <param name="start">Whether the batch begins or goes on.</param>
    /// <exception cref="BatchException">It holds another batch, or another process works in it.</exception>
    /// <exception cref="BatchException">It cannot be written.</exception>
    public static BatchFolder Claim(string folder, BatchStart start)
    {
        var layout = new BatchLayout(Path.GetFullPath(folder));
        if (File.Exists(folder)) throw new BatchException(BatchError.CannotWrite, $"the output folder '{folder}' cannot be written: it is a file.");
        bool there = File.Exists(layout.Manifest);
        if (there && start == BatchStart.Afresh)
            throw new BatchException(BatchError.AlreadyStarted, $"the folder '{folder}' holds a batch already.");
        if (!there && Directory.Exists(layout.Results) && Directory.EnumerateFileSystemEntries(layout.Results).Any())
            throw new BatchException(BatchError.FolderInUse, $"the folder '{folder}' holds results, but no manifest.json that says of what.");
        var before = there ? BatchManifest.Read(layout.Manifest) : null;
        try
        {
            Directory.CreateDirectory(layout.Folder);
            return new(layout, Locked(layout, folder), before);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BatchException(BatchError.CannotWrite, $"the output folder '{folder}' cannot be written: {e.Message}", e);
        }
    }

    private static FileStream Locked(BatchLayout layout, string folder)
    {
        try
        {
            return new FileStream(layout.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(layout.Lock))
        {
            throw new BatchException(BatchError.Busy, $"another process works in the folder '{folder}'.");
        }
    }

    /// <summary>Whether a process works in a folder.</summary>
    internal static bool IsTaken(BatchLayout layout)
    {
        if (!File.Exists(layout.Lock)) return false;
        try
        {
            using var claim = new FileStream(layout.Lock, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false; // a killed process left it
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false; // a folder that is only read
        }
    }

    /// <summary>Refuses what differs from the batch that is there. Also tells what can be told before the model is loaded, when that is unknown.</summary>
    /// <exception cref="BatchException">It differs; the message names in what.</exception>
    internal void RequireSame(BatchManifest manifest, bool modelKnown = true)
    {
        if (_before is null) return;
        var mine = modelKnown ? manifest : manifest with { Model = _before.Model };
        var differences = mine.DifferencesFrom(_before, "now", "there").ToList();
        if (mine.Part != _before.Part) differences.Insert(0, $"shard {mine.Part} now, {_before.Part} there");
        if (differences.Count > 0)
            throw new BatchException(BatchError.OtherBatch, $"the folder '{Layout.Folder}' holds another batch, so it cannot be resumed: {string.Join("; ", differences)}.");
    }

    /// <summary>Writes manifest and inputs, removes what a killed process left, and gives the items that are still to be done.</summary>
    /// <param name="manifest">The batch.</param>
    /// <param name="items">All its items, those of other shards included.</param>
    /// <param name="inputs">Them as a file.</param>
    /// <param name="cancellation">Stops between two items.</param>
    internal (IReadOnlyList<BatchItem> Assigned, IReadOnlyList<BatchItem> Pending) Begin(BatchManifest manifest, IReadOnlyList<BatchItem> items,
        byte[] inputs, CancellationToken cancellation)
    {
        RequireSame(manifest);
        var assigned = manifest.Part.Of(items);
        BatchException.Guard(() =>
        {
            foreach (string left in Layout.Leftovers()) File.Delete(left);
            AtomicFile.WriteTogether([(Layout.Inputs, inputs), (Layout.Manifest, (manifest with { State = BatchManifest.Running, Counts = new(assigned.Count, 0, 0) }).ToBytes())]);
            // What failed is tried again, so its lines would only be in the way.
            File.Delete(Layout.Errors);
        });
        var pending = new List<BatchItem>();
        foreach (var item in assigned)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!IsDone(item, manifest)) pending.Add(item);
        }
        return (assigned, pending);
    }

    /// <summary>Whether an item's result is there and nothing is wrong with it that <see cref="BatchVerifier"/> would name.</summary>
    private bool IsDone(BatchItem item, BatchManifest manifest)
    {
        string path = Layout.ResultOf(item);
        return File.Exists(path) && ResultCheck.Find(path, item.Image, manifest.Model.Sha256, out var size, out _) is null
            && ResultCheck.FindInImage(Path.Combine(manifest.Input.Root, item.Image), size, out _) is null
            && (!manifest.HasOverlays || ResultCheck.FindInOverlay(Layout.OverlayOf(item), size) is null);
    }

    /// <summary>Writes the manifest of a batch whose items have all been tried.</summary>
    internal void End(BatchManifest manifest, BatchCounts counts) =>
        AtomicFile.WriteTogether([(Layout.Manifest, (manifest with { State = BatchManifest.Complete, Counts = counts }).ToBytes())]);

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
