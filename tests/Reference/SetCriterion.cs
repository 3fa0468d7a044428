using SemanticSam.Training.Losses;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference;

/// <summary>One prediction of all queries of a batch.</summary>
/// <param name="Logits">[B, Q, names].</param>
/// <param name="Boxes">[B, Q, 4].</param>
/// <param name="Masks">[B, Q, h, w] logits; null for detection.</param>
internal sealed record SetPredictions(Tensor Logits, Tensor Boxes, Tensor? Masks);

/// <summary>What one image shows.</summary>
/// <param name="Labels">Names.</param>
/// <param name="Boxes">[targets, 4].</param>
/// <param name="Masks">[targets, H, W], 0 or 1; null for detection.</param>
internal sealed record SetTargets(IReadOnlyList<int> Labels, Tensor Boxes, Tensor? Masks);

/// <summary>Predictions of a layer, with those of the denoising queries beside it.</summary>
/// <param name="Objects">Ordinary queries.</param>
/// <param name="Denoising">Denoising queries, group-major; null for none.</param>
internal sealed record SetLayer(SetPredictions Objects, SetPredictions? Denoising);

/// <summary>
/// OpenSeeD's objective (arXiv 2303.08131, after Mask DINO, arXiv 2206.02777): each target is given to one query, anew for each prediction;
/// denoising queries answer for their own targets.
/// </summary>
internal sealed class SetCriterion(PointOptions? points = null, CriterionWeights? weights = null)
{
    // Fixed in the reference: names below are things, and queries below are for things.
    private const int ThingNames = 80, ThingQueries = 300;
    private const float WrongKind = 10000, NoneWeight = 0.1f;

    private readonly PointOptions _points = points ?? new();
    private readonly CriterionWeights _weights = weights ?? new();

    /// <summary>Queries and their targets in one image, queries ascending.</summary>
    public sealed record Matching(IReadOnlyList<long> Queries, IReadOnlyList<long> Targets);

    /// <summary>All losses, and the matchings in the order they were made.</summary>
    /// <param name="layers">The last layer first, then the initial prediction and the other layers.</param>
    /// <param name="selection">What the selection itself predicts; null for none.</param>
    /// <param name="targets">Of each image.</param>
    /// <param name="groups">Denoising groups.</param>
    /// <param name="random">Asked, for each prediction: an image's matching, matched masks twice, denoising masks twice.</param>
    public (CriterionLosses Losses, IReadOnlyList<Matching[]> Matchings) Compute(IReadOnlyList<SetLayer> layers, SetPredictions? selection,
        IReadOnlyList<SetTargets> targets, long groups, RandomUniform random)
    {
        var losses = new LossCollector(_weights);
        var matchings = new List<Matching[]>();
        double count = Math.Max(targets.Sum(t => t.Labels.Count), 1);
        for (int i = 0; i < layers.Count; i++)
        {
            AddMatched(losses, $"_{i}", layers[i].Objects, targets, count, matchings, random);
            if (layers[i].Denoising is { } denoising) AddDenoising(losses, $"_{i}_dn", denoising, targets, groups, count * groups, random);
        }
        if (selection is not null) AddMatched(losses, "_0_interm", selection, targets, count, matchings, random);
        return (losses.Result, matchings);
    }

    /// <summary>The cost of an image's queries and targets: [Q, targets].</summary>
    /// <param name="predictions">Of the batch.</param>
    /// <param name="image">Which image.</param>
    /// <param name="target">What it shows.</param>
    /// <param name="random">Asked once where there are masks.</param>
    public Tensor Cost(SetPredictions predictions, int image, SetTargets target, RandomUniform random)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        Tensor logits = predictions.Logits.select(0, image), boxes = predictions.Boxes.select(0, image);
        var cost = _weights.Class * FocalLoss.Cost(logits, OneHot(target.Labels, logits)) + _weights.BoxL1 * BoxDistance.L1(boxes, target.Boxes)
            - _weights.Giou * BoxDistance.GeneralizedIou(boxes, target.Boxes);
        if (predictions.Masks is { } masks && target.Masks is { } wanted)
        {
            var (entropy, dice) = MatchingCost.Masks(masks.select(0, image), wanted, _points.Count, random);
            cost = cost + _weights.CrossEntropy * entropy + _weights.Dice * dice;
            cost = cost.masked_fill(OfOtherKind(target.Labels, cost), WrongKind);
        }
        return cost.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The reference's other loss of classes (SEMANTIC_CE_LOSS): softmax over all names and, in the last column, none of them, which is what
    /// unmatched queries answer and counts a tenth.
    /// </summary>
    /// <param name="logits">[B, Q, names + 1].</param>
    /// <param name="matched">Of each image.</param>
    /// <param name="targets">Of each image.</param>
    /// <returns>Rank 0: the weighted mean over all queries.</returns>
    public static Tensor CrossEntropy(Tensor logits, IReadOnlyList<Matching> matched, IReadOnlyList<SetTargets> targets)
    {
        using var scope = NewDisposeScope();
        long queries = logits.shape[1], none = logits.shape[2] - 1;
        long[] classes = [.. Enumerable.Repeat(none, (int)(logits.shape[0] * queries))];
        for (int p = 0; p < matched.Count; p++)
            foreach (var (query, target) in matched[p].Queries.Zip(matched[p].Targets)) classes[p * queries + query] = targets[p].Labels[(int)target];
        float[] weights = [.. Enumerable.Repeat(1f, (int)none), NoneWeight];
        return nn.functional.cross_entropy(logits.flatten(0, 1), tensor(classes, device: logits.device), tensor(weights, device: logits.device))
            .MoveToOuterDisposeScope();
    }

