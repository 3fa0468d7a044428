using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>Predicts the IoU of masks: each by itself, then the six answers to a click against one another.</summary>
internal sealed class QualityHead : Module
{
    private const int QueryShare = 32, Known = 8, Hidden = 64, Opinion = 16;

    private readonly Linear query, hidden, opinion, score, together, adjust;

    public QualityHead(NanoConfig config) : base(nameof(QualityHead))
    {
        int levels = config.LevelSizes.Count;
        query = NanoLayers.Linear(config.QueryWidth, QueryShare);
        hidden = NanoLayers.Linear(QueryShare + Known, Hidden);
        opinion = NanoLayers.Linear(Hidden, Opinion);
        score = NanoLayers.Linear(Opinion, 1);
        together = NanoLayers.Linear(levels * Opinion, Hidden);
        adjust = NanoLayers.Linear(Hidden, levels, 0.01);
        RegisterComponents();
    }

    /// <summary>Predicted IoU, 0 to 1, [B, Q, S].</summary>
    /// <param name="networks">The small networks that drew the masks.</param>
    /// <param name="logits">[B, Q, S, cells]; no gradient goes back through them.</param>
    /// <param name="longer">Longer side of the image, cells of the finest level.</param>
    public Tensor Run(PlaceNetworks networks, Tensor logits, double longer) => Run(networks, Measure(logits), logits.shape[^1], longer);

    /// <summary>The same from what <see cref="CellMasks.Measures"/> holds.</summary>
    /// <param name="networks">The small networks that drew the masks.</param>
    /// <param name="measures">[B, Q, S, <see cref="CellMasks.MeasureCount"/>].</param>
    /// <param name="cells">Cells that the masks have.</param>
    /// <param name="longer">Longer side of the image, cells of the finest level.</param>
    public Tensor Run(PlaceNetworks networks, Tensor measures, long cells, double longer)
    {
        Tensor area = (measures.select(-1, 0) / (float)cells + 1e-4).log() * 0.25;
        Tensor size = networks.Frames.detach().slice(-1, 2, 4, 1).log().mean([-1]) - Math.Log(longer);
        Tensor known = cat([stack([area, measures.select(-1, 1), measures.select(-1, 2), size * 0.5], -1), networks.Offsets.detach()], -1);
        Tensor x = cat([functional.relu(query.forward(networks.Queries)), known], -1);
        Tensor opinions = functional.relu(opinion.forward(functional.relu(hidden.forward(x)))); // [B, Q, S, Opinion]
        Tensor scores = score.forward(opinions).squeeze(-1);
        if (opinions.shape[2] > 1) scores = scores + adjust.forward(functional.relu(together.forward(opinions.flatten(2))));
        return scores.sigmoid();
    }

    /// <summary>As <see cref="CellMasks.Measures"/> does it, on whatever device: [B, Q, S, <see cref="CellMasks.MeasureCount"/>].</summary>
    private static Tensor Measure(Tensor logits)
    {
        using var quiet = no_grad();
        Tensor inside = logits.gt(0).to(ScalarType.Float32), area = inside.sum(-1);
        Tensor stability = logits.gt(1).to(ScalarType.Float32).sum(-1) / logits.gt(-1).to(ScalarType.Float32).sum(-1).clamp_min(1);
        return stack([area, stability, (logits.sigmoid() * inside).sum(-1) / area.clamp_min(1)], -1);
    }
}
