using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>From sentence embeddings to unit vectors in the space of the pixels, and the logit of a name at a pixel.</summary>
internal sealed class NameProjection : Module
{
    private const double FirstScale = 4, FirstBias = -3, BaseScale = 4;

    private readonly Linear linear, hidden, output;
    private readonly Parameter scale, bias;
    private readonly double _lengthen;

    public NameProjection(NanoConfig config) : base(nameof(NameProjection))
    {
        _lengthen = Math.Sqrt(config.SentenceWidth);
        linear = NanoLayers.Linear(config.SentenceWidth, config.EmbeddingWidth);
        hidden = NanoLayers.Linear(config.SentenceWidth, config.NameHidden);
        output = NanoLayers.Linear(config.NameHidden, config.EmbeddingWidth, 0.1 / Math.Sqrt(config.NameHidden)); // begins nearly linear
        scale = ModuleTensors.Parameter(full(1, Math.Log(FirstScale), ScalarType.Float32));
        bias = ModuleTensors.Parameter(full(1, FirstBias, ScalarType.Float32));
        RegisterComponents();
    }

    /// <summary>Lets the projection begin with names spread about zero, instead of all pointing where sentence embeddings have their mean.</summary>
    /// <param name="mean">[SentenceWidth]: the mean of the sentence embeddings.</param>
    public void CenterOn(Tensor mean)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var layer in new[] { linear, hidden }) layer.bias!.copy_(layer.weight!.matmul(mean * -_lengthen));
    }

    /// <summary>[..., EmbeddingWidth], of length 1.</summary>
    /// <param name="sentences">[..., SentenceWidth], of length 1.</param>
    public Tensor Run(Tensor sentences)
    {
        Tensor x = sentences * _lengthen; // components of about 1
        return functional.normalize(linear.forward(x) + output.forward(functional.gelu(hidden.forward(x))), 2, -1);
    }

    /// <summary>Logits of names at pixels, [B, N, pixels].</summary>
    /// <param name="names">[B, N, EmbeddingWidth].</param>
    /// <param name="pixels">[B, pixels, EmbeddingWidth].</param>
    public Tensor Logits(Tensor names, Tensor pixels) => names.bmm(pixels.transpose(1, 2)) * (scale.exp() * BaseScale) + bias;
}
