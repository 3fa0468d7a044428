using static TorchSharp.torch;

namespace SemanticSam.Training.Losses;

/// <summary>How far boxes (cx, cy, w, h) are from each other, every one with every one; differentiable.</summary>
internal static class BoxDistance
{
    // Where the reference puts it: it bounds both quotients for boxes without area.
    private const double Epsilon = 1e-6;

    /// <summary>Intersection over union.</summary>
    /// <param name="a">[N, 4].</param>
    /// <param name="b">[M, 4].</param>
    /// <returns>[N, M].</returns>
    public static Tensor Iou(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        var (iou, _) = Overlap(Corners(a).unsqueeze(1), Corners(b).unsqueeze(0));
        return iou.MoveToOuterDisposeScope();
    }

    /// <summary>Generalized IoU (arXiv 1902.09630): minus the share of the hull that neither covers; -1..1.</summary>
    /// <param name="a">[N, 4].</param>
    /// <param name="b">[M, 4].</param>
    /// <returns>[N, M].</returns>
    public static Tensor GeneralizedIou(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return Generalized(Corners(a).unsqueeze(1), Corners(b).unsqueeze(0)).MoveToOuterDisposeScope();
    }

    /// <summary>Generalized IoU of each box with the one in the same row.</summary>
    /// <param name="a">[N, 4].</param>
    /// <param name="b">[N, 4].</param>
    /// <returns>[N].</returns>
    public static Tensor PairedGeneralizedIou(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return Generalized(Corners(a), Corners(b)).MoveToOuterDisposeScope();
    }

    /// <summary>Sum of the absolute differences of the four numbers.</summary>
    /// <param name="a">[N, 4].</param>
    /// <param name="b">[M, 4].</param>
    /// <returns>[N, M].</returns>
    public static Tensor L1(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return (a.unsqueeze(1) - b.unsqueeze(0)).abs().sum(-1).MoveToOuterDisposeScope();
    }

    private static Tensor Generalized(Tensor a, Tensor b)
    {
        var (iou, union) = Overlap(a, b);
        var low = minimum(a.narrow(-1, 0, 2), b.narrow(-1, 0, 2));
        var high = maximum(a.narrow(-1, 2, 2), b.narrow(-1, 2, 2));
        var hull = Area(low, high);
        return iou - (hull - union) / (hull + Epsilon);
    }

    private static (Tensor Iou, Tensor Union) Overlap(Tensor a, Tensor b)
    {
        Tensor aLow = a.narrow(-1, 0, 2), aHigh = a.narrow(-1, 2, 2), bLow = b.narrow(-1, 0, 2), bHigh = b.narrow(-1, 2, 2);
        var intersection = Area(maximum(aLow, bLow), minimum(aHigh, bHigh));
        var union = Area(aLow, aHigh) + Area(bLow, bHigh) - intersection;
        return (intersection / (union + Epsilon), union);
    }

    private static Tensor Area(Tensor low, Tensor high)
    {
        var size = (high - low).clamp_min(0);
        return size.select(-1, 0) * size.select(-1, 1);
    }

    private static Tensor Corners(Tensor boxes)
    {
        var center = boxes.narrow(-1, 0, 2);
        var half = boxes.narrow(-1, 2, 2) / 2;
        return cat([center - half, center + half], -1);
    }
}
