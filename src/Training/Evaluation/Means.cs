namespace SemanticSam.Training.Evaluation;

/// <summary>Running means by name.</summary>
internal sealed class Means
{
    private readonly Dictionary<string, (double Sum, long Count)> _sums = [];

    public void Add(string name, double value)
    {
        var (sum, count) = _sums.GetValueOrDefault(name);
        _sums[name] = (sum + value, count + 1);
    }

    /// <summary>The mean; null when nothing was added.</summary>
    public double? this[string name] => _sums.TryGetValue(name, out var s) ? s.Sum / s.Count : null;

    public long Count(string name) => _sums.GetValueOrDefault(name).Count;
}
