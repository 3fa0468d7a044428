using SemanticSam.Granularity.Layers;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>How many regions are proposed.</summary>
/// <param name="PerLevel">Best anchors of a level that are looked at.</param>
/// <param name="Most">Regions of all levels.</param>
internal readonly record struct ProposalLimits(int PerLevel, int Most)
{
    /// <summary>Of regions that overlap more than this, the better one stays.</summary>
    public const double Overlap = 0.7;

    public static ProposalLimits Training { get; } = new(2000, 1000);

    public static ProposalLimits Test { get; } = new(1000, 1000);
}

/// <summary>The best regions of a region proposal network.</summary>
internal static class RegionProposals
{
    /// <summary>Regions of one image, the best first, with their scores.</summary>
    /// <param name="levels">Logits [B, A, h, w] and deltas [B, 4 A, h, w] of each level.</param>
    /// <param name="image">Which of the batch.</param>
    /// <param name="scales">Of the anchors.</param>
    /// <param name="limits">How many.</param>
    /// <param name="side">Side of the square image, which boxes are clipped to.</param>
    public static (BoxF[] Boxes, float[] Scores) Of(IReadOnlyList<(Tensor Logits, Tensor Deltas)> levels, int image, IReadOnlyList<float> scales,
        ProposalLimits limits, int side)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var boxes = new List<BoxF>();
        var scores = new List<float>();
        var ofLevel = new List<int>();
        for (int l = 0; l < levels.Count; l++)
        {
            var (logits, deltas) = levels[l];
            var shape = new LevelShape(logits.shape[2], logits.shape[3]);
            var score = logits[image].permute(1, 2, 0).reshape(-1).sigmoid();
            var delta = deltas[image].permute(1, 2, 0).reshape(-1, 4);
            long count = score.shape[0];
            var (best, index) = limits.PerLevel < count ? score.topk(limits.PerLevel, 0) : (score, arange(count, device: score.device));
            float[] scoreValues = TensorValues.Floats(best), deltaValues = TensorValues.Floats(delta.index_select(0, index));
            long[] places = index.cpu().data<long>().ToArray();
            var cell = Anchors.OfCell(SimpleFpn.Strides[l], scales);
            for (int k = 0; k < places.Length; k++)
            {
                var box = BoxDeltas.OfAnchors.Decode(At(cell, places[k], shape.Width, SimpleFpn.Strides[l]), deltaValues.AsSpan(4 * k, 4), (side, side));
                if (!(box.Width > 0 && box.Height > 0)) continue;
                boxes.Add(box);
                scores.Add(scoreValues[k]);
                ofLevel.Add(l);
            }
        }
        int[] kept = [.. Nms.KeepByClass([.. boxes], [.. scores], [.. ofLevel], ProposalLimits.Overlap).Take(limits.Most)];
        return ([.. kept.Select(k => boxes[k])], [.. kept.Select(k => scores[k])]);
    }

    private static BoxF At(BoxF[] cell, long place, long columns, int stride)
    {
        var (x1, y1, x2, y2) = cell[place % cell.Length];
        float x = place / cell.Length % columns * stride, y = place / cell.Length / columns * stride;
        return new(x1 + x, y1 + y, x2 + x, y2 + y);
    }
}

/// <summary>Numbers of tensors on the host.</summary>
internal static class TensorValues
{
    /// <summary>Row-major, as float32.</summary>
    public static float[] Floats(Tensor tensor)
    {
        if (tensor.numel() == 0) return []; // which an accessor refuses
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }
}
