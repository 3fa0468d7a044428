using System.Runtime.CompilerServices;

namespace SemanticSam.Granularity.Nano;

/// <summary>Where an image looks like a name: the map's pieces that are more than scraps, and where to click to find the things in them.</summary>
internal sealed class NameRegion
{
    /// <summary>Clicks at most.</summary>
    public const int MostClicks = 16;

    /// <summary>Smaller pieces are scraps.</summary>
    public const int LeastCells = 6;

    private const double LeastMass = 0.03; // of the heaviest piece's
    private const double Spacing = 3, ClicksAcross = 5;

    private readonly int _width;

    /// <param name="logits">[height * width]: logits of the name at the cells.</param>
    /// <param name="threshold">From this logit on a cell belongs to the name.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    public NameRegion(float[] logits, float threshold, int height, int width)
    {
        (Logits, _width) = (logits, width);
        Likely = Array.ConvertAll(logits, x => 1 / (1 + Math.Exp(-x)));
        var inside = Array.ConvertAll(logits, v => v > threshold);
        var all = new CellPieces(inside, height, width);
        double[] mass = [.. Enumerable.Range(0, all.Count).Select(p => Sum(all.Cells(p)))];
        double least = all.Count == 0 ? 0 : LeastMass * mass.Max();
        bool dropped = false;
        for (int p = 0; p < all.Count; p++)
        {
            if (all.Cells(p).Length >= LeastCells && mass[p] >= least || all.Count == 1) continue;
            dropped = true;
            foreach (int cell in all.Cells(p)) inside[cell] = false;
        }
        Pieces = dropped ? new CellPieces(inside, height, width) : all;
    }

    /// <summary>Logits of the name at the cells.</summary>
    public float[] Logits { get; }

    /// <summary>The same as probabilities.</summary>
    public double[] Likely { get; }

    /// <summary>Where the name is likely.</summary>
    public CellPieces Pieces { get; }

    /// <summary>The mean probability inside a mask, 0 for an empty one.</summary>
    /// <param name="mask">Logits at the cells.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float Sureness(ReadOnlySpan<float> mask)
    {
        double sum = 0;
        int inside = 0;
        for (int i = 0; i < mask.Length; i++)
            if (mask[i] > 0) (sum, inside) = (sum + Likely[i], inside + 1);
        return inside == 0 ? 0 : (float)(sum / inside);
    }

    /// <summary>The largest probability in any piece: no mask of the name can be surer.</summary>
    public float MostSure()
    {
        double most = 0;
        for (int p = 0; p < Pieces.Count; p++)
            foreach (int cell in Pieces.Cells(p)) most = Math.Max(most, Likely[cell]);
        return (float)most;
    }

    /// <summary>Cells to click: in each piece first the surest cell, then each as far as can be from those before it, sure cells first.</summary>
    public int[] Clicks()
    {
        var chosen = new List<(int Cell, double Worth)>();
        for (int p = 0; p < Pieces.Count; p++) Spread(Pieces.Cells(p), chosen);
        return [.. chosen.OrderByDescending(c => c.Worth).Take(MostClicks).Select(c => c.Cell)];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Spread(ReadOnlySpan<int> cells, List<(int Cell, double Worth)> chosen)
    {
        var (columns, rows, far) = (new int[cells.Length], new int[cells.Length], new int[cells.Length]); // far: squared distance from the nearest click
        for (int i = 0; i < cells.Length; i++) (rows[i], columns[i], far[i]) = (cells[i] / _width, cells[i] % _width, int.MaxValue);
        double spacing = Math.Max(Spacing, Math.Sqrt(cells.Length) / ClicksAcross), worth = double.MaxValue;
        int next = 0;
        for (int i = 1; i < cells.Length; i++)
            if (Logits[cells[i]] > Logits[cells[next]]) next = i;
        for (int n = 0; next >= 0 && n < MostClicks; n++)
        {
            chosen.Add((cells[next], worth));
            int x = columns[next], y = rows[next];
            (next, worth) = (-1, spacing);
            for (int i = 0; i < cells.Length; i++)
            {
                int dx = columns[i] - x, dy = rows[i] - y;
                far[i] = Math.Min(far[i], dx * dx + dy * dy);
                double here = Math.Sqrt(far[i]) * Likely[cells[i]];
                if (here > worth) (next, worth) = (i, here);
            }
        }
    }

    private double Sum(ReadOnlySpan<int> cells)
    {
        double sum = 0;
        foreach (int cell in cells) sum += Likely[cell];
        return sum;
    }
}
