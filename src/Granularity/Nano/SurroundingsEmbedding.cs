using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// From the pyramid to one unit vector a pixel. What surrounds things is told from far around and has few small pieces: three levels are put together at
/// stride 8, as in the semantic branch of Panoptic FPN (Kirillov et al., arXiv 1901.02446); the finest one only sharpens edges.
/// </summary>
internal sealed class SurroundingsEmbedding : Module
{
    private const int Coarse = 3; // levels

    private readonly ModuleList<Conv2d> gather;
    private readonly GroupNorm norm, fineNorm;
    private readonly ModuleList<ResidualBlock> blocks;
    private readonly Conv2d coarse, fine, output;

    public SurroundingsEmbedding(NanoConfig config) : base(nameof(SurroundingsEmbedding))
    {
        int width = config.SurroundingsWidth;
        gather = new([.. Enumerable.Range(0, Coarse).Select(_ => NanoLayers.Conv(config.PyramidWidth, width, 3, bias: false))]);
        norm = NanoLayers.Norm(config.NormGroups, width);
        blocks = new([.. Enumerable.Range(0, config.SurroundingsBlocks).Select(_ => new ResidualBlock(width, config.NormGroups))]);
        coarse = NanoLayers.Conv(width, width, 1, bias: false);
        fine = NanoLayers.Conv(config.PyramidWidth, width, 1, bias: false);
        fineNorm = NanoLayers.Norm(config.NormGroups, width);
        output = NanoLayers.Conv(width, config.EmbeddingWidth, 1, bias: true);
        RegisterComponents();
    }

    /// <summary>[B, pixels, EmbeddingWidth], float32, rows of length 1; pixels row by row at stride 4.</summary>
    public Tensor Run(Tensor[] levels)
    {
        Tensor x = NanoLayers.Run(gather[0], levels[1]);
        for (int i = 1; i < Coarse; i++) x = x + Enlarged(NanoLayers.Run(gather[i], levels[i + 1]), 1 << i);
        x = NanoLayers.NormAndRelu(norm, x);
        foreach (var block in blocks) x = block.Run(x);
        x = NanoLayers.NormAndRelu(fineNorm, Enlarged(NanoLayers.Run(coarse, x), 2) + NanoLayers.Run(fine, levels[0]));
        x = NanoLayers.Run(output, x).to(ScalarType.Float32);
        return functional.normalize(x.permute(0, 2, 3, 1).flatten(1, 2), 2, -1); // [B, H W, C]
    }

    private static Tensor Enlarged(Tensor x, double by) => functional.interpolate(x, scale_factor: [by, by], mode: InterpolationMode.Bilinear,
        align_corners: false);
}
