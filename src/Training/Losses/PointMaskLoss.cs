using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Training.Losses;

/// <summary>Masks against masks at common points: cross-entropy and Dice (V-Net, arXiv 1606.04797).</summary>
internal static class PointMaskLoss
{
    /// <summary>Both losses of each row.</summary>
    /// <param name="logits">[R, points].</param>
    /// <param name="targets">[R, points], 0 or 1.</param>
    /// <returns>Mean cross-entropy [R] and Dice loss [R].</returns>
    public static (Tensor CrossEntropy, Tensor Dice) Paired(Tensor logits, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var entropy = F.binary_cross_entropy_with_logits(logits, targets, reduction: nn.Reduction.None).mean([1]);
        var p = logits.sigmoid();
        var dice = 1 - (2 * (p * targets).sum(1) + 1) / (p.sum(1) + targets.sum(1) + 1);
        return (entropy.MoveToOuterDisposeScope(), dice.MoveToOuterDisposeScope());
    }

    /// <summary>Both losses of every query with every target.</summary>
    /// <param name="logits">[Q, points].</param>
    /// <param name="targets">[T, points], 0 or 1.</param>
    /// <returns>Mean cross-entropy [Q, T] and Dice loss [Q, T].</returns>
    public static (Tensor CrossEntropy, Tensor Dice) Pairwise(Tensor logits, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var ones = targets.transpose(0, 1); // [points, T]
        var entropy = (F.softplus(-logits).matmul(ones) + F.softplus(logits).matmul(1 - ones)) / logits.shape[1];
        var p = logits.sigmoid();
        var dice = 1 - (2 * p.matmul(ones) + 1) / (p.sum(1).unsqueeze(1) + targets.sum(1).unsqueeze(0) + 1);
        return (entropy.MoveToOuterDisposeScope(), dice.MoveToOuterDisposeScope());
    }
}
