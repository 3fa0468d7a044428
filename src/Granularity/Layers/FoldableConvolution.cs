using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Layers;

/// <summary>A convolution without bias and the batch norm behind it, which <see cref="Fold"/> makes one convolution with a bias.</summary>
internal sealed class FoldableConvolution(Conv2d convolution, BatchNorm2d norm)
{
    private Tensor? _weight, _bias;

    /// <summary>[B, input, H, W] -> [B, output, H', W'].</summary>
    public Tensor Apply(Tensor x) => _weight is null ? norm.call(convolution.call(x))
        : F.conv2d(x, _weight, _bias, convolution.stride, convolution.padding, groups: convolution.groups);

    /// <summary>Scales the kernels by what the norm would scale their outputs by. In evaluation mode, with the norm's running statistics.</summary>
    public void Fold()
    {
        Unfold();
        using var scope = NewDisposeScope();
        var scale = norm.weight! * (norm.running_var! + norm.eps).rsqrt(); // [output]
        _weight = (convolution.weight * scale.view(-1, 1, 1, 1)).DetachFromDisposeScope();
        _bias = (norm.bias! - norm.running_mean! * scale).DetachFromDisposeScope();
    }

    /// <summary>Back to the two of them.</summary>
    public void Unfold()
    {
        _weight?.Dispose();
        _bias?.Dispose();
        (_weight, _bias) = (null, null);
    }
}
