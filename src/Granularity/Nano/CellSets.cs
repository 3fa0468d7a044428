using System.Numerics;

namespace SemanticSam.Granularity.Nano;

/// <summary>Sets of cells, a bit a cell.</summary>
/// <param name="count">How many sets there are; all are empty at first.</param>
/// <param name="cells">Cells that there are.</param>
internal class CellSets(int count, int cells)
{
    /// <summary>Bits of a word.</summary>
    protected const int BitsOfWord = 64;

    private readonly int _words = (cells + BitsOfWord - 1) / BitsOfWord;
    private readonly ulong[] _bits = new ulong[count * ((cells + BitsOfWord - 1) / BitsOfWord)];

    /// <summary>How many sets there are.</summary>
    public int Count => count;

    /// <summary>Cells that there are.</summary>
    public int Cells => cells;

    /// <summary>The cells of a set, the first in the lowest bit of the first word.</summary>
    public ReadOnlySpan<ulong> Bits(int set) => Words(set);

    /// <summary>Puts a cell into a set.</summary>
    public void Add(int set, int cell) => _bits[set * _words + cell / BitsOfWord] |= 1UL << cell % BitsOfWord;

    /// <summary>Cells of a set.</summary>
    public int Area(int set)
    {
        int area = 0;
        foreach (ulong word in Bits(set)) area += BitOperations.PopCount(word);
        return area;
    }

    /// <summary>Cells that a set shares with another, of these or of others over the same cells.</summary>
    public int Shared(int set, ReadOnlySpan<ulong> other)
    {
        var own = Bits(set);
        int shared = 0;
        for (int w = 0; w < own.Length; w++) shared += BitOperations.PopCount(own[w] & other[w]);
        return shared;
    }

    /// <summary>What two of the sets share, over what either has; 0 where both are empty.</summary>
    public float IoU(int one, int other)
    {
        int shared = Shared(one, Bits(other)), either = Area(one) + Area(other) - shared;
        return either == 0 ? 0 : (float)shared / either;
    }

    /// <summary>The sum of a value over the cells of a set.</summary>
    public double Sum(int set, ReadOnlySpan<float> values)
    {
        var own = Bits(set);
        double sum = 0;
        for (int w = 0; w < own.Length; w++)
            for (ulong left = own[w]; left != 0; left &= left - 1) sum += values[w * BitsOfWord + BitOperations.TrailingZeroCount(left)];
        return sum;
    }

    /// <summary>The words of a set.</summary>
    protected Span<ulong> Words(int set) => _bits.AsSpan(set * _words, _words);
}
