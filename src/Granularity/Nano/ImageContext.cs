using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// Lets each cell of the coarsest level know the whole image: layers of self-attention as in RT-DETR's encoder (Zhao et al., arXiv 2304.08069),
/// whose result is added to the pyramid's coarsest level. Fresh, it adds nothing.
/// </summary>
internal sealed class ImageContext : Module
{
    private const double Unseen = -1e4;

    private readonly Linear input, output;
    private readonly ModuleList<CellAttention> attention;
    private readonly ModuleList<Linear> inner, outer;
    private readonly ModuleList<LayerNorm> attentionNorm, innerNorm;

    public ImageContext(NanoConfig config) : base(nameof(ImageContext))
    {
        int width = config.ContextWidth;
        input = NanoLayers.Linear(ResNet18.LastWidth(config.BackboneWidth), width);
        attention = new([.. Each(_ => new CellAttention(width, width, width, 0.3 / Math.Sqrt(width)))]);
        inner = new([.. Each(_ => NanoLayers.Linear(width, 2 * width))]);
        outer = new([.. Each(_ => NanoLayers.Linear(2 * width, width, 0.3 / Math.Sqrt(2 * width)))]);
        attentionNorm = new([.. Each(_ => NanoLayers.LayerNorm(width))]);
        innerNorm = new([.. Each(_ => NanoLayers.LayerNorm(width))]);
        output = NanoLayers.Linear(width, config.PyramidWidth, 0);
        RegisterComponents();

        IEnumerable<T> Each<T>(Func<int, T> make) => Enumerable.Range(0, config.ContextLayers).Select(make);
    }

    /// <summary>What is added to the coarsest level, [B, PyramidWidth, H, W], float32.</summary>
    /// <param name="coarsest">[B, C, H, W], float32: the backbone's coarsest features.</param>
    /// <param name="valid">[B, H, W]: the share of each cell that is no padding; null for images without padding.</param>
    public Tensor Run(Tensor coarsest, Tensor? valid)
    {
        long batch = coarsest.shape[0], height = coarsest.shape[2], width = coarsest.shape[3];
        Tensor? hidden = valid?.le(0).to(ScalarType.Float32).mul(Unseen).view(batch, 1, 1, -1);
        Tensor x = input.forward(coarsest.flatten(2).transpose(1, 2)); // [B, T, width]
        Tensor positions = CellPositions.Of(height, width, (int)x.shape[2], coarsest.device);
        for (int i = 0; i < attention.Count; i++)
        {
            Tensor normed = attentionNorm[i].forward(x), positioned = normed + positions;
            x = x + attention[i].Run(positioned, attention[i].Remember(normed, positioned), hidden);
            x = x + outer[i].forward(functional.relu(inner[i].forward(innerNorm[i].forward(x))));
        }
        return output.forward(x).transpose(1, 2).view(batch, -1, height, width);
    }
}
