using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Sam;

/// <summary>Layer norm over the channels of a map, each pixel by itself. State-dict names: weight, bias.</summary>
internal sealed class LayerNorm2d : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;
    private readonly double _epsilon;

    /// <summary>A norm that does nothing but normalize yet.</summary>
    /// <param name="channels">Channels of the map.</param>
    /// <param name="epsilon">Added to the population variance.</param>
    public LayerNorm2d(long channels, double epsilon = 1e-6) : base(nameof(LayerNorm2d))
    {
        _epsilon = epsilon;
        weight = ModuleTensors.Parameter(ones(channels));
        bias = ModuleTensors.Parameter(zeros(channels));
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> the same shape, channels last in memory.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return OfPixels(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>[..., C] -> the same shape.</summary>
    internal Tensor OfPixels(Tensor pixels) => F.layer_norm(pixels, [weight.shape[0]], weight, bias, _epsilon);
}
