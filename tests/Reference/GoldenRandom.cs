using System.Text.Json;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Losses;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference;

/// <summary>The random numbers of a golden computation, in the order in which the reference drew them.</summary>
internal sealed class GoldenRandom(JsonElement list)
{
    private readonly Queue<(string Name, long[] Shape)> _calls = new(list.EnumerateArray()
        .Where(c => !(c.TryGetProperty("use", out var use) && use.GetString()!.EndsWith("unused", StringComparison.Ordinal)))
        .Select(c => (c.GetProperty("name").GetString()!["input:".Length..], c.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64()).ToArray())));

    public RandomUniform Draw => Next;

    public int Left => _calls.Count;

    private Tensor Next(params long[] shape)
    {
        var (name, wanted) = _calls.Dequeue();
        Assert.Equal(wanted, shape);
        return (DetInput.Tensor(name, shape) + 1) / 2;
    }
}
