using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Masks;
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
        // The masks of the truths go to the device, not one for each of the regions that stand for them.
        var masks = cat([.. truths.Select(t => t.Masks.to(logits.device))]);
        long[] firsts = [.. truths.Select((_, b) => truths.Take(b).Sum(t => (long)t.Count))];
        var targets = masks.index_select(0, tensor([.. sampled.Objects.Select(o => firsts[sampled.Regions[o.Index].Image] + o.Truth)], device: logits.device));
        var resized = F.interpolate(logits, [targets.shape[1], targets.shape[2]], mode: InterpolationMode.Bilinear, align_corners: false).squeeze(1);
        return F.binary_cross_entropy_with_logits(resized, targets.to(resized.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Masks of the whole image against those of the truth, but compared on a grid around each region's box alone: every region counts alike, however small,
    /// and
    /// what lies far from it is not asked for.
    /// </summary>
    /// <param name="logits">[P, 1, h, w] of the regions that stand for a truth.</param>
    /// <param name="sampled">The regions.</param>
    /// <param name="truths">One an image.</param>
    public static Tensor AroundBoxes(Tensor logits, SampledRegions sampled, IReadOnlyList<InstanceTruth> truths)
    {
        using var scope = NewDisposeScope();
        float side = truths[0].Masks.shape[2];
        BoxF[] boxes = [.. sampled.Objects.Select(o => PromptedMasks.Around(sampled.Regions[o.Index].Box, side))];
        var targets = TargetsOf(boxes, sampled, truths, RegionMaskHead.Side, logits.device);
        var steps = (arange(RegionMaskHead.Side, ScalarType.Float32, logits.device) + 0.5) / RegionMaskHead.Side;
        Tensor Places(Func<BoxF, (float From, float To)> axis) => // -1 to 1 over the image
            (tensor([.. boxes.Select(b => axis(b).From)], device: logits.device).unsqueeze(1)
                + tensor([.. boxes.Select(b => axis(b).To - axis(b).From)], device: logits.device).unsqueeze(1) * steps) / side * 2 - 1;
        long[] shape = [boxes.Length, RegionMaskHead.Side, RegionMaskHead.Side];
        var grid = stack([Places(b => (b.X1, b.X2)).unsqueeze(1).expand(shape), Places(b => (b.Y1, b.Y2)).unsqueeze(2).expand(shape)], -1);
        var there = F.grid_sample(logits, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Border, align_corners: false).squeeze(1);
        return F.binary_cross_entropy_with_logits(there, targets).MoveToOuterDisposeScope();
    }

    /// <summary>Masks inside of boxes against what the truth has there, on the channel of the truth's class.</summary>
    /// <param name="logits">[P, classes, 28, 28].</param>
    /// <param name="sampled">The regions.</param>
    /// <param name="truths">One an image.</param>
    public static Tensor OfBoxes(Tensor logits, SampledRegions sampled, IReadOnlyList<InstanceTruth> truths)
    {
        using var scope = NewDisposeScope();
        int side = (int)logits.shape[2];
        var targets = TargetsOf([.. sampled.Objects.Select(o => sampled.Regions[o.Index].Box)], sampled, truths, side, logits.device);
        var labels = tensor([.. sampled.Objects.Select(o => (long)sampled.Labels[o.Index])], device: logits.device).view(-1, 1, 1, 1);
        var own = logits.gather(1, labels.expand(-1, 1, side, side)).squeeze(1);
        return F.binary_cross_entropy_with_logits(own, targets).MoveToOuterDisposeScope();
    }

    /// <summary>[P, side, side]: what the truth of each object has in its box.</summary>
    private static Tensor TargetsOf(BoxF[] boxes, SampledRegions sampled, IReadOnlyList<InstanceTruth> truths, int side, Device device)
    {
        var places = new List<int>();
        var ofTruths = new List<Tensor>();
        foreach (var group in Enumerable.Range(0, boxes.Length).GroupBy(i => (sampled.Regions[sampled.Objects[i].Index].Image, sampled.Objects[i].Truth)))
        {
            places.AddRange(group);
            ofTruths.Add(Targets(truths[group.Key.Image].Masks[group.Key.Truth].to(device), [.. group.Select(i => boxes[i])], side));
        }
        var back = new long[places.Count];
        for (int i = 0; i < back.Length; i++) back[places[i]] = i;
        return cat(ofTruths).index_select(0, tensor(back, device: device));
    }

    /// <summary>[boxes, side, side]: where at least half of a bin is the truth's.</summary>
    /// <param name="mask">[h, w] of one truth.</param>
    /// <param name="boxes">Regions that stand for it.</param>
    /// <param name="side">Bins a side.</param>
    private static Tensor Targets(Tensor mask, BoxF[] boxes, int side)
    {
        using var scope = NewDisposeScope();
        Tensor Weights(Func<BoxF, (float From, float To)> axis, long length) =>
            stack(boxes.Select(b => from_array(RoiAlign.Axis(axis(b).From, axis(b).To, 1, side, (int)length)))).to(mask.device);
        var rows = Weights(b => (b.Y1, b.Y2), mask.shape[0]).flatten(0, 1); // [boxes * side, h]
        var columns = Weights(b => (b.X1, b.X2), mask.shape[1]); // [boxes, side, w]
        var share = rows.matmul(mask.to(ScalarType.Float32)).view(boxes.Length, side, -1).bmm(columns.transpose(1, 2));
        return (share >= 0.5).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
