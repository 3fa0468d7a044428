using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>What SAM's MLPs have between their two layers.</summary>
internal enum MlpActivation
{
    /// <summary>By the error function: the image encoder.</summary>
    Gelu,

    /// <summary>The mask decoder.</summary>
    Relu,
}

/// <summary>SAM's MLP of two layers. State-dict names: lin1, lin2.</summary>
internal sealed class MlpBlock : nn.Module<Tensor, Tensor>
{
    private readonly AdaptableLinear lin1, lin2;
    private readonly MlpActivation _activation;

    /// <summary>With random weights.</summary>
    /// <param name="width">Features in and out.</param>
    /// <param name="hidden">Features between.</param>
    /// <param name="activation">Between the layers.</param>
    public MlpBlock(long width, long hidden, MlpActivation activation) : base(nameof(MlpBlock))
    {
        _activation = activation;
        lin1 = new AdaptableLinear(width, hidden);
        lin2 = new AdaptableLinear(hidden, width);
        RegisterComponents();
    }

    /// <summary>[..., width] -> the same shape.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var hidden = lin1.call(x);
        hidden = _activation == MlpActivation.Gelu ? Activations.Gelu(hidden) : Activations.Relu(hidden);
        return lin2.call(hidden).MoveToOuterDisposeScope();
    }
}
