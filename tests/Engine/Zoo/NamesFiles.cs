using System.Text.Json;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Zoo;

/// <summary>State dicts without values, from the golden lists of names and shapes.</summary>
internal static class NamesFiles
{
    public static StateDict Weights(IEnumerable<(string Name, long[] Shape)> rows)
        => StateDict.Of("names",
            rows.Select(r => new CheckpointTensor(r.Name, CheckpointDType.Float32, r.Shape, new MemorySource(ReadOnlyMemory<byte>.Empty))));

    public static List<(string Name, long[] Shape)> Rows(JsonElement shapes)
        => [.. shapes.EnumerateObject().Select(p => (p.Name, p.Value.EnumerateArray().Select(v => v.GetInt64()).ToArray()))];

    public static StateDict Sam(string configuration)
    {
        using var file = Fixtures.Json("sam/state_dict_shapes.json");
        return Weights(Rows(file.RootElement.GetProperty(configuration)));
    }

    public static JsonElement SemanticSam(string configuration)
    {
        using var file = Fixtures.Json("semantic_sam/names.json");
        return file.RootElement.GetProperty(configuration).Clone();
    }

    /// <summary>A configuration of OpenSeeD, some of which are given as differences to another.</summary>
    public static StateDict OpenSeeD(string configuration)
    {
        using var file = Fixtures.Json("openseed/names.json");
        var entry = file.RootElement.GetProperty(configuration);
        if (!entry.TryGetProperty("like", out var like)) return Weights(Rows(entry.GetProperty("tensors")));
        var rows = Rows(file.RootElement.GetProperty(like.GetString()!).GetProperty("tensors")).ToDictionary(r => r.Name, r => r.Shape);
        foreach (var (name, shape) in Rows(entry.GetProperty("changed_or_additional"))) rows[name] = shape;
        foreach (var name in entry.GetProperty("absent").EnumerateArray()) rows.Remove(name.GetString()!);
        return Weights(rows.Select(r => (r.Key, r.Value)));
    }

    public static JsonElement Clip(string configuration)
    {
        using var file = Fixtures.Json("clip_image/names.json");
        return file.RootElement.GetProperty(configuration).Clone();
    }
}
