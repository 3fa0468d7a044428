using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>Two convolutions whose result is added to what came in (He et al., arXiv 1512.03385). Fresh, it adds nothing.</summary>
internal sealed class ResidualBlock : Module
{
    private readonly Conv2d first, second;
    private readonly GroupNorm norm;

    public ResidualBlock(int width, int groups) : base(nameof(ResidualBlock))
    {
        first = NanoLayers.Conv(width, width, 3, bias: false);
        norm = NanoLayers.Norm(groups, width);
        second = NanoLayers.Conv(width, width, 3, bias: true);
        using (no_grad()) second.weight!.zero_();
        RegisterComponents();
    }

    /// <summary>[B, width, H, W], not negative.</summary>
    /// <param name="x">[B, width, H, W], not negative.</param>
    public Tensor Run(Tensor x) => functional.relu(x + NanoLayers.Run(second, NanoLayers.NormAndRelu(norm, NanoLayers.Run(first, x))));
}
