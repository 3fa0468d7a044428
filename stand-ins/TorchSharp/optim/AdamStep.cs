#nullable disable
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>What one parameter has gathered, its step already counted; Largest only for amsgrad.</summary>
internal readonly record struct AdamMoments(long Step, Tensor Average, Tensor Square, Tensor Largest);

/// <summary>Options of a group. Decoupled: the decay shrinks the weights instead of adding to the gradient.</summary>
internal readonly record struct AdamSettings(double Lr, double Beta1, double Beta2, double Eps, double Decay, bool AmsGrad, bool Maximize, bool Decoupled)
{
    internal static void Validate(double lr, double beta1, double beta2, double eps, double decay)
    {
        if (!(lr >= 0)) throw new ArgumentException($"Invalid learning rate: {lr}");
        if (!(beta1 is >= 0 and < 1)) throw new ArgumentException($"Invalid beta1 value: {beta1}, 0 up to below 1 is allowed");
        if (!(beta2 is >= 0 and < 1)) throw new ArgumentException($"Invalid beta2 value: {beta2}, 0 up to below 1 is allowed");
        if (!(eps >= 0)) throw new ArgumentException($"Invalid eps value: {eps}");
        if (!(decay >= 0)) throw new ArgumentException($"Invalid weight_decay value: {decay}");
    }
}

/// <summary>The step that Adam and AdamW share, all of a group's tensors at once.</summary>
internal static class AdamStep
{
    /// <param name="parameters">Of a group; those without a gradient stay as they are.</param>
    /// <param name="count">Counts a step of a parameter and gives what it has gathered.</param>
    /// <param name="settings">Of the group.</param>
    internal static void Update(IEnumerable<Parameter> parameters, Func<Parameter, AdamMoments> count, AdamSettings settings)
    {
        // Tensors of one device and type whose counts agree go together; in practice that is the whole group.
        var batches = new Dictionary<(long, DeviceType, int, ScalarType), List<(Tensor P, Tensor Grad, AdamMoments Moments)>>();
        foreach (Parameter parameter in parameters)
        {
            Tensor grad = parameter.grad;
            if (grad is null) continue;
            var moments = count(parameter);
            (long, DeviceType, int, ScalarType) key = (moments.Step, parameter.device_type, parameter.device_index, parameter.dtype);
            if (!batches.TryGetValue(key, out var batch)) batches[key] = batch = [];
            batch.Add((parameter, grad, moments));
        }
        foreach (((long step, _, _, _), var batch) in batches) Update(batch, step, settings);
    }

    private static void Update(List<(Tensor P, Tensor Grad, AdamMoments Moments)> batch, long step, AdamSettings settings)
    {
        Tensor[] p = [.. batch.Select(b => b.P)];
        Tensor[] g = [.. batch.Select(b => b.Grad)];
        Tensor[] m = [.. batch.Select(b => b.Moments.Average)];
        Tensor[] v = [.. batch.Select(b => b.Moments.Square)];
        if (settings.Maximize) g = Foreach.Neg(g);
        if (settings.Decay != 0 && settings.Decoupled) Foreach.Mul(p, 1 - (settings.Lr * settings.Decay));
        else if (settings.Decay != 0) g = Foreach.Sum(g, p, settings.Decay);
        Foreach.Mul(m, settings.Beta1);
        Foreach.Add(m, g, 1 - settings.Beta1);
        Foreach.Mul(v, settings.Beta2);
        Foreach.AddCMul(v, g, g, 1 - settings.Beta2);
        if (settings.AmsGrad)
        {
            foreach ((_, _, var moments) in batch) moments.Largest.copy_(moments.Largest.maximum(moments.Square));
            v = [.. batch.Select(b => b.Moments.Largest)];
        }
        Tensor[] denominator = Foreach.Sqrt(v);
        Foreach.Div(denominator, Math.Sqrt(1 - Math.Pow(settings.Beta2, step)));
        Foreach.Add(denominator, settings.Eps);
        Foreach.AddCDiv(p, m, denominator, -settings.Lr / (1 - Math.Pow(settings.Beta1, step)));
    }
}
