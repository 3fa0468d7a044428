using SemanticSam.Models;

namespace SemanticSam.Training.Samples;

/// <summary>Clicks inside masks, answered by every mask that contains them, and shaken boxes, answered by their own.</summary>
internal static class PromptSampler
{
    private const double WeakWeight = 0.6;
    private const float CentreNoise = 0.06f, SizeNoise = 0.1f, LeastBox = 0.001f;

    public static IReadOnlyList<TrainingPrompt> Draw(Random random, CanvasMasks masks, float[] boxes, SampleOptions options)
    {
        // Large masks are clicked more often, but far less than by their area.
        double[] weights = [.. Enumerable.Range(0, masks.Count).Select(m => Math.Pow(masks.Pixels(m).Length, 0.25) * (masks.Annotations[m].IsWeak ? WeakWeight : 1))];
        var prompts = new List<TrainingPrompt>(options.Clicks + options.Boxes);
        for (int k = 0; k < options.Clicks; k++) prompts.Add(Click(random, masks, WeightedChoice.Draw(random, weights), options.MasksOfClick));
        for (int k = 0; k < options.Boxes; k++) prompts.Add(Box(random, boxes, WeightedChoice.Draw(random, weights)));
        return prompts;
    }

    private static TrainingPrompt Click(Random random, CanvasMasks masks, int mask, int most)
    {
        int[] pixels = masks.Pixels(mask);
        int at = pixels[random.Next(pixels.Length)], size = masks.Size;
        int[] containing = [.. Enumerable.Range(0, masks.Count).Where(m => masks.Plane(m)[at] != 0)];
        if (containing.Length > most)
        {
            random.Shuffle(containing);
            containing = containing[..most];
        }
        return new(((at % size + 0.5f) / size, (at / size + 0.5f) / size, InteractiveInference.ClickSize, InteractiveInference.ClickSize), false, containing);
    }

    private static TrainingPrompt Box(Random random, float[] boxes, int mask)
    {
        var (x, y, w, h) = (boxes[4 * mask], boxes[4 * mask + 1], boxes[4 * mask + 2], boxes[4 * mask + 3]);
        return new((Shaken(x, CentreNoise * w), Shaken(y, CentreNoise * h), Shaken(w, SizeNoise * w), Shaken(h, SizeNoise * h)), true, [mask]);

        float Shaken(float value, float spread) => Math.Clamp(value + spread * (2 * random.NextSingle() - 1), LeastBox, 1);
    }
}
