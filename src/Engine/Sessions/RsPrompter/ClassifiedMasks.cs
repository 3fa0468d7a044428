using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.RsPrompter;

/// <summary>SAM-cls: the masks of SAM's everything mode, and what a classifier says of them.</summary>
internal static class ClassifiedMasks
{
    /// <summary>Pairs of mask and class that are kept of an image.</summary>
    private const int MostPairs = 100;

    /// <summary>Crops that go through the classifier together.</summary>
    private const int AtOnce = 16;

    /// <summary>Everything mode as the released scripts run it.</summary>
    public static EverythingOptions Everything { get; } = new()
    {
        PointsPerSide = 32,
        PredictedIouThreshold = 0.5,
        StabilityThreshold = 0.6,
        NmsThreshold = 0.5,
        CropNmsThreshold = 0.6,
        MinRegionArea = 16,
    };

    /// <summary>The scripts' everything mode with what a caller may choose: the grid, and what goes through the decoder at a time.</summary>
    public static EverythingOptions With(EverythingOptions wanted) => Everything with
    {
        PointsPerSide = wanted.PointGrids is null ? wanted.PointsPerSide ?? Everything.PointsPerSide : null,
        PointGrids = wanted.PointGrids is { Count: > 0 } grids ? [grids[0]] : null,
        PointsPerBatch = wanted.PointsPerBatch,
        MaxMemory = wanted.MaxMemory,
    };

    /// <summary>The best pairs of mask and class as instances, the best first.</summary>
    /// <param name="classifier">In evaluation mode.</param>
    /// <param name="classes">Without the background.</param>
    /// <param name="image">The image.</param>
    /// <param name="masks">Of it.</param>
    /// <param name="device">Where the classifier computes.</param>
    public static List<PrompterInstance> Name(MaskClassifier classifier, int classes, RgbImage image, IEnumerable<Rle> masks, Device device)
    {
        using var still = no_grad();
        // Of a reduced image masks are seen as it is, and handed on as they are.
        (Rle Mask, Rle Seen, BoxI Window)[] all = [.. masks.Select(m => (Mask: m, Seen: image.IsReduced ? m.Sampled(image.Height, image.Width) : m))
            .Select(m => (m.Mask, m.Seen, Window: MaskCrops.WindowOf(m.Seen))).Where(m => m.Window is not null)
            .Select(m => (m.Mask, m.Seen, m.Window!.Value))];
        if (all.Length == 0) return [];
        var blurred = MaskCrops.Blurred(image);
        var pairs = new List<(float Score, int Mask, int Label)>();
        for (int from = 0; from < all.Length; from += AtOnce)
        {
            using var scope = NewDisposeScope();
            var together = all.AsSpan(from, Math.Min(AtOnce, all.Length - from)).ToArray();
            var crops = MaskClassifier.Input([.. together.Select(m => MaskCrops.Cut(image, blurred, m.Seen, m.Window))], device);
            float[] scores = TensorValues.Floats(MaskCrops.Scores(classifier.forward(crops), twice: false));
            for (int i = 0; i < scores.Length; i++) pairs.Add((scores[i], from + i / classes, i % classes));
        }
        return [.. pairs.OrderByDescending(p => p.Score).Take(MostPairs)
            .Select(p => new PrompterInstance(Box(all[p.Mask].Mask), p.Score, p.Label, all[p.Mask].Mask))];
    }

    private static BoxF Box(Rle mask) => new(mask.Bounds.Left, mask.Bounds.Top, mask.Bounds.Right, mask.Bounds.Bottom);
}