    private void AddMatched(LossCollector losses, string suffix, SetPredictions predictions, IReadOnlyList<SetTargets> targets, double count,
        List<Matching[]> matchings, RandomUniform random)
    {
        var matched = new Matching[targets.Count];
        for (int p = 0; p < targets.Count; p++)
        {
            using var cost = Cost(predictions, p, targets[p], random);
            var (queries, wanted) = MatchingCost.Solve(cost);
            matched[p] = new(queries, wanted);
        }
        matchings.Add(matched);
        var rows = new MatchedRows([.. matched.Select(m => m.Queries)], [.. matched.Select(m => m.Targets)], targets, predictions);
        var labels = zeros_like(predictions.Logits).flatten(0, 1);
        labels = labels.index_copy(0, rows.Flat, rows.Labels);
        losses.Class(suffix, FocalLoss.Of(predictions.Logits.flatten(0, 1), labels).sum() / count);
        AddPlaces(losses, suffix, predictions, rows, count, random);
    }

    private void AddDenoising(LossCollector losses, string suffix, SetPredictions predictions, IReadOnlyList<SetTargets> targets, long groups,
        double count, RandomUniform random)
    {
        long most = predictions.Logits.shape[1] / groups;
        var queries = targets.Select(t => Enumerable.Range(0, (int)groups)
            .SelectMany(g => Enumerable.Range(0, t.Labels.Count).Select(i => g * most + i)).ToArray()).ToArray();
        var wanted = targets.Select(t => Enumerable.Range(0, (int)groups).SelectMany(_ => Enumerable.Range(0, t.Labels.Count).Select(i => (long)i)).ToArray())
            .ToArray();
        var rows = new MatchedRows(queries, wanted, targets, predictions);
        // Quirk: the mean over names, times the number of queries, where the sum would be expected.
        var focal = FocalLoss.Of(predictions.Logits.flatten(0, 1).index_select(0, rows.Flat), rows.Labels).mean([1]).sum();
        losses.Class(suffix, focal * predictions.Logits.shape[1] / count);
        AddPlaces(losses, suffix, predictions, rows, count, random);
    }

    private void AddPlaces(LossCollector losses, string suffix, SetPredictions predictions, MatchedRows rows, double count, RandomUniform random)
    {
        if (predictions.Masks is { } masks && rows.Masks is { } wanted)
        {
            var (entropy, dice) = UncertainPoints.Losses(masks.flatten(0, 1).index_select(0, rows.Flat), wanted, _points, random);
            losses.Masks(suffix, entropy.sum() / count, dice.sum() / count);
        }
        var boxes = predictions.Boxes.flatten(0, 1).index_select(0, rows.Flat);
        losses.Boxes(suffix, (boxes - rows.Boxes).abs().sum() / count, (1 - BoxDistance.PairedGeneralizedIou(boxes, rows.Boxes)).sum() / count);
    }

    /// <summary>[Q, targets]: true where one is for things and the other is not.</summary>
    private static Tensor OfOtherKind(IReadOnlyList<int> labels, Tensor cost)
    {
        var thing = tensor(labels.Select(l => l < ThingNames).ToArray(), device: cost.device);
        var forThings = tensor(Enumerable.Range(0, (int)cost.shape[0]).Select(q => q < ThingQueries).ToArray(), device: cost.device);
        return thing.unsqueeze(0).ne(forThings.unsqueeze(1));
    }

    private static Tensor OneHot(IReadOnlyList<int> labels, Tensor logits)
    {
        long names = logits.shape[^1];
        var values = new float[labels.Count * names];
        for (int t = 0; t < labels.Count; t++) values[t * names + labels[t]] = 1;
        return tensor(values, [labels.Count, names], device: logits.device);
    }

    /// <summary>Queries of all images in one row, image by image, with their targets.</summary>
    private sealed class MatchedRows
    {
        public MatchedRows(IReadOnlyList<IReadOnlyList<long>> queries, IReadOnlyList<IReadOnlyList<long>> wanted, IReadOnlyList<SetTargets> targets,
        SetPredictions predictions)
        {
            var device = predictions.Logits.device;
            long perImage = predictions.Logits.shape[1];
            Flat = tensor(queries.SelectMany((q, image) => q.Select(i => image * perImage + i)).ToArray(), device: device);
            Labels = OneHot([.. wanted.SelectMany((w, image) => w.Select(t => targets[image].Labels[(int)t]))], predictions.Logits);
            Boxes = cat([.. wanted.Select((w, image) => targets[image].Boxes.index_select(0, tensor(w.ToArray(), device: device)))], 0);
            if (targets.All(t => t.Masks is not null))
                Masks = cat([.. wanted.Select((w, image) => targets[image].Masks!.index_select(0, tensor(w.ToArray(), device: device)))], 0);
        }

        /// <summary>[rows]: places in [B * Q].</summary>
        public Tensor Flat { get; }

        /// <summary>[rows, names].</summary>
        public Tensor Labels { get; }

        /// <summary>[rows, 4].</summary>
        public Tensor Boxes { get; }

        /// <summary>[rows, H, W]; null for detection.</summary>
        public Tensor? Masks { get; }
    }
}
