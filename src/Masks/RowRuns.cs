using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SemanticSam.Masks;

/// <summary>
/// Collects the run lengths of a mask row by row, from the bits of a window of the image. Runs go down columns; so each row is compared
/// with the one above, and only the few pixels that differ are sorted into their columns. Rows may be left out: they are background.
/// </summary>
internal ref struct RowRuns
{
    private readonly BoxI _window;
    private readonly int _height, _width;
    private readonly uint[] _above;
    private readonly int[] _columnEnd;
    private int[] _changes; // column and row of each change, row by row
    private int _count;
    private int _activeFrom, _activeTo; // words of the row above that may hold a bit
    private int _nextRow;

    /// <param name="window">Where in the image the rows lie.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    public RowRuns(BoxI window, int height, int width)
    {
        _window = window;
        _height = height;
        _width = width;
        int words = (window.Width + 31) / 32;
        _above = ArrayPool<uint>.Shared.Rent(words);
        _columnEnd = ArrayPool<int>.Shared.Rent(window.Width + 1);
        _changes = ArrayPool<int>.Shared.Rent(Math.Max(4096, 8 * window.Width));
        Array.Clear(_above, 0, words);
        Array.Clear(_columnEnd, 0, window.Width + 1);
    }

    /// <summary>One row of the window, of which only some words (32 columns each) may hold foreground.</summary>
    /// <param name="y">Row of the window, greater than that of the call before.</param>
    /// <param name="fromWord">Word in which <paramref name="values"/> begin.</param>
    /// <param name="values">Logits from column 32 * fromWord of the window on.</param>
    /// <param name="threshold">Values above are foreground.</param>
    public void Add(int y, int fromWord, ReadOnlySpan<float> values, float threshold)
    {
        CloseUntil(y);
        int toWord = fromWord + (values.Length + 31) / 32;
        for (int w = _activeFrom; w < Math.Min(_activeTo, fromWord); w++) Word(y, w, 0);
        for (int w = Math.Max(_activeFrom, toWord); w < _activeTo; w++) Word(y, w, 0);
        for (int w = fromWord; w < toWord; w++)
        {
            int at = 32 * (w - fromWord);
            Word(y, w, values.Length - at >= 32 ? Full(values.Slice(at, 32), threshold) : Tail(values[at..], threshold));
        }
        (_activeFrom, _activeTo, _nextRow) = (fromWord, toWord, y + 1);
    }

    /// <summary>One word of a row; within a row every word is given, and every row (for callers that have them all).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Word(int y, int word, uint bits)
    {
        uint changed = bits ^ _above[word];
        if (changed == 0) return;
        _above[word] = bits;
        Note(y, word, changed);
    }

    private void Note(int y, int word, uint changed)
    {
        if (_count + 64 > _changes.Length) Grow();
        for (; changed != 0; changed &= changed - 1)
        {
            int x = 32 * word + BitOperations.TrailingZeroCount(changed);
            _columnEnd[x + 1]++;
            _changes[_count++] = x;
            _changes[_count++] = y;
        }
    }

    /// <summary>The mask; nothing can be added after it.</summary>
    public Rle Finish()
    {
        CloseUntil(_nextRow + 1);
        return Collect();
    }

    /// <summary>The mask, when <see cref="Word"/> was given the row below the window as background.</summary>
    public Rle Collect()
    {
        int[] counts = SortIntoColumns();
        ArrayPool<uint>.Shared.Return(_above);
        ArrayPool<int>.Shared.Return(_columnEnd);
        ArrayPool<int>.Shared.Return(_changes);
        return Rle.FromCanonical(_height, _width, counts);
    }

    /// <summary>Reduces 32 values to bits, the first in bit 0.</summary>
    public static uint Full(ReadOnlySpan<float> values, float threshold)
    {
        var cut = Vector256.Create(threshold);
        return Vector256.GreaterThan(Vector256.Create(values), cut).ExtractMostSignificantBits()
            | Vector256.GreaterThan(Vector256.Create(values[8..]), cut).ExtractMostSignificantBits() << 8
            | Vector256.GreaterThan(Vector256.Create(values[16..]), cut).ExtractMostSignificantBits() << 16
            | Vector256.GreaterThan(Vector256.Create(values[24..]), cut).ExtractMostSignificantBits() << 24;
    }

    /// <summary>The same for fewer.</summary>
    public static uint Tail(ReadOnlySpan<float> values, float threshold)
    {
        uint bits = 0;
        for (int i = 0; i < values.Length; i++) bits |= values[i] > threshold ? 1u << i : 0;
        return bits;
    }

    /// <summary>A gap before row <paramref name="y"/> ends every open run.</summary>
    private void CloseUntil(int y)
    {
        if (y <= _nextRow) return;
        for (int w = _activeFrom; w < _activeTo; w++) Word(_nextRow, w, 0);
        (_activeFrom, _activeTo) = (0, 0);
    }

    /// <summary>Counting sort by column (rows are in order already), then run lengths.</summary>
    private readonly int[] SortIntoColumns()
    {
        Span<int> columnStart = _columnEnd.AsSpan(0, _window.Width + 1);
        for (int x = 1; x < columnStart.Length; x++) columnStart[x] += columnStart[x - 1];
        int n = _count / 2;
        int[] sorted = ArrayPool<int>.Shared.Rent(Math.Max(n, 1));
        var changes = _changes.AsSpan(0, _count);
        for (int i = 0; i < changes.Length; i += 2)
        {
            int x = changes[i];
            sorted[columnStart[x]++] = (x + _window.Left) * _height + changes[i + 1] + _window.Top;
        }
        var toggles = new ToggleList(n);
        foreach (int position in sorted.AsSpan(0, n)) toggles.Add(position);
        ArrayPool<int>.Shared.Return(sorted);
        return toggles.ToCounts(_height * _width);
    }

    private void Grow()
    {
        int[] larger = ArrayPool<int>.Shared.Rent(2 * _changes.Length);
        _changes.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<int>.Shared.Return(_changes);
        _changes = larger;
    }
}
