using static TorchSharp.torch;

namespace SemanticSam.Training.Losses;

/// <summary>Sigmoid focal loss (arXiv 1708.02002): cross-entropy in which what is already right counts little.</summary>
internal static class FocalLoss
{
    private const double CostEpsilon = 1e-6;

    /// <summary>The loss of every logit.</summary>
    /// <param name="logits">Any shape.</param>
    /// <param name="targets">Same shape, 0..1.</param>
    /// <param name="alpha">Weight of targets 1; targets 0 weigh 1 - alpha.</param>
    /// <returns>The shape of the logits.</returns>
    public static Tensor Of(Tensor logits, Tensor targets, double alpha = 0.25)
    {
        using var scope = NewDisposeScope();
        var probability = logits.sigmoid();
        var entropy = nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction: nn.Reduction.None);
        var missed = probability + targets - 2 * probability * targets; // 1 - p of what is true
        var weight = targets * (2 * alpha - 1) + (1 - alpha);
        return (weight * missed * missed * entropy).MoveToOuterDisposeScope();
    }

    /// <summary>What it costs to answer targets with queries: the loss of a one minus the loss of a zero, mean over a target's names.</summary>
    /// <param name="logits">[Q, names].</param>
    /// <param name="labels">[targets, names]: 1 for the names a target carries, at least one.</param>
    /// <returns>[Q, targets].</returns>
    public static Tensor Cost(Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var p = logits.sigmoid();
        var gain = (1 - p).square() * (p + CostEpsilon).log() * -0.25 + p.square() * (1 - p + CostEpsilon).log() * 0.75;
        return (gain.matmul(labels.transpose(0, 1)) / labels.sum(1)).MoveToOuterDisposeScope();
    }
}
