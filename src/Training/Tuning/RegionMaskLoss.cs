using SemanticSam.Granularity.RsPrompter;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Training.Tuning;

/// <summary>The losses of masks of regions.</summary>
internal static class RegionMaskLoss
{
    /// <summary>Masks of the whole image against those of the truth, mean binary cross-entropy over all pixels.</summary>
    /// <param name="logits">[P, 1, h, w] of the regions that stand for a truth.</param>
    /// <param name="sampled">The regions.</param>
    /// <param name="truths">One an image.</param>
    public static Tensor OfImages(Tensor logits, SampledRegions sampled, IReadOnlyList<InstanceTruth> truths)
    {
        using var scope = NewDisposeScope();
        var targets = stack(sampled.Objects.Select(o => truths[sampled.Regions[o.Index].Image].Masks[o.Truth])).to(logits.device);
        var resized = F.interpolate(logits, [targets.shape[1], targets.shape[2]], mode: InterpolationMode.Bilinear, align_corners: false).squeeze(1);
        return F.binary_cross_entropy_with_logits(resized, targets.to(resized.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>Masks inside of boxes against what the truth has there, on the channel of the truth's class.</summary>
    /// <param name="logits">[P, classes, 28, 28].</param>
    /// <param name="sampled">The regions.</param>
    /// <param name="truths">One an image.</param>
    public static Tensor OfBoxes(Tensor logits, SampledRegions sampled, IReadOnlyList<InstanceTruth> truths)
    {
        using var scope = NewDisposeScope();
        int side = (int)logits.shape[2];
        var targets = stack(sampled.Objects.Select(o =>
        {
            var region = sampled.Regions[o.Index];
            return Target(truths[region.Image].Masks[o.Truth], region, side);
        })).to(logits.device);
        var labels = tensor([.. sampled.Objects.Select(o => (long)sampled.Labels[o.Index])], device: logits.device).view(-1, 1, 1, 1);
        var own = logits.gather(1, labels.expand(-1, 1, side, side)).squeeze(1);
        return F.binary_cross_entropy_with_logits(own, targets).MoveToOuterDisposeScope();
    }

    /// <summary>[side, side]: where at least half of a bin is the truth's.</summary>
    private static Tensor Target(Tensor mask, Region region, int side)
    {
        var rows = Weights(region.Box.Y1, region.Box.Y2, side, (int)mask.shape[0]);
        var columns = Weights(region.Box.X1, region.Box.X2, side, (int)mask.shape[1]);
        var share = rows.matmul(mask.to(ScalarType.Float32).cpu()).matmul(columns.t());
        return (share >= 0.5).to(ScalarType.Float32);
    }

    private static Tensor Weights(float from, float to, int bins, int length)
    {
        float[,] axis = RoiAlign.Axis(from, to, 1, bins, length);
        return from_array(axis);
    }
}
