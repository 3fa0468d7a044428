using static TorchSharp.torch;

namespace SemanticSam.Training.Runs;

/// <summary>The exponential moving average of a model's weights, which is what a training delivers.</summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly SortedDictionary<string, Tensor> _average = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, Tensor> _weights;
    private readonly double _decay;

    public WeightAverage(IReadOnlyDictionary<string, Tensor> weights, double decay)
    {
        (_weights, _decay) = (weights, decay);
        using var still = no_grad();
        foreach (var (name, tensor) in weights) _average[name] = tensor.detach().clone().DetachFromDisposeScope();
    }

    /// <summary>By the names of the weights.</summary>
    public IReadOnlyDictionary<string, Tensor> Values => _average;

    /// <summary>Takes up the weights after a step.</summary>
    /// <param name="step">Steps done; at the start the average follows faster.</param>
    public void Update(long step)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        double kept = Math.Min(_decay, (step + 1.0) / (step + 20.0));
        foreach (var (name, average) in _average)
        {
            if (average.is_floating_point()) average.mul_(kept).add_(_weights[name], 1 - kept);
            else average.copy_(_weights[name]);
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _average.Values) tensor.Dispose();
    }
}
