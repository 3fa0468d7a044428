using System.Text.Json;

namespace SemanticSam.Engine.Batch;

/// <summary>
/// What each image was when it was computed (sources.jsonl): an image that was exchanged for another of the same size must not keep the old result. A line an
/// image, written before its first result.
/// </summary>
internal sealed class BatchSources
{
    private readonly Dictionary<string, string> _hashes = new(StringComparer.Ordinal);

    /// <summary>Whether the folder tells it at all; folders of earlier versions do not.</summary>
    public bool AreTold { get; private init; }

    /// <summary>Reads the file of a folder; damaged lines are as good as none, so that their images are computed again.</summary>
    public static BatchSources Read(BatchLayout layout)
    {
        var sources = new BatchSources { AreTold = File.Exists(layout.Sources) };
        foreach (var (line, image) in JsonLines.Read(layout.Sources, "image"))
            if (image is not null && JsonLines.Value(line, "sha256") is { } hash) sources._hashes[image] = hash;
        return sources;
    }

    /// <summary>SHA-256 of an image's file when it was computed; null when that is not known.</summary>
    public string? HashOf(string image) => _hashes.GetValueOrDefault(image);

    /// <summary>Adds what an image is.</summary>
    public void Set(string image, string sha256) => _hashes[image] = sha256;

    /// <summary>Takes over what another folder tells.</summary>
    public void Add(BatchSources other)
    {
        foreach (var (image, hash) in other._hashes) _hashes[image] = hash;
    }

    /// <summary>The lines of a file, in the order of the items.</summary>
    public byte[] ToBytes(IEnumerable<BatchItem> items) =>
        [.. items.Select(i => i.Image).Distinct().Where(_hashes.ContainsKey).SelectMany(image => JsonLines.Line(json => Write(json, image, _hashes[image])))];

    /// <summary>What a line says.</summary>
    public static void Write(Utf8JsonWriter json, string image, string sha256)
    {
        json.WriteString("image", image);
        json.WriteString("sha256", sha256);
    }
}
