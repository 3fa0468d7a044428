namespace SemanticSam.Formats.Png;

/// <summary>
/// The numbers of a mask's pixels in runs, which take little of what the pixels take; a list of names is understood from those of the whole set.
/// </summary>
internal sealed class MaskPlane
{
    private readonly ushort[] _values;
    private readonly int[] _ends; // of the runs, behind their last pixel

    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="pixels">[height, width].</param>
    /// <param name="isLossy">Whether the numbers are only near to those that were written.</param>
    public MaskPlane(int width, int height, ReadOnlySpan<ushort> pixels, bool isLossy)
    {
        (Width, Height, IsLossy) = (width, height, isLossy);
        var (values, ends) = (new List<ushort>(), new List<int>());
        for (int at = 0; at < pixels.Length; at = ends[^1])
        {
            int next = pixels[at..].IndexOfAnyExcept(pixels[at]);
            values.Add(pixels[at]);
            ends.Add(next < 0 ? pixels.Length : at + next);
        }
        (_values, _ends) = ([.. values], [.. ends]);
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Whether the numbers are only near to those that were written.</summary>
    public bool IsLossy { get; }

    /// <summary>The number of each run.</summary>
    public IReadOnlyList<ushort> Values => _values;

    /// <summary>What it takes.</summary>
    public long Bytes => (sizeof(ushort) + sizeof(int)) * (long)_values.Length;

    /// <summary>The numbers, [height, width].</summary>
    public ushort[] ToPixels()
    {
        var pixels = new ushort[Width * Height];
        for (int i = 0, at = 0; i < _values.Length; at = _ends[i++]) pixels.AsSpan(at, _ends[i] - at).Fill(_values[i]);
        return pixels;
    }
}
