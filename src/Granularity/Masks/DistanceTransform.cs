namespace SemanticSam.Masks;

/// <summary>
/// The approximate distance transform by convolutions that interactive evaluation uses to place a click (kornia 0.6.4 with a kernel of
/// 3 and h = 0.35; Pham and Pham, arXiv 2106.03503), in the reference's float32 order of operations, so that ties fall alike.
/// </summary>
/// <remarks>
/// In step i each pixel that touches the region done so far gets floor(3i/2) - h ln(s), where s sums exp(-d/h) over its done
/// neighbours at distance d; pixels beyond the border count as their nearest pixel inside. Only the 8 neighbours matter, so there are
/// 256 values, and only the rim is visited.
/// </remarks>
public static class DistanceTransform
{
    private const float H = 0.35f;
    private static readonly (int X, int Y)[] Neighbours = [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];
    private static readonly float[] StepOf = Steps();

    /// <summary>Approximate distance of every pixel to the nearest background pixel.</summary>
    /// <param name="foreground">Row-major [height, width]; 0 is background.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <returns>Row-major [height, width]; 0 on the background, and everywhere if there is none.</returns>
    /// <exception cref="ArgumentException"><paramref name="foreground"/> has another length than height x width.</exception>
    public static float[] Compute(ReadOnlySpan<byte> foreground, int height, int width)
    {
        if (foreground.Length != (long)height * width)
            throw new ArgumentException($"{foreground.Length} pixels given for {height} x {width}.", nameof(foreground));
        var distance = new float[foreground.Length];
        var done = new bool[foreground.Length];
        var queued = new bool[foreground.Length];
        for (int i = 0; i < done.Length; i++) done[i] = foreground[i] == 0;
        List<int> rim = [], next = [];
        for (int i = 0; i < done.Length; i++)
            if (done[i]) QueueNeighbours(i, rim);
        for (int step = 0; rim.Count > 0; step++)
        {
            foreach (int i in rim) distance[i] = 3 * step / 2 + StepOf[DoneAround(i)];
            foreach (int i in rim) done[i] = true;
            foreach (int i in rim) QueueNeighbours(i, next);
            (rim, next) = (next, rim);
            next.Clear();
        }
        return distance;

        void QueueNeighbours(int i, List<int> list)
        {
            int x = i % width, y = i / width;
            foreach (var (dx, dy) in Neighbours)
            {
                if ((uint)(x + dx) >= (uint)width || (uint)(y + dy) >= (uint)height) continue;
                int n = (y + dy) * width + x + dx;
                if (done[n] || queued[n]) continue;
                queued[n] = true;
                list.Add(n);
            }
        }

        int DoneAround(int i)
        {
            int x = i % width, y = i / width, pattern = 0;
            for (int k = 0; k < Neighbours.Length; k++)
            {
                int nx = Math.Clamp(x + Neighbours[k].X, 0, width - 1), ny = Math.Clamp(y + Neighbours[k].Y, 0, height - 1);
                if (done[ny * width + nx]) pattern |= 1 << k;
            }
            return pattern;
        }
    }

    /// <summary>
    /// The pixel farthest inside a mask, the first in row-major order among equals: the click of Semantic-SAM's interactive
    /// evaluation. Everything outside the picture is background.
    /// </summary>
    /// <exception cref="ArgumentException">The mask is empty.</exception>
    public static (int X, int Y) FindClick(Rle mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.IsEmpty) throw new ArgumentException("An empty mask has no inner pixel.", nameof(mask));
        // Background around the bounding box stands for all that lies outside it: distances inside do not change.
        var bounds = mask.Bounds;
        int height = bounds.Height + 2, width = bounds.Width + 2;
        float[] distance = Compute(mask.Crop(bounds).Paste(1, 1, height, width).ToBytes(), height, width);
        int best = 0;
        for (int i = 1; i < distance.Length; i++)
            if (distance[i] > distance[best]) best = i;
        return (best % width - 1 + bounds.Left, best / width - 1 + bounds.Top);
    }

    private static float[] Steps()
    {
        var steps = new float[256];
        for (int pattern = 1; pattern < 256; pattern++)
        {
            float sum = 0; // in the order of the kernel, in float32
            for (int k = 0; k < Neighbours.Length; k++)
                if ((pattern >> k & 1) != 0) sum += Weight(Neighbours[k]);
            steps[pattern] = -H * (float)Math.Log(sum);
        }
        return steps;
    }

    private static float Weight((int X, int Y) offset) => (float)Math.Exp(MathF.Sqrt(offset.X * offset.X + offset.Y * offset.Y) / -H);
}
