using System.Text;

namespace SemanticSam.Engine.Batch;

/// <summary>
/// Where things are in a folder of results: manifest.json, inputs.jsonl, errors.jsonl, timings.jsonl, results/IMAGE.json and, if wanted,
/// overlays/IMAGE.png. A result keeps its image's folders and its whole name, ending included, so that no two images share one.
/// </summary>
/// <param name="Folder">The folder.</param>
internal sealed record BatchLayout(string Folder)
{
    /// <summary>A name on disk has at most 255 bytes on common file systems, and a temporary one has 39 more.</summary>
    private const int LongestName = 200;

    /// <summary>What the folder is.</summary>
    public string Manifest => Path.Combine(Folder, "manifest.json");

    /// <summary>All items, one JSON object a line.</summary>
    public string Inputs => Path.Combine(Folder, "inputs.jsonl");

    /// <summary>Items that failed, one JSON object a line.</summary>
    public string Errors => Path.Combine(Folder, "errors.jsonl");

    /// <summary>How long each item took, one JSON object a line; the only file besides the errors that differs from run to run.</summary>
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

    /// <summary>Temporary files that a killed process left.</summary>
    public IReadOnlyList<string> Leftovers() =>
        [.. new[] { Folder }.Where(Directory.Exists).SelectMany(_ => Directory.EnumerateFiles(Folder, ".*.tmp"))
            .Concat(new[] { Results, Overlays }.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, ".*.tmp", Everywhere))).Order(StringComparer.Ordinal)];

    internal static EnumerationOptions Everywhere { get; } = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

    private static string Name(string key)
    {
        string[] segments = key.Split('/');
        return Path.Combine([.. segments.Select(Shortened)]);
    }

    /// <summary>A name too long for a result is cut and gets its hash.</summary>
    private static string Shortened(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= LongestName) return name;
        string hash = InputList.Hash(Encoding.UTF8.GetBytes(name))[..16];
        int keep = name.Length;
        while (Encoding.UTF8.GetByteCount(name.AsSpan(0, keep)) > LongestName - 17 || char.IsHighSurrogate(name[keep - 1])) keep--;
        return $"{name[..keep]}~{hash}";
    }
}
