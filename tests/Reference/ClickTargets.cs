using SemanticSam.Masks;
using SemanticSam.Training.Losses;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference;

/// <summary>Clicks drawn from the masks of an image, with all masks that answer each: the targets Semantic-SAM learns from SA-1B with.</summary>
/// <param name="Points">[clicks, 4]: (x, y, w, h) of a box of 6 pixels around the click, relative to the image.</param>
/// <param name="Origins">For each click the mask it was drawn from.</param>
/// <param name="Levels">For each click the masks that contain it, ascending; at most as many as there are tokens.</param>
internal sealed record ClickTargets(Tensor Points, IReadOnlyList<int> Origins, IReadOnlyList<IReadOnlyList<int>> Levels)
{
    private const float BoxPixels = 6;
    private const double NoiseScale = 0.4 * 0.01;

    /// <summary>Draws clicks: a permutation of the masks, repeated where there are fewer masks than clicks, and a pixel of each.</summary>
    /// <param name="masks">Row-major planes [H, W], none empty.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="clicks">How many (MAX_NUM_INSTANCE, 60).</param>
    /// <param name="tokens">Most masks a click.</param>
    /// <param name="random">Asked for the permutation, then once a click, then once for each click with too many masks.</param>
    /// <exception cref="ArgumentException">There is no mask, or an empty one.</exception>
    public static ClickTargets Draw(IReadOnlyList<byte[]> masks, int height, int width, int clicks, int tokens, RandomUniform random)
    {
        ArgumentNullException.ThrowIfNull(masks);
        if (masks.Count == 0) throw new ArgumentException("There is no mask to click on.", nameof(masks));
        using var scope = NewDisposeScope();
        int[] order = Order(random(masks.Count));
        int[] origins = [.. Enumerable.Range(0, clicks).Select(i => order[i % order.Length])];
        var points = new float[4 * clicks];
        var levels = new List<IReadOnlyList<int>>();
        var pixels = new int[clicks];
        for (int k = 0; k < clicks; k++)
        {
            int[] inside = [.. Enumerable.Range(0, height * width).Where(p => masks[origins[k]][p] != 0)];
            if (inside.Length == 0) throw new ArgumentException($"Mask {origins[k]} is empty.", nameof(masks));
            pixels[k] = inside[(int)(random(1).item<float>() * inside.Length)];
            points[4 * k] = pixels[k] % width / (float)width;
            points[4 * k + 1] = pixels[k] / width / (float)height;
            points[4 * k + 2] = BoxPixels / width;
            points[4 * k + 3] = BoxPixels / height;
        }
        for (int k = 0; k < clicks; k++)
        {
            int[] containing = [.. Enumerable.Range(0, masks.Count).Where(m => masks[m][pixels[k]] != 0)];
            if (containing.Length > tokens)
            {
                int[] shuffled = Order(random(containing.Length));
                containing = [.. shuffled.Take(tokens).Select(i => containing[i])];
            }
            levels.Add(containing);
        }
        return new(tensor(points, [clicks, 4]).MoveToOuterDisposeScope(), origins, levels);
    }

    /// <summary>The clicks as the decoder gets them in training: shaken by at most a fiftieth of the published 0.4 of a denoising box, cut to 0..1.</summary>
    /// <param name="random">Asked once, for [1, clicks, 4].</param>
    /// <returns>[1, clicks, 4].</returns>
    public Tensor Shaken(RandomUniform random)
    {
        using var scope = NewDisposeScope();
        var noise = random(1, Points.shape[0], 4) * 2 - 1;
        var size = Points.narrow(1, 2, 2);
        var reach = cat([size / 2, size], 1);
        return (Points + noise * reach * NoiseScale).clamp(0, 1).MoveToOuterDisposeScope();
    }

    /// <summary>Boxes (cx, cy, w, h) of masks relative to the image, borders at pixel edges; an empty mask has a box of zeros.</summary>
    /// <returns>[masks, 4].</returns>
    public static Tensor Boxes(IReadOnlyList<byte[]> masks, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(masks);
        var boxes = new float[4 * masks.Count];
        for (int m = 0; m < masks.Count; m++)
        {
            var bounds = Rle.FromBytes(masks[m], height, width).Bounds;
            boxes[4 * m] = (bounds.Left + bounds.Right) / 2f / width;
            boxes[4 * m + 1] = (bounds.Top + bounds.Bottom) / 2f / height;
            boxes[4 * m + 2] = (bounds.Right - bounds.Left) / (float)width;
            boxes[4 * m + 3] = (bounds.Bottom - bounds.Top) / (float)height;
        }
        return tensor(boxes, [masks.Count, 4]);
    }

    /// <summary>Indices by ascending value.</summary>
    private static int[] Order(Tensor values)
    {
        float[] keys = values.data<float>().ToArray();
        return [.. Enumerable.Range(0, keys.Length).OrderBy(i => keys[i])];
    }
}
