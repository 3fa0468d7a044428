using SemanticSam.Foundation;

namespace SemanticSam.Engine.Batch;

/// <summary>What can be wrong with a folder of results.</summary>
internal enum BatchProblemKind
{
    /// <summary>The inputs do not fit the manifest.</summary>
    Inputs,

    /// <summary>An item has neither a result nor an error line.</summary>
    Missing,

    /// <summary>A result is damaged or of something else.</summary>
    Damaged,

    /// <summary>A result, an overlay or an error line belongs to no item, or to one twice.</summary>
    Surplus,

    /// <summary>The manifest's counts are not those of the folder.</summary>
    Counts,

    /// <summary>A temporary file that a killed process left.</summary>
    Leftover,
}

/// <summary>Something is wrong with a folder of results.</summary>
/// <param name="Kind">Of which kind.</param>
/// <param name="Path">The file, or the item.</param>
/// <param name="What">What, in words.</param>
internal sealed record BatchProblem(BatchProblemKind Kind, string Path, string What);

/// <summary>What a check of a folder found.</summary>
internal sealed class BatchReport
{
    internal BatchReport(BatchManifest manifest, BatchCounts counts, long masks, int imagesSeen, IReadOnlyList<BatchProblem> problems) =>
        (Manifest, Counts, Masks, ImagesSeen, Problems) = (manifest, counts, masks, imagesSeen, problems);

    /// <summary>The folder's manifest.</summary>
    internal BatchManifest Manifest { get; }

    /// <summary>As counted now.</summary>
    internal BatchCounts Counts { get; }

    /// <summary>Items that the folder is to answer: all of the batch, or those of its shard.</summary>
    public int Assigned => Counts.Assigned;

    /// <summary>Items with a result, sound or not.</summary>
    public int Done => Counts.Done;

    /// <summary>Items with an error line.</summary>
    public int Failed => Counts.Failed;

    /// <summary>Masks in all sound results.</summary>
    public long Masks { get; }

    /// <summary>Results that could be compared with their image, because it is still where it was.</summary>
    public int ImagesSeen { get; }

    /// <summary>All that is wrong.</summary>
    public IReadOnlyList<BatchProblem> Problems { get; }
}

/// <summary>Checks a folder of results: that it is complete, that every file is sound, and that all belongs together.</summary>
internal static class BatchVerifier
{
    /// <summary>Checks a folder; nothing is changed but, if wanted, leftovers removed.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="removeLeftovers">Whether temporary files are removed.</param>
    /// <param name="progress">Told the share of items done, 0 to 1; may be null.</param>
    /// <param name="cancellation">Stops between two items.</param>
    /// <exception cref="BatchException">It holds no batch, or another process works in it.</exception>
    public static BatchReport Verify(string folder, bool removeLeftovers = false, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var layout = new BatchLayout(Path.GetFullPath(folder));
        var manifest = BatchManifest.Read(layout.Manifest);
        if (BatchFolder.IsTaken(layout))
            throw new BatchException(BatchError.Busy, $"another process works in the folder '{folder}'; check it when that has ended.");
        var problems = new List<BatchProblem>();
        var items = Inputs(layout, manifest, problems);
        var assigned = manifest.Part.Of(items);
        var failed = Failed(layout, assigned, problems);
        bool overlays = manifest.HasOverlays;
        var sources = BatchSources.Read(layout);
        int done = 0, seen = 0;
        long masks = 0;
        for (int i = 0; i < assigned.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var item = assigned[i];
            string path = layout.ResultOf(item);
            if (!File.Exists(path))
            {
                if (!failed.Contains(item.Key)) problems.Add(new(BatchProblemKind.Missing, item.Key, "it has neither a result nor an error line"));
                continue;
            }
            done++;
            if (failed.Contains(item.Key)) problems.Add(new(BatchProblemKind.Surplus, item.Key, "it has a result and an error line"));
            if (ResultCheck.Find(path, item.Image, manifest.Model.Sha256, out var size, out int count) is { } wrong)
            {
                problems.Add(new(BatchProblemKind.Damaged, path, wrong));
                continue;
            }
            masks += count;
            if (ResultCheck.FindInImage(Path.Combine(manifest.Input.Root, item.Image), size, sources.HashOf(item.Image), out bool compared) is { } differs)
                problems.Add(new(BatchProblemKind.Damaged, path, differs));
            if (compared) seen++;
            string overlay = layout.OverlayOf(item);
            if (overlays && ResultCheck.FindInOverlay(overlay, size) is { } bad)
                problems.Add(new(File.Exists(overlay) ? BatchProblemKind.Damaged : BatchProblemKind.Missing, overlay, bad));
            progress?.Report((i + 1.0) / assigned.Count);
        }
        var unreadable = new SortedSet<string>(StringComparer.Ordinal);
        problems.AddRange(Surplus(layout, assigned, unreadable));
        var counts = new BatchCounts(assigned.Count, done, failed.Count);
        if (manifest.State is not (BatchManifest.Running or BatchManifest.Complete))
            problems.Add(new(BatchProblemKind.Damaged, layout.Manifest,
                $"its state is '{manifest.State}'; it has to be '{BatchManifest.Running}' or '{BatchManifest.Complete}'"));
        if (manifest.State != BatchManifest.Running && manifest.Counts != counts)
            problems.Add(new(BatchProblemKind.Counts, layout.Manifest, $"it says {Words(manifest.Counts)}; there are {Words(counts)}"));
        var leftovers = layout.Leftovers(f => unreadable.Add(f));
        problems.AddRange(unreadable.Select(f => new BatchProblem(BatchProblemKind.Damaged, f, "this folder cannot be read and is passed over")));
        foreach (string left in leftovers)
        {
            if (removeLeftovers) File.Delete(left);
            else problems.Add(new(BatchProblemKind.Leftover, left, "a killed process left it"));
        }
        return new(manifest, counts, masks, seen, problems);
    }

