using System.Runtime.CompilerServices;

namespace SemanticSam.Granularity.Nano;

/// <summary>The 4-connected pieces of a set of cells.</summary>
internal sealed class CellPieces
{
    private readonly int[] _cells; // piece by piece
    private readonly int[] _starts;

    /// <param name="inside">[height * width].</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public CellPieces(ReadOnlySpan<bool> inside, int height, int width)
    {
        Of = new int[height * width];
        Array.Fill(Of, -1);
        var cells = new List<int>();
        var starts = new List<int> { 0 };
        for (int start = 0; start < Of.Length; start++)
        {
            if (!inside[start] || Of[start] >= 0) continue;
            int next = cells.Count;
            Take(start, inside);
            for (; next < cells.Count; next++)
            {
                int at = cells[next];
                if (at % width > 0) Take(at - 1, inside);
                if (at % width < width - 1) Take(at + 1, inside);
                if (at >= width) Take(at - width, inside);
                if (at + width < Of.Length) Take(at + width, inside);
            }
            starts.Add(cells.Count);
        }
        (_cells, _starts) = ([.. cells], [.. starts]);

        void Take(int cell, ReadOnlySpan<bool> inside)
        {
            if (!inside[cell] || Of[cell] >= 0) return;
            Of[cell] = starts.Count - 1;
            cells.Add(cell);
        }
    }

    /// <summary>How many pieces there are.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>The piece of each cell, -1 outside.</summary>
    public int[] Of { get; }

    /// <summary>The cells of a piece.</summary>
    public ReadOnlySpan<int> Cells(int piece) => _cells.AsSpan(_starts[piece].._starts[piece + 1]);
}
