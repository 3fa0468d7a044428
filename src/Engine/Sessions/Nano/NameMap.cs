using System.Runtime.CompilerServices;

namespace SemanticSam.Engine.Sessions.Nano;

/// <summary>The probabilities of a name at cells, with the connected pieces in which they are likely.</summary>
internal sealed class NameMap
{
    /// <summary>A cell belongs to a piece from this probability on.</summary>
    private const float Likely = 0.35f;

    private readonly float[] _values;
    private readonly int[] _piece; // of each cell, -1 where the name is unlikely
    private readonly double[] _mass; // of each piece

    /// <param name="values">[height * width], 0 to 1.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public NameMap(float[] values, int height, int width)
    {
        _values = values;
        _piece = new int[values.Length];
        Array.Fill(_piece, -1);
        var mass = new List<double>();
        var open = new Stack<int>();
        for (int start = 0; start < values.Length; start++)
        {
            if (_piece[start] >= 0 || values[start] < Likely) continue;
            double sum = 0;
            Take(start);
            while (open.TryPop(out int at))
            {
                sum += values[at];
                if (at % width > 0) Take(at - 1);
                if (at % width < width - 1) Take(at + 1);
                if (at >= width) Take(at - width);
                if (at + width < height * width) Take(at + width);
            }
            mass.Add(sum);

            void Take(int cell)
            {
                if (_piece[cell] >= 0 || values[cell] < Likely) return;
                _piece[cell] = mass.Count;
                open.Push(cell);
            }
        }
        _mass = [.. mass];
    }

    /// <summary>What it holds.</summary>
    public long Bytes => _values.LongLength * sizeof(float) + _piece.LongLength * sizeof(int) + _mass.LongLength * sizeof(double);

    /// <summary>How well a mask fits: the mean probability inside, and the share that it holds of the pieces that it lies in.</summary>
    /// <param name="inside">Cells of the mask.</param>
    /// <param name="pieceShare">A piece counts if at least this share of what the mask holds of the name lies in it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (double Precision, double Recall) Fit(ReadOnlySpan<int> inside, double pieceShare)
    {
        double sum = 0, held = 0;
        Span<double> ofPiece = _mass.Length <= 256 ? stackalloc double[_mass.Length] : new double[_mass.Length];
        ofPiece.Clear();
        foreach (int cell in inside)
        {
            sum += _values[cell];
            if (_piece[cell] < 0) continue;
            ofPiece[_piece[cell]] += _values[cell];
            held += _values[cell];
        }
        double mass = 0, kept = 0;
        for (int p = 0; p < _mass.Length; p++)
        {
            if (held == 0 || ofPiece[p] < pieceShare * held) continue;
            mass += _mass[p];
            kept += ofPiece[p];
        }
        return (sum / inside.Length, mass == 0 ? 0 : kept / mass);
    }
}