    private static string Words(BatchCounts counts) => $"{counts.Assigned} items, {counts.Done} done, {counts.Failed} failed";

    private static IReadOnlyList<BatchItem> Inputs(BatchLayout layout, BatchManifest manifest, List<BatchProblem> problems)
    {
        if (!File.Exists(layout.Inputs))
            throw new BatchException(BatchError.Damaged, $"there is no {layout.Inputs}, so it cannot be told whether anything is missing.");
        byte[] content = InputList.ReadBytes(layout.Inputs);
        if (InputList.Hash(content) != manifest.Input.Sha256)
            problems.Add(new(BatchProblemKind.Inputs, layout.Inputs, "its SHA-256 is not the one in the manifest"));
        var items = InputList.Read(content, layout.Inputs);
        if (items.Count != manifest.Input.Count)
            problems.Add(new(BatchProblemKind.Inputs, layout.Inputs, $"it has {items.Count} items, the manifest says {manifest.Input.Count}"));
        return items;
    }

    /// <summary>Keys of the error lines.</summary>
    private static HashSet<string> Failed(BatchLayout layout, IReadOnlyList<BatchItem> assigned, List<BatchProblem> problems)
    {
        var known = assigned.Select(i => i.Key).ToHashSet(StringComparer.Ordinal);
        var failed = new HashSet<string>(StringComparer.Ordinal);
        int number = 0;
        foreach (var (line, key) in JsonLines.Read(layout.Errors, "image"))
        {
            number++;
            if (key is not null && JsonLines.Value(line, "error") is null)
                problems.Add(new(BatchProblemKind.Damaged, layout.Errors, $"line {number} is damaged: its 'error' is missing or no text"));
            if (key is null) problems.Add(new(BatchProblemKind.Damaged, layout.Errors, $"line {number} is damaged"));
            else if (!known.Contains(key))
                problems.Add(new(BatchProblemKind.Surplus, layout.Errors, $"line {number} is of '{key}', which is not among the inputs"));
            else if (!failed.Add(key)) problems.Add(new(BatchProblemKind.Surplus, layout.Errors, $"line {number} is of '{key}', which has one already"));
        }
        return failed;
    }

    private static IEnumerable<BatchProblem> Surplus(BatchLayout layout, IReadOnlyList<BatchItem> assigned, ISet<string> unreadable)
    {
        var known = assigned.SelectMany(i => new[] { layout.ResultOf(i), layout.OverlayOf(i) }).ToHashSet(StringComparer.Ordinal);
        return new[] { layout.Results, layout.Overlays }.Where(Directory.Exists)
            .SelectMany(root => BatchLayout.Files(root, f => unreadable.Add(f))).Where(p => !known.Contains(p) && !AtomicFile.IsTemporary(p))
            .Order(StringComparer.Ordinal)
            .Select(p => new BatchProblem(BatchProblemKind.Surplus, p, "it belongs to no input"));
    }
}
