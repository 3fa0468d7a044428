using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// A convolution and the batch norm behind it, which keeps its statistics. Training joins them anew in every step, since both learn;
/// <see cref="Fold"/> does it once.
/// </summary>
internal sealed class NormedConvolution(Conv2d convolution, BatchNorm2d norm, int stride)
{
    private Tensor? _weight, _bias;

    /// <summary>[B, inputs, H, W] to [B, outputs, H / stride, W / stride], in the type of <paramref name="x"/>.</summary>
    public Tensor Run(Tensor x) => _weight is null ? NanoLayers.Run(convolution, norm, x, stride) : NanoLayers.Run(_weight, _bias, x, stride);

    /// <summary>Joins them for good, in the memory order that channels-last convolutions want.</summary>
    /// <param name="type">What will come in.</param>
    public void Fold(ScalarType type)
    {
        Unfold();
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (weight, bias) = NanoLayers.Join(convolution, norm);
        _weight = weight.to(type).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).DetachFromDisposeScope();
        _bias = bias.to(type).DetachFromDisposeScope();
    }

    /// <summary>Back to the two of them.</summary>
    public void Unfold()
    {
        _weight?.Dispose();
        _bias?.Dispose();
        (_weight, _bias) = (null, null);
    }
}
