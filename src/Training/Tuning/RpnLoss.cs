using SemanticSam.Granularity.RsPrompter;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Training.Tuning;

/// <summary>The losses of a region proposal network.</summary>
internal static class RpnLoss
{
    /// <summary>Losses of each level; their sums are what is trained.</summary>
    /// <param name="head">Sees the maps.</param>
    /// <param name="maps">[B, C, h, w] of each level.</param>
    /// <param name="truths">One an image.</param>
    /// <param name="anchors">Of these levels.</param>
    /// <param name="sampling">How many anchors are learned from.</param>
    /// <param name="random">Chooses them.</param>
    /// <returns>[levels] each.</returns>
    public static (Tensor Classes, Tensor Boxes) Of(RpnHead head, IReadOnlyList<Tensor> maps, IReadOnlyList<InstanceTruth> truths, AnchorGrid anchors,
        CandidateSampling sampling, Random random)
    {
        using var scope = NewDisposeScope();
        // Assigned on all cores, then drawn one after another, so that it does not matter which image is ready first.
        var images = truths.AsParallel().AsOrdered().Select(truth => MaxIouAssignment.OfAnchors.Assign(anchors.Boxes, truth.Boxes, anchors.Around).Truths)
            .ToArray()
            .Select(assigned =>
            {
                var (positives, negatives) = sampling.Draw(assigned, random);
                return (Assigned: assigned, Positives: positives, Negatives: negatives);
            }).ToArray();
        double count = Math.Max(1, images.Sum(i => i.Positives.Length + i.Negatives.Length));
        Tensor[] classes = new Tensor[maps.Count], boxes = new Tensor[maps.Count];
        for (int l = 0; l < maps.Count; l++)
        {
            int start = anchors.Starts[l], end = anchors.Starts[l + 1];
            var chosen = new Chosen(end - start);
            for (int b = 0; b < images.Length; b++)
            {
                foreach (int i in images[b].Negatives.Where(Here)) chosen.AddBackground(b, i - start);
                foreach (int i in images[b].Positives.Where(Here))
                    chosen.AddObject(b, i - start, BoxDeltas.OfAnchors.Encode(anchors.Boxes[i], truths[b].Boxes[images[b].Assigned[i] - 1]));
            }
            var (ofClasses, ofBoxes) = chosen.Losses(head, maps[l], (end - start) / (int)(maps[l].shape[2] * maps[l].shape[3]));
            (classes[l], boxes[l]) = (ofClasses / count, ofBoxes / count);

            bool Here(int i) => i >= start && i < end;
        }
        return (stack(classes).MoveToOuterDisposeScope(), stack(boxes).MoveToOuterDisposeScope());
    }

    /// <summary>The anchors of a level that are learned from.</summary>
    private sealed class Chosen(int anchors)
    {
        private readonly List<long> _places = [];
        private readonly List<int> _objects = [];
        private readonly List<float> _targets = [], _moves = [];

        public void AddBackground(int image, int anchor) => Add(image, anchor, 0);

        public void AddObject(int image, int anchor, (float X, float Y, float Width, float Height) move)
        {
            _objects.Add(_places.Count);
            Add(image, anchor, 1);
            _moves.AddRange([move.X, move.Y, move.Width, move.Height]);
        }

        /// <summary>Sums over the anchors: of all, and of those on an object.</summary>
        public (Tensor Classes, Tensor Boxes) Losses(RpnHead head, Tensor map, int perCell)
        {
            if (_places.Count == 0) return (zeros([], device: map.device), zeros([], device: map.device));
            long[] cells = [.. _places.Select(p => p / perCell).Distinct()];
            var rows = cells.Select((cell, i) => (cell, i)).ToDictionary(p => p.cell, p => p.i);
            var (logits, deltas) = head.OfCells(map, cells);
            long[] taken = [.. _places.Select(p => rows[p / perCell] * (long)perCell + p % perCell)];
            var classes = F.binary_cross_entropy_with_logits(logits.reshape(-1).index_select(0, tensor(taken, device: map.device)),
                tensor([.. _targets], device: map.device), reduction: nn.Reduction.Sum);
            // A gradient of nothing, and not none: with none a resumed run would skip a step of the moments that an uninterrupted one takes.
            if (_objects.Count == 0) return (classes, deltas.sum() * 0);
            var own = deltas.reshape(-1, 4).index_select(0, tensor([.. _objects.Select(o => taken[o])], device: map.device));
            return (classes, F.smooth_l1_loss(own, tensor(_moves.ToArray(), [_objects.Count, 4], device: map.device), reduction: nn.Reduction.Sum));
        }

        private void Add(int image, int anchor, float target)
        {
            _places.Add((long)image * anchors + anchor);
            _targets.Add(target);
        }
    }
}
