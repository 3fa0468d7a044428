using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// A feature pyramid (Lin et al., arXiv 1612.03144): from the coarsest level down, each takes up what the level above found; the
/// coarsest also what the whole image is about.
/// </summary>
internal sealed class FeaturePyramid : Module
{
    private readonly ModuleList<Conv2d> lateral, output;
    private readonly ModuleList<GroupNorm> norm;
    private readonly Linear context;

    public FeaturePyramid(NanoConfig config) : base(nameof(FeaturePyramid))
    {
        int width = config.PyramidWidth, coarsest = ResNet18.Widths[^1];
        lateral = new([.. ResNet18.Widths.Select(w => NanoLayers.Conv(w, width, 1, bias: true))]);
        output = new([.. ResNet18.Widths.Select(_ => NanoLayers.Conv(width, width, 3, bias: false))]);
        norm = new([.. ResNet18.Widths.Select(_ => NanoLayers.Norm(config.NormGroups, width))]);
        context = NanoLayers.Linear(coarsest, width);
        RegisterComponents();
    }

    /// <summary>Four levels of one width, finest first.</summary>
    /// <param name="stages">The backbone's feature maps, finest first.</param>
    /// <param name="global">[B, 512], float32: the mean of the coarsest.</param>
    public Tensor[] Run(Tensor[] stages, Tensor global)
    {
        var levels = new Tensor[stages.Length];
        Tensor above = context.forward(global).to(stages[^1].dtype).unsqueeze(-1).unsqueeze(-1); // [B, width, 1, 1]
        for (int i = stages.Length - 1; i >= 0; i--)
        {
            Tensor merged = NanoLayers.Run(lateral[i], stages[i]).add_(above);
            levels[i] = NanoLayers.NormAndRelu(norm[i], NanoLayers.Run(output[i], merged));
            if (i > 0) above = functional.interpolate(levels[i], scale_factor: [2.0, 2.0], mode: InterpolationMode.Nearest);
        }
        return levels;
    }
}
