using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>From the finest level of the pyramid to the channels that the small networks of places see.</summary>
internal sealed class MaskFeatures : Module
{
    private readonly Conv2d hidden, output;
    private readonly GroupNorm norm;
    private readonly ModuleList<ResidualBlock> blocks;

    public MaskFeatures(NanoConfig config) : base(nameof(MaskFeatures))
    {
        hidden = NanoLayers.Conv(config.PyramidWidth, config.MaskHidden, 3, bias: false);
        norm = NanoLayers.Norm(config.NormGroups, config.MaskHidden);
        blocks = new([.. Enumerable.Range(0, config.MaskBlocks).Select(_ => new ResidualBlock(config.MaskHidden, config.NormGroups))]);
        output = NanoLayers.Conv(config.MaskHidden, config.MaskFeatures, 1, bias: true);
        RegisterComponents();
    }

    /// <summary>[B, MaskFeatures, H, W], float32.</summary>
    public Tensor Run(Tensor finest)
    {
        Tensor x = NanoLayers.NormAndRelu(norm, NanoLayers.Run(hidden, finest));
        foreach (var block in blocks) x = block.Run(x);
        return NanoLayers.Run(output, x).to(ScalarType.Float32).contiguous();
    }
}
