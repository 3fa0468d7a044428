using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Training.Losses;
using SemanticSam.Training.Objectives;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Training.Tuning;

/// <summary>The losses of Mask2Former's queries (arXiv 2112.01527), with those of a coarse mask beside.</summary>
/// <param name="classes">Classes, without "nothing".</param>
/// <param name="points">Points that masks are compared at.</param>
/// <param name="random">Chooses them.</param>
/// <param name="draw">
/// SAM's decoder, which draws the masks of queries that stand for an instance and of no others: their losses are those of all queries' masks. Given are
/// tokens [N, points, C], coarse logits [N, h, w] (null for none) and the image of each [N]; it gives [N, h, w].
/// </param>
/// <param name="most">Instances of an image whose masks are compared, chosen anew for each layer; null for all.</param>
/// <param name="chance">Chooses them.</param>
internal sealed class QueryLoss(int classes, PointOptions points, RandomUniform random, Func<Tensor, Tensor?, Tensor, Tensor> draw, int? most = null,
    Random? chance = null)
{
    private const double ClassWeight = 2, MaskWeight = 5, DiceWeight = 5;

    private const float NothingWeight = 0.1f;

    /// <summary>The sum over all layers; each loss is reported under the name that the source has for it.</summary>
    /// <param name="layers">What the queries say, from the start to the last layer.</param>
    /// <param name="truths">One an image.</param>
    /// <param name="report">Receives each loss.</param>
    public Tensor Of(IReadOnlyList<QueryAnswers> layers, IReadOnlyList<InstanceTruth> truths, LossReport report)
    {
        using var scope = NewDisposeScope();
        var device = layers[0].Classes.device;
        Tensor[] masks = [.. truths.Select(t => t.Masks.to(device).to(ScalarType.Float32))];
        Tensor? sum = null;
        if (layers[0].Cells is { } cells)
        {
            sum = SelectionLoss.Of(cells, truths, masks[0].shape[^1]) * ClassWeight;
            report.Add("loss_cells", sum.detach(), 1);
        }
        for (int l = 0; l < layers.Count; l++)
        {
            string start = l == layers.Count - 1 ? "" : $"d{l}.";
            foreach (var (name, loss) in OfLayer(layers[l], truths, masks))
            {
                report.Add(start + name, loss.detach(), 1);
                sum = sum is null ? loss : sum + loss;
            }
        }
        return sum!.MoveToOuterDisposeScope();
    }

    /// <summary>Costs of every query for every truth of an image: of classes, cross-entropy and Dice, weighted.</summary>
    /// <param name="logits">[Q, classes + 1].</param>
    /// <param name="masks">[Q, P]: logits at points.</param>
    /// <param name="labels">[T].</param>
    /// <param name="targets">[T, P].</param>
    internal static (Tensor Classes, Tensor CrossEntropy, Tensor Dice) Costs(Tensor logits, Tensor masks, Tensor labels, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var ofClasses = logits.softmax(-1).index_select(1, labels) * -ClassWeight;
        var (entropy, dice) = PointMaskLoss.Pairwise(masks, targets);
        return (ofClasses.MoveToOuterDisposeScope(), (entropy * MaskWeight).MoveToOuterDisposeScope(), (dice * DiceWeight).MoveToOuterDisposeScope());
    }

    private IEnumerable<(string Name, Tensor Loss)> OfLayer(QueryAnswers layer, IReadOnlyList<InstanceTruth> truths, Tensor[] masks)
    {
        var pairs = new List<(int Image, int Query, int Truth)>();
        for (int b = 0; b < truths.Count; b++) pairs.AddRange(Match(layer, b, truths[b], masks[b]).Select(p => (b, p.Query, p.Truth)));
        yield return ("loss_cls", ClassLoss(layer.Classes, pairs, truths) * ClassWeight);
        if (most is { } few) pairs = [.. pairs.GroupBy(p => p.Image).SelectMany(p => Few([.. p], few))];
        if (pairs.Count == 0)
        {
            // A gradient of nothing, and not none: with none a resumed run would skip a step of the moments that an uninterrupted one takes.
            yield return ("loss_mask", Fine(layer, [(0, 0, 0)]).sum() * 0);
            if (layer.Coarse is not null) yield return ("loss_mask_plus", layer.Coarse.sum() * 0);
            yield break;
        }
        var logits = Fine(layer, pairs);
        var targets = stack(pairs.Select(p => masks[p.Image][p.Truth])).unsqueeze(1);
        var places = UncertainPoints.Choose(logits.detach(), points, random);
        var wanted = PointSampling.Sample(targets, places).squeeze(1).detach();
        foreach (var (drawn, end) in new[] { (logits, ""), (layer.Coarse is null ? null : Taken(layer.Coarse, pairs), "_plus") })
        {
            if (drawn is null) continue;
            var (entropy, dice) = PointMaskLoss.Paired(PointSampling.Sample(drawn.unsqueeze(1), places).squeeze(1), wanted);
            yield return ("loss_mask" + end, entropy.mean() * MaskWeight);
            yield return ("loss_dice" + end, dice.mean() * DiceWeight);
        }
    }

    private (int Image, int Query, int Truth)[] Few((int Image, int Query, int Truth)[] ofImage, int few)
    {
        if (ofImage.Length <= few) return ofImage;
        (chance ?? Random.Shared).Shuffle(ofImage);
        return ofImage[..few];
    }

    /// <summary>[N, h, w]: the masks of some queries.</summary>
    private Tensor Fine(QueryAnswers layer, IReadOnlyList<(int Image, int Query, int Truth)> pairs)
    {
        if (layer.Masks is { } drawn) return Taken(drawn, pairs);
        var images = tensor([.. pairs.Select(p => (long)p.Image)], device: layer.Classes.device);
        return draw(Taken(layer.Tokens!, pairs), layer.Coarse is { } coarse ? Taken(coarse, pairs).detach() : null, images);
    }

    /// <summary>[N, ...]: of [B, Q, ...] what belongs to some queries.</summary>
    private static Tensor Taken(Tensor of, IReadOnlyList<(int Image, int Query, int Truth)> pairs) =>
        of.flatten(0, 1).index_select(0, tensor([.. pairs.Select(p => p.Image * of.shape[1] + p.Query)], device: of.device));

    private IEnumerable<(int Query, int Truth)> Match(QueryAnswers layer, int image, InstanceTruth truth, Tensor masks)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var places = random(1, points.Count, 2).to(layer.Classes.device);
        if (truth.Count == 0) return [];
        var logits = PointSampling.Sample(layer.Guide[image].unsqueeze(0), places).squeeze(0);
        var targets = PointSampling.Sample(masks.unsqueeze(0), places).squeeze(0);
        var (ofClasses, entropy, dice) = Costs(layer.Classes[image], logits, tensor([.. truth.Labels.Select(l => (long)l)], device: logits.device), targets);
        var cost = ofClasses + entropy + dice;
        var (rows, columns) = LinearAssignment.Solve(TensorValues.Floats(cost), (int)cost.shape[0], (int)cost.shape[1]);
        return rows.Zip(columns);
    }

    private Tensor ClassLoss(Tensor logits, IReadOnlyList<(int Image, int Query, int Truth)> pairs, IReadOnlyList<InstanceTruth> truths)
    {
        using var scope = NewDisposeScope();
        long queries = logits.shape[1];
        var labels = new long[logits.shape[0] * queries];
        Array.Fill(labels, classes);
        foreach (var (image, query, truth) in pairs) labels[image * queries + query] = truths[image].Labels[truth];
        var weights = tensor([.. Enumerable.Repeat(1f, classes), NothingWeight], device: logits.device);
        // The mean by cross_entropy is over the weights of the labels.
        return F.cross_entropy(logits.flatten(0, 1), tensor(labels, device: logits.device), weights).MoveToOuterDisposeScope();
    }
}
