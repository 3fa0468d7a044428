using SemanticSam.Foundation;

namespace SemanticSam.Engine.Batch;

/// <summary>Joins the shards of a batch into one folder, the same as an undivided run gives.</summary>
/// <param name="shards">Their folders.</param>
internal sealed class BatchMerger(IReadOnlyList<string> shards)
{
    /// <summary>Present while a merge is under way, so that a killed one can be repeated.</summary>
    private const string Unfinished = ".merging";

    /// <summary>A shard: its items, keys of those with a sound result, those whose result is not, and lines of those that failed.</summary>
    private sealed record Part(BatchLayout Layout, BatchManifest Manifest, Shard Shard, IReadOnlyList<BatchItem> Assigned, HashSet<string> Sound,
        IReadOnlyList<(string Key, string What)> Damaged, Dictionary<string, string> Errors);

    /// <summary>Joins them.</summary>
    /// <param name="folder">Where to: an empty folder or none, or one that a killed merge left.</param>
    /// <param name="allowMissing">Whether shards and items may be missing; they then have neither a result nor an error line.</param>
    /// <param name="progress">Told the share of files done, 0 to 1; may be null.</param>
    /// <param name="cancellation">Stops between two files.</param>
    /// <returns>The manifest of the whole and what is missing, in words.</returns>
    /// <exception cref="BatchException">They are not shards of one batch, overlap, or miss something.</exception>
    /// <exception cref="BatchException">The result cannot be written.</exception>
    public (BatchManifest Manifest, IReadOnlyList<string> Missing) Merge(string folder, bool allowMissing = false, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        var parts = Read(cancellation);
        RequireOneBatch(parts);
        var missing = Missing(parts);
        if (missing.Count > 0 && !allowMissing) throw new BatchException(BatchError.Incomplete, $"the set is not complete: {string.Join("; ", missing)}.");
        var to = new BatchLayout(Path.GetFullPath(folder));
        BatchManifest? manifest = null;
        BatchException.Guard(() => manifest = Write(parts, to, folder, missing.Count == 0, progress, cancellation));
        return (manifest!, missing);
    }

    private List<Part> Read(CancellationToken cancellation)
    {
        if (shards.Count == 0) throw new BatchException(BatchError.Input, "name the folders of the shards.");
        var parts = new List<Part>();
        foreach (string shard in shards)
        {
            var layout = new BatchLayout(Path.GetFullPath(shard));
            var manifest = BatchManifest.Read(layout.Manifest);
            if (BatchFolder.IsTaken(layout)) throw new BatchException(BatchError.Busy, $"another process works in the folder '{shard}'.");
            byte[] inputs = File.Exists(layout.Inputs) ? InputList.ReadBytes(layout.Inputs) : [];
            if (InputList.Hash(inputs) != manifest.Input.Sha256)
                throw new BatchException(BatchError.Damaged, $"{layout.Inputs} is not the one that the manifest describes.");
            var errors = JsonLines.Read(layout.Errors, "image").Where(l => l.Value is not null && JsonLines.Value(l.Line, "error") is not null)
                .DistinctBy(l => l.Value).ToDictionary(l => l.Value!, l => l.Line, StringComparer.Ordinal);
            var assigned = manifest.Part.Of(InputList.Read(inputs, layout.Inputs));
            var (sound, damaged) = Results(layout, manifest, assigned, cancellation);
            parts.Add(new(layout, manifest, manifest.Part, assigned, sound, damaged, errors));
        }
        return parts;
    }

    /// <summary>A result that was cut off or exchanged is none.</summary>
    private static (HashSet<string> Sound, List<(string, string)> Damaged) Results(BatchLayout layout, BatchManifest manifest,
        IReadOnlyList<BatchItem> assigned,
        CancellationToken cancellation)
    {
        var sound = new HashSet<string>(StringComparer.Ordinal);
        var damaged = new List<(string, string)>();
        foreach (var item in assigned)
        {
            cancellation.ThrowIfCancellationRequested();
            string path = layout.ResultOf(item);
            if (!File.Exists(path)) continue;
            string? wrong = ResultCheck.Find(path, item.Image, manifest.Model.Sha256, out var size, out _)
                ?? (manifest.HasOverlays ? ResultCheck.FindInOverlay(layout.OverlayOf(item), size) : null);
            if (wrong is null) sound.Add(item.Key);
            else damaged.Add((item.Key, wrong));
        }
        return (sound, damaged);
    }

    private void RequireOneBatch(List<Part> parts)
    {
        for (int i = 1; i < parts.Count; i++)
        {
            var differences = parts[0].Manifest.DifferencesFrom(parts[i].Manifest, $"in {shards[0]}", $"in {shards[i]}").ToList();
            if (parts[i].Shard.Count != parts[0].Shard.Count)
                differences.Add($"{parts[0].Shard.Count} shards in {shards[0]}, {parts[i].Shard.Count} in {shards[i]}");
            if (differences.Count > 0)
                throw new BatchException(BatchError.NotOneBatch, $"these are not shards of one batch: {string.Join("; ", differences)}.");
            int twin = parts.FindIndex(p => p.Shard == parts[i].Shard);
            if (twin < i) throw new BatchException(BatchError.NotOneBatch, $"the shards overlap: {shards[twin]} and {shards[i]} are both {parts[i].Shard}.");
        }
    }

