using System.Text.Json;
using SemanticSam.Foundation;

namespace SemanticSam.Engine.Checkpoints.Safetensors;

/// <summary>A checkpoint spread over several .safetensors files by an index: <c>{"metadata": {...}, "weight_map": {tensor: file}}</c>.</summary>
internal sealed class ShardedSafetensors : CheckpointBase
{
    private const int MaxIndexBytes = 32 << 20;
    private const int MaxShards = 1000;

    private readonly Dictionary<string, SafetensorsFile> _shards;

    private ShardedSafetensors(string path, Dictionary<string, string> map, Dictionary<string, SafetensorsFile> shards, Dictionary<string, string> metadata)
        : base(path, CheckpointFormat.ShardedSafetensors)
    {
        _shards = shards;
        Metadata = metadata;
        foreach (var (name, file) in map)
        {
            if (!shards[file].TryGet(name, out var tensor))
                throw new CheckpointException(path, $"tensor '{name}' is said to be in {file}, which does not have it.");
            TryAdd(tensor);
        }
    }

    public static ShardedSafetensors Open(MappedFile index)
    {
        byte[] json;
        string path = index.Path;
        using (index)
        {
            if (index.Length > MaxIndexBytes) throw new CheckpointException(path, $"an index of {index.Length} bytes; at most {MaxIndexBytes} are allowed.");
            json = index.Copy(0, (int)index.Length);
        }
        var map = new Dictionary<string, string>();
        var metadata = new Dictionary<string, string>();
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            if (!document.RootElement.TryGetProperty("weight_map", out var weights) || weights.ValueKind != JsonValueKind.Object)
                throw new CheckpointException(path, "a JSON file without a 'weight_map' object: not an index of safetensors files.");
            foreach (var entry in weights.EnumerateObject())
            {
                if (!map.TryAdd(entry.Name, PlainFileName(path, entry.Value.GetString())))
                    throw new CheckpointException(path, $"tensor '{entry.Name}' stands twice in the index.");
            }
            if (document.RootElement.TryGetProperty("metadata", out var extra) && extra.ValueKind == JsonValueKind.Object)
                foreach (var entry in extra.EnumerateObject()) metadata[entry.Name] = entry.Value.ToString();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            string what = e is JsonException fault ? JsonMessage.Of(fault) : "a value is of another kind";
            throw new CheckpointException(path, $"not a readable index of safetensors files: {what}.", inner: e);
        }
        return OpenShards(path, map, metadata);
    }

    private static ShardedSafetensors OpenShards(string path, Dictionary<string, string> map, Dictionary<string, string> metadata)
    {
        var names = map.Values.Distinct().ToList();
        if (names.Count > MaxShards) throw new CheckpointException(path, $"{names.Count} files in the index; at most {MaxShards} are allowed.");
        var shards = new Dictionary<string, SafetensorsFile>();
        try
        {
            string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
            foreach (string name in names)
            {
                string file = System.IO.Path.Combine(folder, name);
                if (!File.Exists(file)) throw new CheckpointException(path, $"the index names {name}, which is not beside it.");
                shards[name] = SafetensorsFile.Open(file);
            }
            return new ShardedSafetensors(path, map, shards, metadata);
        }
        catch
        {
            foreach (var shard in shards.Values) shard.Dispose();
            throw;
        }
    }

    /// <summary>A shard lies beside its index: a name with a folder in it could point anywhere.</summary>
    private static string PlainFileName(string path, string? name)
    {
        return FolderPath.IsPlain(name) && name.EndsWith(".safetensors", StringComparison.Ordinal) ? name
            : throw new CheckpointException(path, $"the index names the file '{name}'; allowed are plain names that end in .safetensors.");
    }

    public override void Dispose()
    {
        foreach (var shard in _shards.Values) shard.Dispose();
    }
}
