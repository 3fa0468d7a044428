using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// A feature pyramid (Lin et al., arXiv 1612.03144): from the coarsest level down, each takes up what the level above found; the
/// coarsest also what the whole image is about, and what is where in it.
/// </summary>
internal sealed class FeaturePyramid : Module
{
    private readonly ModuleList<Conv2d> lateral, output;
    private readonly ModuleList<GroupNorm> norm;
    private readonly Linear context;
    private readonly ModuleList<ResidualBlock> refine;
    private readonly ImageContext? around;
    private readonly int _blocks;

    public FeaturePyramid(NanoConfig config) : base(nameof(FeaturePyramid))
    {
        int width = config.PyramidWidth;
        int[] stages = ResNet18.Widths(config.BackboneWidth);
        lateral = new([.. stages.Select(w => NanoLayers.Conv(w, width, 1, bias: true))]);
        output = new([.. stages.Select(_ => NanoLayers.Conv(width, width, 3, bias: false))]);
        norm = new([.. stages.Select(_ => NanoLayers.Norm(config.NormGroups, width))]);
        context = NanoLayers.Linear(stages[^1], width);
        _blocks = config.LevelBlocks;
        refine = new([.. Enumerable.Range(0, _blocks * (stages.Length - 1)).Select(_ => new ResidualBlock(width, config.NormGroups))]);
        around = config.ContextLayers > 0 ? new ImageContext(config) : null;
        RegisterComponents();
    }

    /// <summary>Four levels of one width, finest first.</summary>
    /// <param name="stages">The backbone's feature maps, finest first.</param>
    /// <param name="coarsest">The coarsest of them in float32.</param>
    /// <param name="global">[B, C], float32: the mean of the coarsest.</param>
    /// <param name="valid">[B, H / 32, W / 32]: the share of each cell that is no padding; null for images without padding.</param>
    public Tensor[] Run(Tensor[] stages, Tensor coarsest, Tensor global, Tensor? valid)
    {
        var levels = new Tensor[stages.Length];
        Tensor above = context.forward(global).to(stages[^1].dtype).unsqueeze(-1).unsqueeze(-1); // [B, width, 1, 1]
        if (around is not null) above = above + around.Run(coarsest, valid).to(above.dtype);
        for (int i = stages.Length - 1; i >= 0; i--)
        {
            Tensor merged = NanoLayers.Run(lateral[i], stages[i]).add_(above);
            levels[i] = NanoLayers.NormAndRelu(norm[i], NanoLayers.Run(output[i], merged));
            for (int k = 0; k < _blocks && i > 0; k++) levels[i] = refine[(i - 1) * _blocks + k].Run(levels[i]);
            if (i > 0) above = functional.interpolate(levels[i], scale_factor: [2.0, 2.0], mode: InterpolationMode.Nearest);
        }
        return levels;
    }
}