    private static List<string> Missing(List<Part> parts)
    {
        var missing = new List<string>();
        int count = parts[0].Shard.Count;
        string[] absent = [.. Enumerable.Range(1, count).Where(i => parts.All(p => p.Shard.Index != i)).Select(i => new Shard(i, count).ToString())];
        if (absent.Length > 0)
            missing.Add(
                $"shard{(absent.Length == 1 ? "" : "s")} {string.Join(", ", absent.Take(10))}{(absent.Length > 10 ? $" and {absent.Length - 10} more" : "")}");
        foreach (var part in parts)
        {
            var open = part.Assigned.Where(i => !part.Sound.Contains(i.Key) && !part.Errors.ContainsKey(i.Key)).ToArray();
            if (open.Length == 0) continue;
            string damaged = part.Damaged.Count == 0 ? "" : $", {part.Damaged.Count} of them damaged: '{part.Damaged[0].Key}': {part.Damaged[0].What}";
            missing.Add($"{open.Length} of {part.Assigned.Count} items of shard {part.Shard} in {part.Layout.Folder} (first '{open[0].Key}'{damaged})");
        }
        return missing;
    }

    private static BatchManifest Write(List<Part> parts, BatchLayout to, string folder, bool complete, IProgress<double>? progress,
        CancellationToken cancellation)
    {
        string marker = Path.Combine(to.Folder, Unfinished);
        if (parts.Any(p => p.Layout.Folder == to.Folder)) throw new BatchException(BatchError.FolderInUse, $"'{folder}' is one of the shards.");
        if (File.Exists(to.Folder)) throw new BatchException(BatchError.FolderInUse, $"'{folder}' is a file.");
        if (File.Exists(marker) && BatchLayout.Files(to.Folder, _ => { }).Concat([to.Results, to.Overlays]).Any(f => new FileInfo(f).LinkTarget is not null))
            throw new BatchException(BatchError.FolderInUse, $"the folder '{folder}' holds links, which no merge makes.");
        if (Directory.Exists(to.Folder) && !File.Exists(marker) && Directory.EnumerateFileSystemEntries(to.Folder).Any())
            throw new BatchException(BatchError.FolderInUse, $"the folder '{folder}' is not empty.");
        Directory.CreateDirectory(to.Folder);
        RegularFile.Require(marker);
        File.WriteAllBytes(marker, []);
        var owner = new Dictionary<string, Part>(StringComparer.Ordinal);
        foreach (var part in parts)
            foreach (var item in part.Assigned) owner[item.Key] = part;
        byte[] inputs = InputList.ReadBytes(parts[0].Layout.Inputs);
        var items = InputList.Read(inputs, to.Inputs);
        int done = 0, at = 0;
        var alike = new AlikeKeys(items, to.ResultOf);
        var errors = new List<string>();
        foreach (var item in items)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(++at / (double)items.Count);
            if (!owner.TryGetValue(item.Key, out var part)) continue;
            if (part.Sound.Contains(item.Key))
            {
                alike.Require(item);
                alike.Done(item);
                if (part.Manifest.HasOverlays) Copy(part.Layout.OverlayOf(item), to.OverlayOf(item));
                Copy(part.Layout.ResultOf(item), to.ResultOf(item));
                done++;
            }
            else if (part.Errors.TryGetValue(item.Key, out string? line)) errors.Add(line + "\n");
        }
        File.Delete(to.Errors);
        if (errors.Count > 0) AtomicFile.WriteTogether([(to.Errors, System.Text.Encoding.UTF8.GetBytes(string.Concat(errors)))]);
        AtomicFile.WriteTogether([(to.Timings, [.. parts.SelectMany(p => JsonLines.Read(p.Layout.Timings, "image")).Where(l => l.Value is not null)
            .SelectMany(l => System.Text.Encoding.UTF8.GetBytes(l.Line + "\n"))])]);
        var sources = new BatchSources();
        foreach (var part in parts) sources.Add(BatchSources.Read(part.Layout));
        if (parts.All(p => File.Exists(p.Layout.Sources))) AtomicFile.WriteTogether([(to.Sources, sources.ToBytes(items))]);
        int there = items.Count(i => File.Exists(to.ResultOf(i)));
        if (there < done)
            throw new IOException($"{done} results were copied to '{folder}', but only {there} are there: something removed the others meanwhile.");
        var manifest = parts[0].Manifest with
        {
            Shard = null, State = complete ? BatchManifest.Complete : BatchManifest.Running, Counts = new(items.Count, done, errors.Count),
        };
        AtomicFile.WriteTogether([(to.Inputs, inputs), (to.Manifest, manifest.ToBytes())]);
        File.Delete(marker);
        return manifest;
    }

    private static void Copy(string from, string to)
    {
        using var source = RegularFile.OpenRead(from);
        AtomicFile.Write(to, source.Length, source.CopyTo);
    }
}
