using SemanticSam.Granularity.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>A query set after one decoder layer.</summary>
/// <param name="State">[B, Q, C]: as it leaves the layer's last norm.</param>
/// <param name="BoxBefore">[B, Q, 4]: the box (cx, cy, w, h) before the layer, with gradient to the refinement that made it.</param>
internal sealed record DecodedLayer(Tensor State, Tensor BoxBefore);

/// <summary>
/// The stack of decoder layers. Every query carries a box; each layer looks around its box and refines it; the next layer takes
/// the refined box without gradient.
/// </summary>
internal sealed class TransformerDecoder : nn.Module
{
    private readonly ModuleList<TransformerDecoderLayer> layers;
    private readonly LayerNorm norm; // the predictor's decoder_norm under its second name
    private readonly Mlp ref_point_head;
    private readonly ModuleList<Mlp> bbox_embed; // the predictor's _bbox_embed under the names of all layers
    private readonly int _width;

    public TransformerDecoder(DecoderConfig config, LayerNorm sharedNorm, Mlp sharedBoxHead) : base(nameof(TransformerDecoder))
    {
        _width = config.Width;
        layers = new ModuleList<TransformerDecoderLayer>([.. Enumerable.Range(0, config.Layers).Select(_ => new TransformerDecoderLayer(config))]);
        norm = sharedNorm;
        ref_point_head = new Mlp(2 * config.Width, config.Width, config.Width, 2).WithXavierWeights();
        bbox_embed = new ModuleList<Mlp>([.. Enumerable.Repeat(sharedBoxHead, config.Layers)]);
        RegisterComponents();
    }

    /// <summary>The memory as each layer samples it.</summary>
    public Tensor[] ProjectMemory(Tensor memory) => [.. Enumerable.Range(0, layers.Count).Select(i => layers[i].ProjectMemory(memory))];

    /// <param name="content">[B, Q, C].</param>
    /// <param name="anchor">[B, Q, 4]: boxes before the sigmoid.</param>
    /// <param name="memory">The image.</param>
    /// <param name="visibility">Which queries see each other.</param>
    /// <param name="allLayers">Return every layer rather than the last only.</param>
    /// <param name="look">The queries as a layer takes them, from its index, the queries and their boxes; null for as they are.</param>
    /// <returns>The layers in order.</returns>
    public IReadOnlyList<DecodedLayer> forward(Tensor content, Tensor anchor, DecoderMemory memory, QueryVisibility visibility, bool allLayers,
        Func<int, Tensor, Tensor, Tensor>? look = null)
    {
        var decoded = new List<DecodedLayer>(allLayers ? layers.Count : 1);
        var x = content;
        var box = anchor.sigmoid();
        for (int i = 0; i < layers.Count; i++)
        {
            var current = i == 0 ? box : box.detach();
            if (look is not null) x = look(i, x, current);
            var position = ref_point_head.call(SineEncoding.Boxes(current, _width));
            x = layers[i].forward(x, position, current.unsqueeze(2), memory.ValueFor(i, layers[i]), memory.Shapes, visibility);
            bool last = i == layers.Count - 1;
            if (allLayers || last)
                decoded.Add(new DecodedLayer(x, box));
            if (!last)
                box = Refine(i, x, current);
        }
        return decoded;
    }

    /// <summary>The box after layer <paramref name="layer"/>: [B, Q, 4], from its output and the box before it.</summary>
    public Tensor Refine(int layer, Tensor x, Tensor box) => (bbox_embed[layer].call(x) + Activations.InverseSigmoid(box)).sigmoid();
}
