using SemanticSam.Training.Losses;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference;

/// <summary>
/// The many-to-one objective with which Semantic-SAM's code reproduces SAM: every token of a click is compared with the one mask the click
/// was drawn from, the token nearest to it learns. Chosen anew in each layer.
/// </summary>
internal sealed class ManyToOneCriterion(int tokens = 3, PointOptions? points = null, CriterionWeights? weights = null)
{
    private readonly PointOptions _points = points ?? new();
    private readonly CriterionWeights _weights = weights ?? new();

    /// <summary>All losses, and for each layer the token chosen for each click.</summary>
    /// <param name="layers">Answers of all layers, the last layer first, then the others from the first on.</param>
    /// <param name="masks">[clicks, H, W]: the mask each click was drawn from.</param>
    /// <param name="boxes">[clicks, 4].</param>
    /// <param name="random">Asked twice a layer.</param>
    /// <param name="wholeClasses">Whole name of each click; null where layers have no <see cref="ClickPredictions.Logits"/>.</param>
    /// <param name="partClasses">Part name of each click; null where layers have no <see cref="ClickPredictions.PartLogits"/>.</param>
    public (CriterionLosses Losses, IReadOnlyList<long[]> Chosen) Compute(IReadOnlyList<ClickPredictions> layers, Tensor masks,
        Tensor boxes, RandomUniform random,
        IReadOnlyList<int>? wholeClasses = null, IReadOnlyList<int>? partClasses = null)
    {
        int clicks = (int)masks.shape[0];
        var clickOfQuery = tensor(Enumerable.Range(0, clicks * tokens).Select(q => (long)(q / tokens)).ToArray(), device: masks.device);
        var all = masks.index_select(0, clickOfQuery); // [clicks * tokens, H, W]
        var losses = new LossCollector(_weights);
        var chosenTokens = new List<long[]>();
        for (int i = 0; i < layers.Count; i++)
        {
            string suffix = $"_{i}";
            var layer = layers[i];
            var (entropy, dice) = UncertainPoints.Losses(layer.Masks, all, _points, random);
            long[] chosen = (entropy + dice).detach().view(clicks, tokens).argmin(1).cpu().data<long>().ToArray();
            chosenTokens.Add(chosen);
            var queries = tensor(chosen.Select((token, click) => click * (long)tokens + token).ToArray(), device: masks.device);
            var best = dice.index_select(0, queries);
            losses.Masks(suffix, entropy.index_select(0, queries).sum() / clicks, best.sum() / clicks);
            losses.Iou(suffix, (layer.Ious.index_select(0, queries) - (1 - best)).square().sum() / clicks);
            var answered = layer.Boxes.index_select(0, queries);
            losses.Boxes(suffix, (answered - boxes).abs().sum() / clicks, (1 - BoxDistance.PairedGeneralizedIou(answered, boxes)).sum() / clicks);
            if (layer.Logits is { } wholes && wholeClasses is not null) losses.Class(suffix, Classes(wholes, wholeClasses, queries));
            if (layer.PartLogits is { } parts && partClasses is not null) losses.PartClass(suffix, Classes(parts, partClasses, queries));
        }
        return (losses.Result, chosenTokens);
    }

    /// <summary>Quirk of the reference: times the number of queries, mean over the clicks, and divided by their number once more.</summary>
    private static Tensor Classes(Tensor logits, IReadOnlyList<int> classes, Tensor queries)
    {
        int clicks = classes.Count;
        var oneHot = new float[clicks * logits.shape[1]];
        for (int k = 0; k < clicks; k++) oneHot[k * logits.shape[1] + classes[k]] = 1;
        var focal = FocalLoss.Of(logits.index_select(0, queries), tensor(oneHot, [clicks, logits.shape[1]], device: logits.device));
        return focal.sum() * logits.shape[0] / clicks / clicks;
    }
}
