using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Masks;
using SemanticSam.Training.Losses;
using static TorchSharp.torch;

namespace SemanticSam.Training.Tuning;

/// <summary>Teaches <see cref="QuerySelection"/> where instances have their middles.</summary>
internal static class SelectionLoss
{
    /// <summary>Half axes of the ellipse that is the middle, in sides of the box, and in cells at least.</summary>
    private const double OfSide = 0.15, LeastCells = 0.8;

    /// <summary>Focal loss over all cells and classes, for one cell of a middle.</summary>
    /// <param name="logits">[B, classes, h, w], of cells that are as wide as high.</param>
    /// <param name="truths">One an image.</param>
    /// <param name="side">Pixels of the network's input along the width.</param>
    public static Tensor Of(Tensor logits, IReadOnlyList<InstanceTruth> truths, double side)
    {
        using var scope = NewDisposeScope();
        float[] targets = Middles(truths, (int)logits.shape[1], (int)logits.shape[2], (int)logits.shape[3], side / logits.shape[3]);
        int count = targets.Count(t => t > 0);
        return (FocalLoss.Of(logits, tensor(targets, logits.shape, device: logits.device)).sum() / Math.Max(1, count)).MoveToOuterDisposeScope();
    }

    /// <summary>[B, classes, h, w]: 1 at the cells of a middle; that of the smallest instance where they meet, whatever its class.</summary>
    private static float[] Middles(IReadOnlyList<InstanceTruth> truths, int classes, int height, int width, double cell)
    {
        var targets = new float[truths.Count * classes * height * width];
        for (int b = 0; b < truths.Count; b++)
        {
            var truth = truths[b];
            var owner = new int[height * width];
            Array.Fill(owner, -1);
            foreach (int i in Enumerable.Range(0, truth.Count).OrderByDescending(i => Area(truth.Boxes[i])))
            {
                var box = truth.Boxes[i];
                double x = (box.X1 + box.X2) / 2 / cell, y = (box.Y1 + box.Y2) / 2 / cell;
                double across = Math.Max(OfSide * (box.X2 - box.X1) / cell, LeastCells), down = Math.Max(OfSide * (box.Y2 - box.Y1) / cell, LeastCells);
                for (int row = Math.Max(0, (int)(y - down)); row <= Math.Min(height - 1, (int)(y + down)); row++)
                    for (int column = Math.Max(0, (int)(x - across)); column <= Math.Min(width - 1, (int)(x + across)); column++)
                        if (Math.Pow((column + 0.5 - x) / across, 2) + Math.Pow((row + 0.5 - y) / down, 2) <= 1) owner[row * width + column] = i;
            }
            for (int c = 0; c < owner.Length; c++)
                if (owner[c] >= 0) targets[(b * classes + truth.Labels[owner[c]]) * owner.Length + c] = 1;
        }
        return targets;
    }

    private static double Area(BoxF box) => (double)(box.X2 - box.X1) * (box.Y2 - box.Y1);
}
