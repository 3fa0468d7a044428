namespace SemanticSam.Masks;

/// <content>Masks as sets of pixels: intersection, union, difference, IoU, cutting and placing.</content>
public sealed partial class Rle
{
    /// <summary>Number of pixels in both masks.</summary>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public int IntersectionArea(Rle other)
    {
        RequireSameSize(other);
        if (!Bounds.Overlaps(other.Bounds)) return 0;
        ReadOnlySpan<int> a = _counts, b = other._counts;
        int shared = 0, i = 0, j = 0, endA = a[0], endB = b[0], position = 0;
        while (true)
        {
            int end = Math.Min(endA, endB);
            if ((i & j & 1) == 1) shared += end - position;
            position = end;
            if (endA == end && ++i < a.Length) endA += a[i];
            if (endB == end && ++j < b.Length) endB += b[j];
            if (i >= a.Length || j >= b.Length) return shared;
        }
    }

    /// <summary>
    /// Intersection over union as COCO computes it: 0 when nothing is shared (two empty masks too). With
    /// <paramref name="otherIsCrowd"/> the other mask is a crowd region and the denominator is this mask's area alone.
    /// </summary>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public double IoU(Rle other, bool otherIsCrowd = false)
    {
        int shared = IntersectionArea(other);
        return shared == 0 ? 0 : (double)shared / (otherIsCrowd ? Area : (long)Area + other.Area - shared);
    }

    /// <summary>The pixels in both masks.</summary>
    public Rle Intersect(Rle other) => Combine(other, 0b1000);

    /// <summary>The pixels in either mask.</summary>
    public Rle Union(Rle other) => Combine(other, 0b1110);

    /// <summary>The pixels of this mask that are not in the other.</summary>
    public Rle Subtract(Rle other) => Combine(other, 0b0100);

    /// <summary>The pixels of the image that are not in this mask.</summary>
    public Rle Complement() => new(Height, Width, _counts[0] == 0 ? _counts[1..] : [0, .. _counts]);

    /// <summary>Union (or, with <paramref name="intersect"/>, intersection) of one or more masks of one size.</summary>
    /// <exception cref="ArgumentException">No mask, or sizes that differ.</exception>
    public static Rle Merge(IEnumerable<Rle> masks, bool intersect = false)
    {
        ArgumentNullException.ThrowIfNull(masks);
        // Two and two, and so on: one after the other would walk the runs of the first once for each mask.
        var merged = masks.ToArray();
        if (merged.Length == 0) throw new ArgumentException("There is no mask to merge.", nameof(masks));
        for (int left = merged.Length; left > 1; left = (left + 1) / 2)
            for (int i = 0; i < left; i += 2)
                merged[i / 2] = i + 1 == left ? merged[i] : intersect ? merged[i].Intersect(merged[i + 1]) : merged[i].Union(merged[i + 1]);
        return merged[0];
    }

    /// <summary>The part of the mask inside <paramref name="window"/>, as a mask of the window's size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The window is empty or not inside the image.</exception>
    public Rle Crop(BoxI window)
    {
        CheckWindow(window, Height, Width);
        if (window.IsEmpty) throw new ArgumentOutOfRangeException(nameof(window), window, "The window holds no pixel.");
        var toggles = new ToggleList(_counts.Length);
        foreach (var (x, top, bottom) in Segments)
        {
            if (x < window.Left) continue;
            if (x >= window.Right) break;
            int from = Math.Max(top, window.Top), to = Math.Min(bottom, window.Bottom);
            if (from >= to) continue;
            toggles.Add((x - window.Left) * window.Height + from - window.Top);
            toggles.Add((x - window.Left) * window.Height + to - window.Top);
        }
        return toggles.ToRle(window.Height, window.Width);
    }

