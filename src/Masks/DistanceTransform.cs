namespace SemanticSam.Masks;

/// <summary>
/// The approximate distance transform by convolutions that interactive evaluation uses to place a click (kornia 0.6.4 with a kernel of
/// 3 and h = 0.35; Pham and Pham, arXiv 2106.03503), in the reference's float32 order of operations, so that ties fall alike.
/// </summary>
/// <remarks>
/// In step i each pixel that touches the region done so far gets floor(3i/2) - h ln(s), where s sums exp(-d/h) over its done
/// neighbors at distance d; pixels beyond the border count as their nearest pixel inside. Only the 8 neighbors matter, so there are
/// 256 values, and only the rim is visited.
/// </remarks>
internal static class DistanceTransform
{
    private const float H = 0.35f;
    private static readonly (int X, int Y)[] Neighbors = [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];
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
        var map = new Map(foreground, height, width);
        return map.Spread();
    }

    /// <summary>
    /// The pixel farthest inside a mask, the first in row-major order among equals: the click of Semantic-SAM's interactive
    /// evaluation. Everything outside the image is background.
    /// </summary>
    /// <exception cref="ArgumentException">The mask is empty.</exception>
    public static (int X, int Y) FindClick(Rle mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.IsEmpty) throw new ArgumentException("An empty mask has no inner pixel.", nameof(mask));
        var (x, y, _) = FindDeepest(mask);
        return (x, y);
    }

    /// <summary>The pixel of <see cref="FindClick"/> and how far inside it lies; a distance of 0 for an empty mask.</summary>
    public static (int X, int Y, float Distance) FindDeepest(Rle mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.IsEmpty) return default;
        // Background around the bounding box stands for all that lies outside it: distances inside do not change.
        var bounds = mask.Bounds;
        int height = bounds.Height + 2, width = bounds.Width + 2;
        float[] distance = Compute(mask.Crop(bounds).Paste(1, 1, height, width).ToBytes(), height, width);
        int best = 0;
        for (int i = 1; i < distance.Length; i++)
            if (distance[i] > distance[best]) best = i;
        return (best % width - 1 + bounds.Left, best / width - 1 + bounds.Top, distance[best]);
    }

    /// <summary>The pixels with a rim around them, which repeats the nearest pixel inside.</summary>
    private sealed class Map
    {
        private const byte Done = 1, Queued = 2, Rim = 4;

        private readonly int _height, _width, _stride;
        private readonly byte[] _state;
        private readonly int[] _offsets;

        public Map(ReadOnlySpan<byte> foreground, int height, int width)
        {
            (_height, _width, _stride) = (height, width, width + 2);
            _offsets = Array.ConvertAll(Neighbors, n => n.Y * _stride + n.X);
            _state = new byte[_stride * (height + 2)];
            Array.Fill(_state, Rim);
            for (int y = 0; y < height; y++) _state.AsSpan((y + 1) * _stride + 1, width).Clear();
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    if (foreground[y * width + x] == 0) Finish((y + 1) * _stride + x + 1);
        }

        /// <summary>Step by step from the background inwards.</summary>
        public float[] Spread()
        {
            var distance = new float[_height * _width];
            List<int> now = [], next = [];
            for (int i = _stride + 1; i < _state.Length - _stride - 1; i++)
                if (_state[i] == 0 && DoneAround(i) != 0)
                {
                    _state[i] = Queued;
                    now.Add(i);
                }
            for (int step = 0; now.Count > 0; step++)
            {
                foreach (int i in now)
                {
                    int y = i / _stride - 1, x = i - (y + 1) * _stride - 1;
                    distance[y * _width + x] = 3 * step / 2 + StepOf[DoneAround(i)];
                }
                foreach (int i in now) Finish(i);
                foreach (int i in now)
                {
                    foreach (int offset in _offsets)
                    {
                        if (_state[i + offset] != 0) continue;
                        _state[i + offset] = Queued;
                        next.Add(i + offset);
                    }
                }
                (now, next) = (next, now);
                next.Clear();
            }
            return distance;
        }

        private int DoneAround(int i)
        {
            int pattern = 0;
            for (int k = 0; k < _offsets.Length; k++) pattern |= (_state[i + _offsets[k]] & Done) << k;
            return pattern;
        }

        /// <summary>Marks a pixel, and what of the rim repeats it.</summary>
        private void Finish(int i)
        {
            _state[i] |= Done;
            bool atSide = ((_state[i - 1] | _state[i + 1] | _state[i - _stride] | _state[i + _stride]) & Rim) != 0;
            if (!atSide) return;
            int y = i / _stride - 1, x = i % _stride - 1;
            foreach (var (dx, dy) in Neighbors)
                if (Math.Clamp(x + dx, 0, _width - 1) == x && Math.Clamp(y + dy, 0, _height - 1) == y) _state[i + dy * _stride + dx] |= Done;
        }
    }

    private static float[] Steps()
    {
        var steps = new float[256];
        for (int pattern = 1; pattern < 256; pattern++)
        {
            float sum = 0; // in the order of the kernel, in float32
            for (int k = 0; k < Neighbors.Length; k++)
                if ((pattern >> k & 1) != 0) sum += Weight(Neighbors[k]);
            steps[pattern] = -H * (float)Math.Log(sum);
        }
        return steps;
    }

    private static float Weight((int X, int Y) offset) => (float)Math.Exp(MathF.Sqrt(offset.X * offset.X + offset.Y * offset.Y) / -H);
}
