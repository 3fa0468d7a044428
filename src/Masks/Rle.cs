namespace SemanticSam.Masks;

/// <summary>
/// A binary mask kept as column-major run lengths, as COCO does: the pixels of column 0 from top to bottom, then column 1, ...;
/// counts alternate background, foreground, background, ... and start with background (0 if the first pixel is set).
/// Immutable and canonical: no interior count is zero and no trailing one, so equal masks have equal counts.
/// </summary>
/// <remarks>Format: <c>common/maskApi.c</c> of cocodataset/cocoapi. All sizes in pixels; x is the column, y the row.</remarks>
public sealed partial class Rle : IEquatable<Rle>
{
    private readonly int[] _counts;
    private object? _bounds; // a boxed BoxI, so that a reader on another thread never sees half of it
    private int _area = -1;

    /// <summary>Takes ownership of canonical counts.</summary>
    private Rle(int height, int width, int[] counts)
    {
        Height = height;
        Width = width;
        _counts = counts;
    }

    /// <summary>Rows of the image.</summary>
    public int Height { get; }

    /// <summary>Columns of the image.</summary>
    public int Width { get; }

    /// <summary>Run lengths, background first; they sum to Height x Width.</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>Number of foreground pixels.</summary>
    public int Area
    {
        get
        {
            if (_area >= 0) return _area;
            int area = 0;
            for (int i = 1; i < _counts.Length; i += 2) area += _counts[i];
            return _area = area;
        }
    }

    /// <summary>True when no pixel is set.</summary>
    public bool IsEmpty => _counts.Length == 1;

    /// <summary>The smallest rectangle of pixels that holds the foreground; all zero for an empty mask.</summary>
    public BoxI Bounds => (BoxI)(_bounds ??= FindBounds());

    /// <summary>COCO's <c>toBbox</c>: [x, y, width, height] with the true width and height; zeros for an empty mask.</summary>
    public (int X, int Y, int Width, int Height) BoxXywh => (Bounds.Left, Bounds.Top, Bounds.Width, Bounds.Height);

    /// <summary>
    /// SAM's <c>batched_mask_to_box</c>: [x_min, y_min, x_max, y_max] with inclusive maxima, so a mask one pixel wide has a box of
    /// zero area; zeros for an empty mask.
    /// </summary>
    public BoxF InclusiveBox => IsEmpty ? default : new(Bounds.Left, Bounds.Top, Bounds.Right - 1, Bounds.Bottom - 1);

    /// <summary>A mask without foreground.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side below 1, or more than 2^31 - 1 pixels.</exception>
    public static Rle Empty(int height, int width) => new(height, width, [Pixels(height, width)]);

    /// <summary>A mask that covers everything.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side below 1, or more than 2^31 - 1 pixels.</exception>
    public static Rle Full(int height, int width) => new(height, width, [0, Pixels(height, width)]);

    /// <summary>A mask whose foreground is one rectangle, cut to the image.</summary>
    public static Rle FromBox(int height, int width, BoxI box)
    {
        Pixels(height, width);
        box = box.Intersect(new(0, 0, width, height));
        var toggles = new ToggleList(2 * box.Width + 1);
        for (int x = box.Left; x < box.Right && box.Height > 0; x++)
        {
            toggles.Add(x * height + box.Top);
            toggles.Add(x * height + box.Bottom);
        }
        return toggles.ToRle(height, width);
    }

    /// <summary>Uncompressed run lengths, background first. Zero counts inside are allowed and merged away.</summary>
    /// <exception cref="FormatException">A negative count, or a sum other than height x width.</exception>
    public static Rle FromCounts(int height, int width, ReadOnlySpan<int> counts)
    {
        int pixels = Pixels(height, width);
        long sum = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] < 0) throw new FormatException($"Run length {i} is {counts[i]}; run lengths are not negative.");
            sum += counts[i];
            if (sum > pixels) break;
        }
        if (sum != pixels)
            throw new FormatException(
                $"Run lengths sum to {(sum > pixels ? "more than " : "")}{Math.Min(sum, pixels)}, but {height} x {width} is {pixels} pixels.");
        var toggles = new ToggleList(counts.Length);
        int position = 0;
        foreach (int count in counts[..^1]) toggles.Add(position += count);
        return toggles.ToRle(height, width);
    }

    /// <summary>A mask from the column-major positions at which it changes, ascending; two at one position cancel.</summary>
    internal static Rle FromChanges(int height, int width, IReadOnlyList<int> positions)
    {
        Pixels(height, width);
        var toggles = new ToggleList(positions.Count);
        foreach (int position in positions) toggles.Add(position);
        return toggles.ToRle(height, width);
    }

    /// <summary>True when the pixel in column <paramref name="x"/> and row <paramref name="y"/> is set; false outside the image.</summary>
    public bool Contains(int x, int y)
    {
        if ((uint)x >= (uint)Width || (uint)y >= (uint)Height) return false;
        int target = x * Height + y, end = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            end += _counts[i];
            if (target < end) return (i & 1) == 1;
        }
        return false;
    }

    /// <inheritdoc/>
    public bool Equals(Rle? other) => other is not null && Height == other.Height && Width == other.Width
        && _counts.AsSpan().SequenceEqual(other._counts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Rle);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Height);
        hash.Add(Width);
        hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_counts.AsSpan()));
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Height} x {Width} mask, {Area} pixels in {_counts.Length / 2} runs";

    /// <summary>Checks an image size and gives its number of pixels.</summary>
    private static int Pixels(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        long pixels = (long)height * width;
        return pixels <= int.MaxValue ? (int)pixels
            : throw new ArgumentOutOfRangeException(nameof(width), width, $"{height} x {width} is more than 2^31 - 1 pixels.");
    }

    private BoxI FindBounds()
    {
        if (IsEmpty) return default;
        int top = Height, bottom = 0, left = _counts[0] / Height, right = 0, position = 0;
        for (int i = 0; i + 1 < _counts.Length; i += 2)
        {
            int start = position + _counts[i], end = start + _counts[i + 1]; // the run is [start, end)
            position = end;
            int firstColumn = start / Height, lastColumn = (end - 1) / Height;
            right = lastColumn + 1;
            if (firstColumn < lastColumn) (top, bottom) = (0, Height); // it touches the bottom of one column and the top of the next
            else
            {
                top = Math.Min(top, start - firstColumn * Height);
                bottom = Math.Max(bottom, end - firstColumn * Height);
            }
        }
        return new(left, top, right, bottom);
    }
}
