using static TorchSharp.torch;

namespace SemanticSam.Training.Losses;

/// <summary>Dice loss with squared sums (V-Net, arXiv 1606.04797).</summary>
internal static class DiceLoss
{
    /// <summary>1 - (2 sum p t + above) / (sum p² + sum t² + below) of each row.</summary>
    /// <param name="logits">[R, N].</param>
    /// <param name="targets">[R, N], 0 or 1.</param>
    /// <param name="above">Added to the numerator.</param>
    /// <param name="below">Added to the denominator.</param>
    /// <returns>[R].</returns>
    public static Tensor Squared(Tensor logits, Tensor targets, double above, double below)
    {
        using var scope = NewDisposeScope();
        var p = logits.sigmoid();
        return (1 - (2 * (p * targets).sum(1) + above) / (p.square().sum(1) + targets.square().sum(1) + below)).MoveToOuterDisposeScope();
    }
}
