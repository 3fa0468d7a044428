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
    /// <summary>Regions of each image of a batch, the best first, with their scores.</summary>
    /// <param name="levels">Logits [B, A, h, w] and deltas [B, 4 A, h, w] of each level.</param>
    /// <param name="scales">Of the anchors.</param>
    /// <param name="limits">How many.</param>
    /// <param name="side">Side of the square image, which boxes are clipped to.</param>
    public static (BoxF[] Boxes, float[] Scores)[] Of(IReadOnlyList<(Tensor Logits, Tensor Deltas)> levels, IReadOnlyList<float> scales,
        ProposalLimits limits, int side)
    {
        Best[] best = [.. levels.Select((level, l) => Best.Of(level.Logits, level.Deltas, limits.PerLevel, SimpleFpn.Strides[l], scales))];
        var found = new (BoxF[], float[])[levels[0].Logits.shape[0]];
        // The host's part, image by image, which would keep a GPU waiting if one thread did it.
        Parallel.For(0, found.Length, image => found[image] = OfImage(best, image, limits.Most, side));
        return found;
    }

    private static (BoxF[] Boxes, float[] Scores) OfImage(Best[] levels, int image, int most, int side)
    {
        var boxes = new List<BoxF>();
        var scores = new List<float>();
        var ofLevel = new List<int>();
        for (int l = 0; l < levels.Length; l++)
        {
            var level = levels[l];
            for (int k = image * level.Count; k < (image + 1) * level.Count; k++)
            {
                var anchor = At(level.Cell, level.Places[k], level.Columns, SimpleFpn.Strides[l]);
                var box = BoxDeltas.OfAnchors.Decode(anchor, level.Deltas.AsSpan(4 * k, 4), (side, side));
                if (!(box.Width > 0 && box.Height > 0)) continue;
                boxes.Add(box);
                scores.Add(level.Scores[k]);
                ofLevel.Add(l);
            }
        }
        int[] kept = [.. Nms.KeepByClass([.. boxes], [.. scores], [.. ofLevel], ProposalLimits.Overlap).Take(most)];
        return ([.. kept.Select(k => boxes[k])], [.. kept.Select(k => scores[k])]);
    }

    private static BoxF At(BoxF[] cell, long place, long columns, int stride)
    {
        var (x1, y1, x2, y2) = cell[place % cell.Length];
        float x = place / cell.Length % columns * stride, y = place / cell.Length / columns * stride;
        return new(x1 + x, y1 + y, x2 + x, y2 + y);
    }

    /// <summary>The best anchors of a level, as many of each image, image by image.</summary>
    private sealed record Best(int Count, long Columns, BoxF[] Cell, float[] Scores, float[] Deltas, long[] Places)
    {
        public static Best Of(Tensor logits, Tensor deltas, int most, int stride, IReadOnlyList<float> scales)
        {
            using var scope = NewDisposeScope();
            using var still = no_grad();
            long batch = logits.shape[0];
            var score = logits.permute(0, 2, 3, 1).reshape(batch, -1).sigmoid();
            var delta = deltas.permute(0, 2, 3, 1).reshape(batch, -1, 4);
            long count = score.shape[1];
            var (best, index) = most < count ? score.topk(most, 1) : (score, arange(count, device: score.device).expand(batch, count));
            var moves = delta.gather(1, index.unsqueeze(-1).expand(-1, -1, 4));
            return new((int)index.shape[1], logits.shape[3], Anchors.OfCell(stride, scales), TensorValues.Floats(best), TensorValues.Floats(moves),
                index.cpu().contiguous().data<long>().ToArray());
        }
    }
}
