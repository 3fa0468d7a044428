namespace SemanticSam.Training.Samples;

/// <summary>
/// The points of an image at which all its masks are compared: spread over the canvas, and for each mask in and around its box, inside
/// it, and near its edge, where masks differ.
/// </summary>
internal static class PointSampler
{
    private const float BoxStretch = 1.3f, BoxMargin = 0.02f, EdgeSpread = 2, Largest = 1 - 1e-4f;

    /// <returns>[points, 2]: (x, y) in 0..1.</returns>
    public static float[] Draw(Random random, CanvasMasks masks, float[] boxes, SampleOptions options)
    {
        var points = new List<float>(2 * (options.UniformPoints + masks.Count * (options.BoxPoints + options.InnerPoints + options.EdgePoints)));
        int size = masks.Size;
        for (int i = 0; i < options.UniformPoints; i++) Add(random.NextSingle(), random.NextSingle());
        for (int m = 0; m < masks.Count; m++)
        {
            for (int i = 0; i < options.BoxPoints; i++)
                Add(boxes[4 * m] + (random.NextSingle() - 0.5f) * (BoxStretch * boxes[4 * m + 2] + BoxMargin),
                    boxes[4 * m + 1] + (random.NextSingle() - 0.5f) * (BoxStretch * boxes[4 * m + 3] + BoxMargin));
            int[] pixels = masks.Pixels(m);
            for (int i = 0; i < options.InnerPoints; i++)
            {
                int at = pixels[random.Next(pixels.Length)];
                Add((at % size + 0.5f) / size, (at / size + 0.5f) / size);
            }
            int[] edge = Edge(masks.Plane(m), pixels, size);
            for (int i = 0; i < options.EdgePoints && edge.Length > 0; i++)
            {
                int at = edge[random.Next(edge.Length)];
                Add((at % size + 0.5f + EdgeSpread * Normal(random)) / size, (at / size + 0.5f + EdgeSpread * Normal(random)) / size);
            }
        }
        return points.Count <= 2 * options.MostPoints ? [.. points] : Thinned([.. points], options.UniformPoints, options.MostPoints, random);

        void Add(float x, float y)
        {
            points.Add(Math.Clamp(x, 0, Largest));
            points.Add(Math.Clamp(y, 0, Largest));
        }
    }

    /// <summary>The first <paramref name="kept"/> points and a random choice of the others, <paramref name="most"/> in all.</summary>
    private static float[] Thinned(float[] points, int kept, int most, Random random)
    {
        int[] others = [.. Enumerable.Range(kept, points.Length / 2 - kept)];
        random.Shuffle(others);
        return [.. points.AsSpan(0, 2 * kept), .. others.Take(most - kept).SelectMany(p => new[] { points[2 * p], points[2 * p + 1] })];
    }

    /// <returns>[masks, points]: what the masks are at the points.</returns>
    public static float[] Targets(CanvasMasks masks, float[] points)
    {
        int count = points.Length / 2, size = masks.Size;
        var targets = new float[masks.Count * count];
        for (int p = 0; p < count; p++)
        {
            int at = (int)(points[2 * p + 1] * size) * size + (int)(points[2 * p] * size);
            for (int m = 0; m < masks.Count; m++) targets[m * count + p] = masks.Plane(m)[at];
        }
        return targets;
    }

    /// <summary>Pixels of the mask that have a neighbor outside it.</summary>
    private static int[] Edge(byte[] plane, int[] pixels, int size) => [.. pixels.Where(p =>
        (p % size > 0 && plane[p - 1] == 0) || (p % size < size - 1 && plane[p + 1] == 0)
            || (p >= size && plane[p - size] == 0) || (p + size < plane.Length && plane[p + size] == 0))];

    private static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
