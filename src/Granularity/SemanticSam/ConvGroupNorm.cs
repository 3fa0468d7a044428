using SemanticSam.Granularity.Layers;
using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>A convolution without bias and a group norm inside it, in the state-dict layout of detectron2: weight, norm.weight, norm.bias.</summary>
internal sealed class ConvGroupNorm : nn.Module<Tensor, Tensor>
{
    private readonly long _padding;
    private readonly Parameter weight;
    private readonly GroupNorm norm;

    public ConvGroupNorm(long input, long output, long kernel, long groups) : base(nameof(ConvGroupNorm))
    {
        _padding = kernel / 2;
        weight = ModuleTensors.Parameter(empty(output, input, kernel, kernel));
        nn.init.kaiming_uniform_(weight, a: 1);
        norm = Norms.GroupNorm(groups, output);
        RegisterComponents();
    }

    /// <summary>[B, input, H, W] -> [B, output, H, W].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return norm.call(F.conv2d(x, weight, padding: [_padding, _padding])).MoveToOuterDisposeScope();
    }
}