    /// <summary>Places the mask with its corner at (left, top) of an empty image of height x width (SAM's <c>uncrop_masks</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The mask would not lie inside the image.</exception>
    public Rle Paste(int left, int top, int height, int width)
    {
        CheckWindow(new(left, top, left + Width, top + Height), height, width);
        var toggles = new ToggleList(_counts.Length);
        foreach (var (x, y, end) in Segments)
        {
            toggles.Add((x + left) * height + y + top);
            toggles.Add((x + left) * height + end + top);
        }
        return toggles.ToRle(height, width);
    }

    /// <summary>The foreground as vertical segments: column X, rows Top to Bottom - 1; column by column, top to bottom.</summary>
    internal SegmentEnumerable Segments => new(this);

    /// <summary>The mask as it is seen in an image of another size: each of its pixels is what lies at its middle here.</summary>
    internal Rle Sampled(int height, int width)
    {
        Pixels(height, width);
        var columns = new List<(int Top, int Bottom)>[Width];
        foreach (var (x, top, bottom) in Segments) (columns[x] ??= []).Add((top, bottom));
        var toggles = new ToggleList(_counts.Length);
        double down = (double)height / Height, across = (double)Width / width;
        for (int x = 0; x < width; x++)
            foreach (var (top, bottom) in columns[Math.Min((int)((x + 0.5) * across), Width - 1)] ?? [])
            {
                // Rows y whose middle (y + 0.5) / down lies between the ends.
                int from = (int)Math.Ceiling(top * down - 0.5), to = (int)Math.Ceiling(bottom * down - 0.5);
                if (from >= to) continue;
                toggles.Add(x * height + from);
                toggles.Add(x * height + to);
            }
        return toggles.ToRle(height, width);
    }

    /// <summary>Bit 2a + b of <paramref name="truthTable"/> is the result where this mask has value a and the other b.</summary>
    private Rle Combine(Rle other, int truthTable)
    {
        RequireSameSize(other);
        ReadOnlySpan<int> a = _counts, b = other._counts;
        var toggles = new ToggleList(a.Length + b.Length);
        int i = 0, j = 0, endA = a[0], endB = b[0], value = 0, position = 0;
        while (true)
        {
            int now = truthTable >> (((i & 1) << 1) | (j & 1)) & 1;
            if (now != value) toggles.Add(position);
            value = now;
            position = Math.Min(endA, endB);
            if (endA == position && ++i < a.Length) endA += a[i];
            if (endB == position && ++j < b.Length) endB += b[j];
            if (i >= a.Length || j >= b.Length) return toggles.ToRle(Height, Width);
        }
    }

    private void RequireSameSize(Rle other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Height != other.Height || Width != other.Width)
            throw new ArgumentException($"A mask of {Height} x {Width} and one of {other.Height} x {other.Width} are of different images.", nameof(other));
    }

    /// <summary>See <see cref="Segments"/>.</summary>
    internal readonly struct SegmentEnumerable(Rle mask)
    {
        /// <summary>For foreach.</summary>
        public SegmentEnumerator GetEnumerator() => new(mask);
    }

    /// <summary>See <see cref="Segments"/>.</summary>
    internal struct SegmentEnumerator
    {
        private readonly int[] _counts;
        private readonly int _height;
        private int _run, _position, _end;

        internal SegmentEnumerator(Rle mask)
        {
            _counts = mask._counts;
            _height = mask.Height;
            _run = -1;
        }

        /// <summary>The segment.</summary>
        public (int X, int Top, int Bottom) Current { get; private set; }

        /// <summary>On to the next segment.</summary>
        public bool MoveNext()
        {
            if (_position == _end) // the run is used up
            {
                _run += 2;
                if (_run >= _counts.Length) return false;
                _position = _end + _counts[_run - 1];
                _end = _position + _counts[_run];
            }
            int x = _position / _height, columnEnd = Math.Min((x + 1) * _height, _end);
            Current = (x, _position - x * _height, columnEnd - x * _height);
            _position = columnEnd;
            return true;
        }
    }
}
