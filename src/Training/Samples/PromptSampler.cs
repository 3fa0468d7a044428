using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Masks;

namespace SemanticSam.Training.Samples;

/// <summary>Clicks inside masks, answered by every mask that contains them, and shaken boxes, answered by their own.</summary>
internal static class PromptSampler
{
    private const double WeakWeight = 0.8;

    /// <summary>Power of the area by which masks are clicked: nearly evenly, since small parts are most of what people annotate.</summary>
    private const double AreaPower = 0.08;

    private const float CenterNoise = 0.06f, SizeNoise = 0.1f, LeastBox = 0.001f;

    public static IReadOnlyList<TrainingPrompt> Draw(Random random, CanvasMasks masks, float[] boxes, SampleOptions options)
    {
        double[] weights =
            [.. Enumerable.Range(0, masks.Count).Select(m => Math.Pow(masks.Pixels(m).Length, AreaPower) * (masks.Annotations[m].IsWeak ? WeakWeight : 1))];
        var prompts = new List<TrainingPrompt>(options.Clicks + options.Boxes);
        int[] order = WeightedChoice.Order(random, weights); // each mask once before any twice
        for (int k = 0; k < options.Clicks; k++) prompts.Add(Click(random, masks, order[k % order.Length], options));
        for (int k = 0; k < options.Boxes; k++) prompts.Add(Box(random, boxes, WeightedChoice.Draw(random, weights)));
        return prompts;
    }

    private static TrainingPrompt Click(Random random, CanvasMasks masks, int mask, SampleOptions options)
    {
        int size = masks.Size, at = random.NextDouble() < options.CenteredClicks ? Center(masks, mask)
            : masks.Pixels(mask)[random.Next(masks.Pixels(mask).Length)];
        int[] others = [.. Enumerable.Range(0, masks.Count).Where(m => m != mask && masks.Plane(m)[at] != 0)];
        if (others.Length >= options.MasksOfClick) random.Shuffle(others);
        int[] containing = [mask, .. others.Take(options.MasksOfClick - 1)];
        return new(((at % size + 0.5f) / size, (at / size + 0.5f) / size, InteractiveInference.ClickSize, InteractiveInference.ClickSize), false, containing);
    }

    /// <summary>The innermost pixel, where people click and evaluations do.</summary>
    private static int Center(CanvasMasks masks, int mask)
    {
        var (x, y) = DistanceTransform.FindClick(Rle.FromBytes(masks.Plane(mask), masks.Size, masks.Size));
        return y * masks.Size + x;
    }

    private static TrainingPrompt Box(Random random, float[] boxes, int mask)
    {
        var (x, y, w, h) = (boxes[4 * mask], boxes[4 * mask + 1], boxes[4 * mask + 2], boxes[4 * mask + 3]);
        return new((Shaken(x, CenterNoise * w), Shaken(y, CenterNoise * h), Shaken(w, SizeNoise * w), Shaken(h, SizeNoise * h)), true, [mask]);

        float Shaken(float value, float spread) => Math.Clamp(value + spread * (2 * random.NextSingle() - 1), LeastBox, 1);
    }
}
