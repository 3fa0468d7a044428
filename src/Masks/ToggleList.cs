namespace SemanticSam.Masks;

/// <summary>
/// Column-major positions at which a mask changes its value, in ascending order. Two changes at the same position cancel, so
/// callers may end a run at the bottom of one column and start the next one at the top of the following column.
/// </summary>
internal struct ToggleList(int capacity)
{
    private int[] _positions = new int[Math.Max(capacity, 4)];
    private int _count;

    public void Add(int position)
    {
        if (_count > 0 && _positions[_count - 1] == position)
        {
            _count--;
            return;
        }
        if (_count == _positions.Length) Array.Resize(ref _positions, 2 * _count);
        _positions[_count++] = position;
    }

    /// <summary>The run lengths between the changes; a change at the very end says nothing and is dropped.</summary>
    public readonly int[] ToCounts(int pixels)
    {
        int n = _count > 0 && _positions[_count - 1] >= pixels ? _count - 1 : _count;
        var counts = new int[n + 1];
        int last = 0;
        for (int i = 0; i < n; i++)
        {
            counts[i] = _positions[i] - last;
            last = _positions[i];
        }
        counts[n] = pixels - last;
        return counts;
    }

    public readonly Rle ToRle(int height, int width) => Rle.FromCanonical(height, width, ToCounts(height * width));
}
