using SemanticSam.Granularity.RsPrompter;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Training.Tuning;

/// <summary>The losses of a region proposal network.</summary>
internal static class RpnLoss
{
    /// <summary>Losses of each level; their sums are what is trained.</summary>
    /// <param name="levels">Logits [B, A, h, w] and deltas [B, 4 A, h, w].</param>
    /// <param name="truths">One an image.</param>
    /// <param name="anchors">Of these levels.</param>
    /// <param name="sampling">How many anchors are learned from.</param>
    /// <param name="random">Chooses them.</param>
    /// <returns>[levels] each.</returns>
    public static (Tensor Classes, Tensor Boxes) Of(IReadOnlyList<(Tensor Logits, Tensor Deltas)> levels, IReadOnlyList<InstanceTruth> truths,
        AnchorGrid anchors, CandidateSampling sampling, Random random)
    {
        using var scope = NewDisposeScope();
        // Assigned on all cores, then drawn one after another, so that it does not matter which image is ready first.
        var images = truths.AsParallel().AsOrdered().Select(truth => MaxIouAssignment.OfAnchors.Assign(anchors.Boxes, truth.Boxes, anchors.Around).Truths).ToArray()
            .Select(assigned =>
            {
                var (positives, negatives) = sampling.Draw(assigned, random);
                return (Assigned: assigned, Positives: positives, Negatives: negatives);
            }).ToArray();
        double count = Math.Max(1, images.Sum(i => i.Positives.Length + i.Negatives.Length));
        Tensor[] classes = new Tensor[levels.Count], boxes = new Tensor[levels.Count];
        for (int l = 0; l < levels.Count; l++)
        {
            int start = anchors.Starts[l], end = anchors.Starts[l + 1];
            var chosen = new Chosen(levels[l], end - start);
            for (int b = 0; b < images.Length; b++)
            {
                foreach (int i in images[b].Negatives.Where(Here)) chosen.AddBackground(b, i - start);
                foreach (int i in images[b].Positives.Where(Here))
                    chosen.AddObject(b, i - start, BoxDeltas.OfAnchors.Encode(anchors.Boxes[i], truths[b].Boxes[images[b].Assigned[i] - 1]));
            }
            (classes[l], boxes[l]) = (chosen.ClassLoss() / count, chosen.BoxLoss() / count);

            bool Here(int i) => i >= start && i < end;
        }
        return (stack(classes).MoveToOuterDisposeScope(), stack(boxes).MoveToOuterDisposeScope());
    }

    /// <summary>The anchors of a level that are learned from.</summary>
    private sealed class Chosen((Tensor Logits, Tensor Deltas) level, int anchors)
    {
        private readonly List<long> _places = [], _objects = [];
        private readonly List<float> _targets = [], _moves = [];

        public void AddBackground(int image, int anchor) => Add(image, anchor, 0);

        public void AddObject(int image, int anchor, (float X, float Y, float Width, float Height) move)
        {
            Add(image, anchor, 1);
            _objects.Add(_places[^1]);
            _moves.AddRange([move.X, move.Y, move.Width, move.Height]);
        }

        public Tensor ClassLoss()
        {
            var logits = level.Logits.permute(0, 2, 3, 1).reshape(-1);
            if (_places.Count == 0) return logits.sum() * 0;
            return F.binary_cross_entropy_with_logits(Taken(logits, _places), tensor([.. _targets], device: logits.device), reduction: nn.Reduction.Sum);
        }

        public Tensor BoxLoss()
        {
            long perCell = level.Logits.shape[1];
            var (batch, height, width) = (level.Deltas.shape[0], level.Deltas.shape[2], level.Deltas.shape[3]);
            var deltas = level.Deltas.permute(0, 2, 3, 1).reshape(batch * height * width * perCell, 4);
            if (_objects.Count == 0) return deltas.sum() * 0;
            return F.smooth_l1_loss(Taken(deltas, _objects), tensor(_moves.ToArray(), [_objects.Count, 4], device: deltas.device), reduction: nn.Reduction.Sum);
        }

        private void Add(int image, int anchor, float target)
        {
            _places.Add((long)image * anchors + anchor);
            _targets.Add(target);
        }

        private static Tensor Taken(Tensor of, List<long> places) => of.index_select(0, tensor(places.ToArray(), device: of.device));
    }
}
