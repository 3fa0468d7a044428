using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>
/// AdamW (Loshchilov and Hutter, arXiv 1711.05101) with a rate of its own for each group of weights, clipping of the gradient's norm, and
/// the moving average of the weights, which is what a training delivers.
/// </summary>
internal sealed class NanoOptimizer : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.99, Epsilon = 1e-8;
    private const int AverageEvery = 4;

    private readonly NanoTrainerOptions _options;
    private readonly List<Entry> _entries = [];

    public NanoOptimizer(nn.Module model, NanoTrainerOptions options)
    {
        _options = options;
        using var quiet = no_grad();
        foreach (var (name, parameter) in model.named_parameters().Where(p => p.parameter.requires_grad).OrderBy(p => p.name, StringComparer.Ordinal))
            _entries.Add(new(name, parameter, options.RateOf(name), parameter.dim() > 1 ? options.WeightDecay : 0, Like(parameter, zero: true),
                Like(parameter, zero: true), Like(parameter, zero: false)));

        static Tensor Like(Tensor t, bool zero) => (zero ? zeros_like(t) : t.detach().clone()).DetachFromDisposeScope();
    }

    /// <summary>Everything to keep, by name: weights, averages and both moments.</summary>
    public IEnumerable<(string Name, Tensor Value)> State => _entries.SelectMany(e =>
        new[] { ("weights/" + e.Name, e.Weight), ("average/" + e.Name, e.Average), ("moment1/" + e.Name, e.First), ("moment2/" + e.Name, e.Second) });

    /// <summary>The averaged weights by name.</summary>
    public IEnumerable<(string Name, Tensor Value)> Average => _entries.Select(e => (e.Name, e.Average));

    /// <summary>Forgets the gradients.</summary>
    public void Clear()
    {
        foreach (var entry in _entries)
            if (entry.Weight.grad is { } gradient) gradient.zero_();
    }

    /// <summary>Takes a step.</summary>
    /// <param name="step">Steps done before.</param>
    /// <param name="factor">What the rates are multiplied by, 0 to 1.</param>
    /// <returns>The gradient's norm before clipping.</returns>
    public double Step(long step, double factor)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var gradients = _entries.Select(e => (Entry: e, Gradient: e.Weight.grad)).Where(p => p.Gradient is not null).ToList();
        double norm = Math.Sqrt(stack(gradients.Select(p => p.Gradient!.square().sum())).sum().item<float>());
        if (!double.IsFinite(norm)) return norm;
        double clip = Math.Min(1, _options.MostGradient / (norm + 1e-6)), time = step + 1;
        double firstScale = 1 / (1 - Math.Pow(Beta1, time)), secondScale = 1 / (1 - Math.Pow(Beta2, time));
        foreach (var (entry, gradient) in gradients)
        {
            using var inner = NewDisposeScope();
            double rate = entry.Rate * factor;
            if (clip < 1) gradient!.mul_(clip);
            entry.First.mul_(Beta1).add_(gradient!, alpha: 1 - Beta1);
            entry.Second.mul_(Beta2).addcmul_(gradient!, gradient!, 1 - Beta2);
            if (entry.Decay > 0) entry.Weight.mul_(1 - rate * entry.Decay);
            entry.Weight.addcdiv_(entry.First, (entry.Second * secondScale).sqrt_().add_(Epsilon), -rate * firstScale);
        }
        if ((step + 1) % AverageEvery == 0)
        {
            double kept = Math.Min(Math.Pow(_options.AverageDecay, AverageEvery), (step + 1.0) / (step + 40.0));
            foreach (var entry in _entries) entry.Average.lerp_(entry.Weight, 1 - kept);
        }
        return norm;
    }

    public void Dispose()
    {
        foreach (var entry in _entries)
        {
            entry.First.Dispose();
            entry.Second.Dispose();
            entry.Average.Dispose();
        }
    }

    private sealed record Entry(string Name, Parameter Weight, double Rate, double Decay, Tensor First, Tensor Second, Tensor Average);
}
