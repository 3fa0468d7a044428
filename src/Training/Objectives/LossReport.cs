using static TorchSharp.torch;

namespace SemanticSam.Training.Objectives;

/// <summary>Means of what a training looks at, by name.</summary>
internal sealed class LossReport
{
    private readonly SortedDictionary<string, (double Sum, double Count)> _values = new(StringComparer.Ordinal);

    /// <summary>Mean of each quantity so far.</summary>
    public IEnumerable<KeyValuePair<string, double>> Means => _values.Select(v => KeyValuePair.Create(v.Key, v.Value.Sum / Math.Max(v.Value.Count, 1)));

    public void Add(string name, double sum, double count = 1)
    {
        var (s, c) = _values.GetValueOrDefault(name);
        _values[name] = (s + sum, c + count);
    }

    /// <summary>Adds the sum of a tensor's numbers, <paramref name="count"/> of them.</summary>
    public void Add(string name, Tensor values, double count)
    {
        if (count == 0) return;
        using var scope = NewDisposeScope();
        Add(name, values.detach().sum().to(ScalarType.Float64).cpu().item<double>(), count);
    }

    public void Clear() => _values.Clear();
}
