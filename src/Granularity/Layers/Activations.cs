using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Layers;

/// <summary>Small functions that several networks share.</summary>
internal static class Activations
{
    private const double Epsilon = 1e-5;

    /// <summary>GELU by the error function. Where no gradient is recorded it overwrites its argument: hidden features are the largest tensors around.</summary>
    public static Tensor Gelu(Tensor x) => F.gelu(x, inplace: !is_grad_enabled());

    /// <summary>ReLU. Where no gradient is recorded it overwrites its argument.</summary>
    public static Tensor Relu(Tensor x) => is_grad_enabled() ? F.relu(x) : x.relu_();

    /// <summary>log(x / (1 - x)) of <paramref name="x"/> clamped to 0..1, with numerator and denominator at least 1e-5.</summary>
    public static Tensor InverseSigmoid(Tensor x)
    {
        using var scope = NewDisposeScope();
        var inside = x.clamp_min(0).clamp_max(1);
        var outside = (1 - inside).clamp_min(Epsilon);
        return (inside.clamp_min(Epsilon) / outside).log().MoveToOuterDisposeScope();
    }
}
