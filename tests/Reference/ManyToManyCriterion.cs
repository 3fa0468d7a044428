using SemanticSam.Training.Losses;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference;

/// <summary>
/// Semantic-SAM's many-to-many objective (arXiv 2307.04767): each mask that contains a click is given to one of the click's tokens, by the
/// last layer's answers; all layers learn masks, boxes and their own quality from that.
/// </summary>
internal sealed class ManyToManyCriterion(int tokens = 6, PointOptions? points = null, CriterionWeights? weights = null)
{
    // Stands for infinity: a query may answer its own click only.
    private const float Forbidden = 1e6f;

    private readonly PointOptions _points = points ?? new();
    private readonly CriterionWeights _weights = weights ?? new();

    /// <summary>Which query answers which pair of click and mask.</summary>
    /// <param name="Queries">Ascending.</param>
    /// <param name="Pairs">Indices into <paramref name="PairMasks"/>.</param>
    /// <param name="PairMasks">The mask of each pair, click-major.</param>
    /// <param name="Cost">[queries, pairs].</param>
    public sealed record Matching(IReadOnlyList<long> Queries, IReadOnlyList<long> Pairs, IReadOnlyList<long> PairMasks, Tensor Cost);

    /// <summary>Matches one layer's answers.</summary>
    /// <param name="predictions">Usually the last layer's.</param>
    /// <param name="levels">Masks of each click.</param>
    /// <param name="masks">[masks, H, W], 0 or 1.</param>
    /// <param name="boxes">[masks, 4].</param>
    /// <param name="random">Asked once, for [1, points, 2].</param>
    public Matching Match(ClickPredictions predictions, IReadOnlyList<IReadOnlyList<int>> levels, Tensor masks, Tensor boxes, RandomUniform random)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        long[] pairMasks = [.. levels.SelectMany(l => l).Select(m => (long)m)];
        var rows = tensor(pairMasks, device: masks.device);
        var (entropy, dice) = MatchingCost.Masks(predictions.Masks, masks.index_select(0, rows), _points.Count, random);
        var wanted = boxes.index_select(0, rows);
        var cost = _weights.CrossEntropy * entropy + _weights.Dice * dice + _weights.BoxL1 * BoxDistance.L1(predictions.Boxes, wanted)
            - _weights.Giou * BoxDistance.GeneralizedIou(predictions.Boxes, wanted);
        cost = cost.masked_fill(OtherClicks(levels, cost), Forbidden);
        var (queries, pairs) = MatchingCost.Solve(cost);
        return new(queries, pairs, pairMasks, cost.MoveToOuterDisposeScope());
    }

    /// <summary>All losses.</summary>
    /// <param name="layers">Answers of all layers, the last layer first, then the others from the first on.</param>
    /// <param name="levels">Masks of each click.</param>
    /// <param name="masks">[masks, H, W], 0 or 1.</param>
    /// <param name="boxes">[masks, 4].</param>
    /// <param name="random">Asked for the matching, then twice a layer.</param>
    public CriterionLosses Compute(IReadOnlyList<ClickPredictions> layers, IReadOnlyList<IReadOnlyList<int>> levels, Tensor masks,
        Tensor boxes, RandomUniform random)
    {
        var matching = Match(layers[0], levels, masks, boxes, random);
        var queries = tensor(matching.Queries.ToArray(), device: masks.device);
        var rows = tensor(matching.Pairs.Select(p => matching.PairMasks[(int)p]).ToArray(), device: masks.device);
        Tensor wantedMasks = masks.index_select(0, rows), wantedBoxes = boxes.index_select(0, rows);
        double count = Math.Max(matching.Queries.Count, 1);
        var losses = new LossCollector(_weights);
        for (int i = 0; i < layers.Count; i++)
        {
            string suffix = $"_{i}";
            var (entropy, dice) = UncertainPoints.Losses(layers[i].Masks.index_select(0, queries), wantedMasks, _points, random);
            losses.Masks(suffix, entropy.sum() / count, dice.sum() / count);
            // Quirk: the Dice inside is not detached, so the IoU loss moves the masks too.
            losses.Iou(suffix, (layers[i].Ious.index_select(0, queries) - (1 - dice)).square().sum() / count);
            var answered = layers[i].Boxes.index_select(0, queries);
            losses.Boxes(suffix, (answered - wantedBoxes).abs().sum() / count, (1 - BoxDistance.PairedGeneralizedIou(answered, wantedBoxes)).sum() / count);
        }
        return losses.Result;
    }

    /// <summary>[queries, pairs]: true where the query belongs to another click than the pair.</summary>
    private Tensor OtherClicks(IReadOnlyList<IReadOnlyList<int>> levels, Tensor cost)
    {
        var clickOfPair = tensor(levels.SelectMany((l, click) => l.Select(_ => (long)click)).ToArray(), device: cost.device);
        var clickOfQuery = tensor(Enumerable.Range(0, (int)cost.shape[0]).Select(q => (long)(q / tokens)).ToArray(), device: cost.device);
        return clickOfQuery.unsqueeze(1).ne(clickOfPair.unsqueeze(0));
    }
}
