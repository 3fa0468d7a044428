using SemanticSam.Foundation;

namespace SemanticSam.Engine.Batch;

/// <summary>
/// Where things are in a folder of results: manifest.json, inputs.jsonl, errors.jsonl, timings.jsonl, sources.jsonl, results/IMAGE.json and, if wanted,
/// overlays/IMAGE.png. A result keeps its image's folders and its whole name, ending included, so that no two images share one.
/// </summary>
/// <param name="Folder">The folder.</param>
internal sealed record BatchLayout(string Folder)
{
    /// <summary>What the folder is.</summary>
    public string Manifest => Path.Combine(Folder, "manifest.json");

    /// <summary>All items, one JSON object a line.</summary>
    public string Inputs => Path.Combine(Folder, "inputs.jsonl");

    /// <summary>Items that failed, one JSON object a line.</summary>
    public string Errors => Path.Combine(Folder, "errors.jsonl");

    /// <summary>How long each item took, one JSON object a line; the only file besides errors and sources that differs from run to run.</summary>
    public string Timings => Path.Combine(Folder, "timings.jsonl");

    /// <summary>Folder of the results.</summary>
    public string Results => Path.Combine(Folder, "results");

    /// <summary>Folder of the overlays.</summary>
    public string Overlays => Path.Combine(Folder, "overlays");

    internal string Lock => Path.Combine(Folder, ".lock");

    /// <summary>Path of an item's result.</summary>
    public string ResultOf(BatchItem item) => Path.Combine(Results, Name(item.Key) + ".json");

    /// <summary>Path of an item's overlay.</summary>
    public string OverlayOf(BatchItem item) => Path.Combine(Overlays, Name(item.Key) + ".png");

    /// <summary>What the images were when they were computed, one JSON object a line.</summary>
    public string Sources => Path.Combine(Folder, "sources.jsonl");

    /// <summary>Temporary files that a killed process left: of names that only <see cref="AtomicFile"/> gives, in real folders below this one.</summary>
    /// <param name="unreadable">Told of folders that cannot be read, which are passed over.</param>
    public IReadOnlyList<string> Leftovers(Action<string> unreadable) =>
    [
        .. Files(Folder, unreadable, deep: false).Concat(Files(Results, unreadable)).Concat(Files(Overlays, unreadable))
            .Where(AtomicFile.IsTemporary).Order(StringComparer.Ordinal),
    ];

    /// <summary>
    /// The files below a folder of this layout. No link to a folder is followed: what lies behind one is not this batch's, to check or to delete.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="unreadable">Told of folders that cannot be read, which are passed over: somebody's folder must not keep a batch from its own files.</param>
    /// <param name="deep">Whether folders below are entered.</param>
    public static IReadOnlyList<string> Files(string folder, Action<string> unreadable, bool deep = true)
    {
        if (!Directory.Exists(folder) || (deep && new DirectoryInfo(folder).LinkTarget is not null)) return [];
        try
        {
            return [.. FolderTree.Files(folder, new() { Deep = deep, FollowsLinks = false, SkipsHidden = false, Unreadable = unreadable })];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable(folder);
            return [];
        }
    }

    private static string Name(string key) => FolderPath.IsListed(key)
        ? Path.Combine([.. key.Split('/').Select(FolderPath.Shortened)])
        : throw new BatchException(BatchError.Damaged, $"'{key}' is not a path below a folder, so it cannot be the key of a result.");
}
