using SemanticSam.Foundation;
using SemanticSam.Imaging;

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
    private readonly (ulong, ulong)? _identity;
    private readonly BatchManifest? _before;
    private AlikeKeys? _alike;

    private BatchFolder(BatchLayout layout, FileStream claim, BatchManifest? before)
    {
        (Layout, _lock, _before) = (layout, claim, before);
        _identity = FileKinds.Identity(layout.Lock);
    }

    /// <summary>Where things are.</summary>
    internal BatchLayout Layout { get; }

    /// <summary>Folders among the results that cannot be read, in order; what lies in them is passed over.</summary>
    internal SortedSet<string> Unreadable { get; } = new(StringComparer.Ordinal);

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
        foreach (string own in new[] { layout.Lock, layout.Manifest, layout.Inputs, layout.Results, layout.Overlays })
            if (new FileInfo(own).LinkTarget is not null) throw new BatchException(BatchError.FolderInUse, $"{own} is a link, which no batch writes.");
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

    /// <summary>
    /// Refuses to go on when the folder was removed, renamed or exchanged since it was claimed: its parts would quietly be made anew, without what was there.
    /// </summary>
    /// <exception cref="BatchException">It was.</exception>
    internal void RequireStillThere()
    {
        bool same = File.Exists(Layout.Lock) && (_identity is null || FileKinds.Identity(Layout.Lock) == _identity);
        if (!same)
            throw new BatchException(BatchError.CannotWrite,
                $"the output folder '{Layout.Folder}' was removed, renamed or exchanged while the batch ran; results may be gone. Find out what did it, then " +
                "start the batch again: it computes what is missing.");
    }

    /// <summary>Writes into the folder; where it is no longer the one that was claimed, that is the reason that is told.</summary>
    /// <param name="write">What is done.</param>
    /// <param name="ofItem">Whether the files are those of an item, which fails alone where they cannot have their names; else the batch ends.</param>
    /// <exception cref="BatchException">It cannot be written.</exception>
    internal void Write(Action write, bool ofItem = true)
    {
        RequireStillThere();
        try
        {
            BatchException.Guard(write, ofItem);
        }
        catch (BatchException e) when (e.InnerException is DirectoryNotFoundException or FileNotFoundException
            or IOException { InnerException: DirectoryNotFoundException or FileNotFoundException })
        {
            RequireStillThere();
            throw;
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
        if (FileKinds.Of(layout.Lock) == FileKind.Special) return false; // nothing that a batch left
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
            throw new BatchException(BatchError.OtherBatch,
                $"the folder '{Layout.Folder}' holds another batch, so it cannot be resumed: {string.Join("; ", differences)}.");
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
        Write(() =>
        {
            foreach (string left in Layout.Leftovers(f => Unreadable.Add(f))) File.Delete(left);
            if (_before is null) File.Delete(Layout.Sources);
            AtomicFile.WriteTogether(
                [(Layout.Inputs, inputs), (Layout.Manifest, (manifest with { State = BatchManifest.Running, Counts = new(assigned.Count, 0, 0) }).ToBytes())]);
            // What failed is tried again, so its lines would only be in the way.
            File.Delete(Layout.Errors);
        }, ofItem: false);
        var pending = new List<BatchItem>();
        _alike = new(items, Layout.ResultOf);
        var sources = BatchSources.Read(Layout);
        foreach (var item in assigned)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!IsDone(item, manifest, sources)) pending.Add(item);
            else _alike.Done(item);
        }
        return (assigned, pending);
    }

    /// <summary>Writes an item's files, unless they would take the place of another's.</summary>
    /// <exception cref="BatchException">They cannot be written.</exception>
    internal void Write(BatchItem item, IReadOnlyList<(string Path, byte[] Content)> files) => Write(() =>
    {
        _alike?.Require(item);
        AtomicFile.WriteTogether(files);
        _alike?.Done(item);
    });

    /// <summary>Whether an item's result is there and nothing is wrong with it that <see cref="BatchVerifier"/> would name.</summary>
    private bool IsDone(BatchItem item, BatchManifest manifest, BatchSources sources)
    {
        string path = Layout.ResultOf(item);
        string? source = sources.HashOf(item.Image);
        return File.Exists(path) && (source is not null || !sources.AreTold)
            && ResultCheck.Find(path, item.Image, manifest.Model.Sha256, out var size, out _) is null
            && ResultCheck.FindInImage(Path.Combine(manifest.Input.Root, item.Image), size, source, out _) is null
            && (!manifest.HasOverlays || ResultCheck.FindInOverlay(Layout.OverlayOf(item), size) is null);
    }

    /// <summary>Writes the manifest of a batch whose items have all been tried. What was written is counted first: on the disk, not in memory.</summary>
    /// <exception cref="BatchException">Something that was written is gone.</exception>
    internal void End(BatchManifest manifest, IReadOnlyList<BatchItem> assigned, BatchCounts counts)
    {
        int there = assigned.Count(item => File.Exists(Layout.ResultOf(item)) && (!manifest.HasOverlays || File.Exists(Layout.OverlayOf(item))));
        if (there < counts.Done)
            throw new BatchException(BatchError.CannotWrite,
                $"{counts.Done} results were written to '{Layout.Folder}', but only {there} are there: something removed the others while the batch ran. " +
                    $"Resuming it computes them again.");
        if (!File.Exists(Layout.Inputs) || !File.Exists(Layout.Manifest) || (counts.Failed > 0 && !File.Exists(Layout.Errors)))
            throw new BatchException(BatchError.CannotWrite,
                $"files of the batch in '{Layout.Folder}' were removed while it ran. Resuming it writes them again.");
        // One line an image, in the order of the inputs: the same whether or not it was interrupted.
        AtomicFile.WriteTogether(
        [
            (Layout.Sources, Sources(manifest, assigned).ToBytes(assigned)),
            (Layout.Manifest, (manifest with { State = BatchManifest.Complete, Counts = counts }).ToBytes()),
        ]);
    }

    /// <summary>What images were; where a folder of an earlier version does not tell, what they are.</summary>
    private BatchSources Sources(BatchManifest manifest, IReadOnlyList<BatchItem> assigned)
    {
        var sources = BatchSources.Read(Layout);
        foreach (var item in assigned)
        {
            string image = ImagePage.FileOf(Path.Combine(manifest.Input.Root, item.Image));
            if (sources.HashOf(item.Image) is null && File.Exists(Layout.ResultOf(item)) && FileKinds.Of(image) == FileKind.Regular)
                sources.Set(item.Image, FileHash.Sha256(image));
        }
        return sources;
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
