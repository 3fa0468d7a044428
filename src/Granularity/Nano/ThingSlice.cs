namespace SemanticSam.Granularity.Nano;

/// <summary>
/// A slice across things: at each column of a mask what lies between two shares of the way from its top to its bottom, as an upper lip does in a mouth.
/// </summary>
/// <param name="From">Where it begins, 0 (top) to 1 (bottom).</param>
/// <param name="To">Where it ends, above <paramref name="From"/> and at most 1.</param>
internal readonly record struct ThingSlice(double From, double To)
{
    private const float Steepness = 4; // logits a cell across a cut

    /// <summary>The slice of a mask.</summary>
    /// <param name="logits">[height * width]: above 0 where the thing is.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    public float[] Of(float[] logits, int height, int width)
    {
        float[] sliced = [.. logits];
        for (int x = 0; x < width; x++)
        {
            var (top, bottom) = Extent(logits, height, width, x);
            double begin = From <= 0 ? double.NegativeInfinity : top + From * (bottom - top);
            double end = To >= 1 ? double.PositiveInfinity : top + To * (bottom - top);
            for (int y = 0; y < height; y++)
            {
                double inside = Math.Min(y - begin, end - y); // cells to the nearer cut
                sliced[y * width + x] = (float)Math.Min(logits[y * width + x], Steepness * inside);
            }
        }
        return sliced;
    }

    /// <summary>Where the mask of a column begins and ends, in cells from the first one's middle; the whole column where it has none.</summary>
    private static (double Top, double Bottom) Extent(float[] logits, int height, int width, int x)
    {
        int first = -1, last = -1;
        for (int y = 0; y < height; y++)
            if (logits[y * width + x] > 0) (first, last) = (first < 0 ? y : first, y);
        if (first < 0) return (-0.5, height - 0.5);
        return (first == 0 ? -0.5 : first - Share(first, first - 1), last == height - 1 ? height - 0.5 : last + Share(last, last + 1));

        // How far from a cell inside to one outside logits reach 0.
        double Share(int inside, int outside)
        {
            float a = logits[inside * width + x], b = logits[outside * width + x];
            return a / (a - b);
        }
    }
}
