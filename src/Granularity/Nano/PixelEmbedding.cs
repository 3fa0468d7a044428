using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>From the finest level of the pyramid to one unit vector a pixel, in the space where names lie too.</summary>
internal sealed class PixelEmbedding : Module
{
    private readonly Conv2d hidden, output;
    private readonly GroupNorm norm;

    public PixelEmbedding(NanoConfig config) : base(nameof(PixelEmbedding))
    {
        hidden = NanoLayers.Conv(config.PyramidWidth, config.PyramidWidth, 3, bias: false);
        norm = NanoLayers.Norm(config.NormGroups, config.PyramidWidth);
        output = NanoLayers.Conv(config.PyramidWidth, config.EmbeddingWidth, 1, bias: true);
        RegisterComponents();
    }

    /// <summary>[B, pixels, EmbeddingWidth], float32, rows of length 1; pixels row by row at stride 4.</summary>
    public Tensor Run(Tensor finest)
    {
        Tensor x = NanoLayers.NormAndRelu(norm, NanoLayers.Run(hidden, finest));
        x = NanoLayers.Run(output, x).to(ScalarType.Float32);
        return functional.normalize(x.permute(0, 2, 3, 1).flatten(1, 2), 2, -1); // [B, H W, C]
    }
}
