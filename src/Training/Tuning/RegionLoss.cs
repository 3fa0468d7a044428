using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Masks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Training.Tuning;

/// <summary>Regions that are learned from: those that stand for a truth first.</summary>
/// <param name="Regions">All of them, image by image.</param>
/// <param name="Labels">Class of each; the number of classes for background.</param>
/// <param name="Objects">Those that stand for a truth, with the number of the truth in its image.</param>
internal sealed record SampledRegions(IReadOnlyList<Region> Regions, IReadOnlyList<int> Labels, IReadOnlyList<(int Index, int Truth)> Objects)
{
    /// <summary>Chooses regions of proposals; the truths themselves are among them.</summary>
    public static SampledRegions Of(IReadOnlyList<BoxF[]> proposals, IReadOnlyList<InstanceTruth> truths, int classes, MaxIouAssignment assignment,
        CandidateSampling sampling, Random random)
    {
        var regions = new List<Region>();
        var labels = new List<int>();
        var objects = new List<(int, int)>();
        for (int b = 0; b < truths.Count; b++)
        {
            BoxF[] candidates = [.. truths[b].Boxes, .. proposals[b]];
            // A truth stands for itself; the proposals are assigned as if it were not among them.
            int[] assigned = [.. Enumerable.Range(1, truths[b].Count), .. assignment.Assign(proposals[b], truths[b].Boxes).Truths];
            var (positives, negatives) = sampling.Draw(assigned, random);
            foreach (int i in positives)
            {
                objects.Add((regions.Count, assigned[i] - 1));
                regions.Add(new(b, candidates[i]));
                labels.Add(truths[b].Labels[assigned[i] - 1]);
            }
            foreach (int i in negatives)
            {
                regions.Add(new(b, candidates[i]));
                labels.Add(classes);
            }
        }
        return new(regions, labels, objects);
    }

    /// <summary>
    /// With fewer objects an image, as many of each truth as can be: the regions of one truth are nearly the same, and what draws their masks is dear.
    /// </summary>
    /// <param name="most">Objects of an image.</param>
    /// <param name="random">Chooses among those of a truth.</param>
    public SampledRegions Fewer(int most, Random random)
    {
        var kept = new List<(int Index, int Truth)>();
        foreach (var ofImage in Objects.GroupBy(o => Regions[o.Index].Image))
        {
            (int, int)[] all = [.. ofImage];
            if (all.Length <= most)
            {
                kept.AddRange(all);
                continue;
            }
            random.Shuffle(all);
            var inTurn = all.GroupBy(o => o.Item2).SelectMany(ofTruth => ofTruth.Select((o, turn) => (Object: o, turn))).OrderBy(o => o.turn);
            kept.AddRange(inTurn.Take(most).Select(o => o.Object).OrderBy(o => o.Item1));
        }
        return this with { Objects = kept };
    }
}

/// <summary>The losses of a box branch.</summary>
internal static class RegionLoss
{
    /// <summary>Cross-entropy over all regions, and smooth L1 of the boxes of those that stand for a truth over the number of all.</summary>
    /// <param name="logits">[R, classes + 1].</param>
    /// <param name="deltas">[R, 4 * classes].</param>
    /// <param name="sampled">The R regions.</param>
    /// <param name="truths">One an image.</param>
    public static (Tensor Classes, Tensor Boxes) Of(Tensor logits, Tensor deltas, SampledRegions sampled, IReadOnlyList<InstanceTruth> truths)
    {
        using var scope = NewDisposeScope();
        var labels = tensor([.. sampled.Labels.Select(l => (long)l)], device: logits.device);
        var classes = F.cross_entropy(logits, labels);
        if (sampled.Objects.Count == 0) return (classes.MoveToOuterDisposeScope(), (deltas.sum() * 0).MoveToOuterDisposeScope());
        long count = logits.shape[1] - 1;
        var own = deltas.view(-1, count, 4).flatten(0, 1) // the four numbers of each region's own class
            .index_select(0, tensor([.. sampled.Objects.Select(o => o.Index * count + sampled.Labels[o.Index])], device: deltas.device));
        var wanted = new float[4 * sampled.Objects.Count];
        for (int i = 0; i < sampled.Objects.Count; i++)
        {
            var (index, truth) = sampled.Objects[i];
            var region = sampled.Regions[index];
            (wanted[4 * i], wanted[4 * i + 1], wanted[4 * i + 2], wanted[4 * i + 3]) =
                BoxDeltas.OfRegions.Encode(region.Box, truths[region.Image].Boxes[truth]);
        }
        var boxes = F.smooth_l1_loss(own, tensor(wanted, [sampled.Objects.Count, 4], device: deltas.device),
            reduction: nn.Reduction.Sum) / sampled.Regions.Count;
        return (classes.MoveToOuterDisposeScope(), boxes.MoveToOuterDisposeScope());
    }

    /// <summary>Percent of regions whose largest logit is that of their class.</summary>
    public static double Accuracy(Tensor logits, SampledRegions sampled)
    {
        using var scope = NewDisposeScope();
        long[] best = logits.detach().argmax(1).cpu().data<long>().ToArray();
        return 100.0 * best.Zip(sampled.Labels).Count(p => p.First == p.Second) / Math.Max(1, best.Length);
    }
}
