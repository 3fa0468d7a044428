using SemanticSam.Granularity.Nano;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>Everything mode in its plain form: a grid of clicks, answers that promise to be good, no two alike.</summary>
internal static class NanoEverything
{
    private const int Grid = 24, AtOnce = 96;
    private const double LeastQuality = 0.42, LeastStability = 0.6, MostOverlap = 0.7;

    /// <summary>Masks with their predicted IoU, the surest first.</summary>
    public static IReadOnlyList<(Rle Mask, float Quality)> Run(NanoPicture picture)
    {
        using var scope = NewDisposeScope();
        double width = picture.Answers.Width, height = picture.Answers.Height, step = Math.Max(width, height) / Grid;
        var places = new List<(float X, float Y)>();
        for (double y = step / 2; y < height; y += step)
            for (double x = step / 2; x < width; x += step) places.Add(((float)x, (float)y));
        var found = new List<(Rle Mask, float Quality)>();
        foreach (var chunk in places.Chunk(AtOnce))
        {
            using var inner = NewDisposeScope();
            var (coarse, quality, drawing) = picture.Answers.Look(NanoInference.Clicks([.. chunk.Select(p => p.X)], [.. chunk.Select(p => p.Y)]));
            Tensor stability = coarse.gt(1).to(ScalarType.Float32).sum([2, 3]) / coarse.gt(-1).to(ScalarType.Float32).sum([2, 3]).clamp_min(1);
            Tensor good = quality.gt(LeastQuality).logical_and(stability.gt(LeastStability)).nonzero(); // [M, 2]
            if (good.shape[0] == 0) continue;
            float[] scores = quality.masked_select(quality.gt(LeastQuality).logical_and(stability.gt(LeastStability))).cpu().contiguous().data<float>().ToArray();
            Tensor logits = picture.Enlarge(picture.Answers.Draw(drawing, good.select(1, 0), good.select(1, 1))).cpu();
            for (int i = 0; i < scores.Length; i++)
            {
                var mask = Rle.FromLogits(logits[i].contiguous().data<float>().ToArray(), (int)logits.shape[1], (int)logits.shape[2]);
                if (!mask.IsEmpty) found.Add((mask, scores[i]));
            }
        }
        var kept = new List<(Rle Mask, float Quality)>();
        foreach (var candidate in found.OrderByDescending(f => f.Quality))
            if (kept.All(k => k.Mask.IoU(candidate.Mask) < MostOverlap)) kept.Add(candidate);
        return kept;
    }
}
