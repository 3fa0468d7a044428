using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>PyTorch's default starting values of linear and convolution layers.</summary>
internal static class LayerInit
{
    /// <summary>Weight [out, in, ...] and bias: uniform within 1/sqrt(fan in), weight drawn first.</summary>
    internal static void Default(Tensor weight, Tensor? bias)
    {
        nn.init.kaiming_uniform_(weight, a: Math.Sqrt(5));
        if (bias is null) return;
        (long fanIn, _) = nn.init.CalculateFanInAndFanOut(weight);
        double bound = fanIn > 0 ? 1 / Math.Sqrt(fanIn) : 0;
        nn.init.uniform_(bias, -bound, bound);
    }
}
