namespace SemanticSam.Training.Losses;

/// <summary>
/// The rectangular linear sum assignment problem (Hungarian matching): pairs every row with a column of its own, or, with more rows
/// than columns, every column with a row, so that the sum of costs is least. Shortest augmenting paths, O(n^3): Jonker and Volgenant
/// 1987 in the rectangular form of D. F. Crouse, "On implementing 2D rectangular assignment algorithms", 2016.
/// </summary>
/// <remarks>
/// Deterministic. Among equal costs it decides as SciPy's <c>linear_sum_assignment</c> does: columns are examined from the last to the
/// first, of equally near ones the last examined free column is taken, so a constant matrix gives the identity.
/// </remarks>
internal static class LinearAssignment
{
    /// <summary>Solves for a row-major matrix [rows, columns].</summary>
    /// <returns>min(rows, columns) pairs, rows ascending.</returns>
    /// <exception cref="ArgumentException">The length is not rows x columns; a cost is NaN or negative infinity; or positive
    /// infinities (forbidden pairs) leave no complete assignment.</exception>
    public static (int[] Rows, int[] Columns) Solve(ReadOnlySpan<double> cost, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        if (cost.Length != (long)rows * columns) throw new ArgumentException($"{cost.Length} costs given for {rows} x {columns}.", nameof(cost));
        for (int i = 0; i < cost.Length; i++)
            if (double.IsNaN(cost[i]) || double.IsNegativeInfinity(cost[i]))
                throw new ArgumentException($"The cost of row {i / columns}, column {i % columns} is {cost[i]}.", nameof(cost));
        if (rows == 0 || columns == 0) return ([], []);
        if (rows <= columns) return ([.. Enumerable.Range(0, rows)], new Problem(cost.ToArray(), rows, columns).Solve());
        var transposed = new double[cost.Length];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++) transposed[c * rows + r] = cost[r * columns + c];
        int[] rowOfColumn = new Problem(transposed, columns, rows).Solve(), order = [.. Enumerable.Range(0, columns)];
        Array.Sort((int[])rowOfColumn.Clone(), order);
        Array.Sort(rowOfColumn);
        return (rowOfColumn, order);
    }

    /// <summary>Solves in double for float32 costs.</summary>
    /// <inheritdoc cref="Solve(ReadOnlySpan{double}, int, int)"/>
    public static (int[] Rows, int[] Columns) Solve(ReadOnlySpan<float> cost, int rows, int columns)
    {
        var wide = new double[cost.Length];
        for (int i = 0; i < wide.Length; i++) wide[i] = cost[i];
        return Solve(wide, rows, columns);
    }

    /// <summary>At least as many columns as rows.</summary>
    private sealed class Problem(double[] cost, int rows, int columns)
    {
        private readonly double[] _rowPrice = new double[rows], _columnPrice = new double[columns], _distance = new double[columns];
        private readonly int[] _columnOfRow = Filled(rows), _rowOfColumn = Filled(columns), _previousRow = Filled(columns), _open = new int[columns];
        private readonly bool[] _rowReached = new bool[rows], _columnReached = new bool[columns];

        public int[] Solve()
        {
            for (int row = 0; row < rows; row++)
            {
                var (sink, length) = ShortestPath(row);
                UpdatePrices(row, length);
                // Along the path every row gives up its column to the row before it.
                for (int column = sink; ;)
                {
                    int r = _previousRow[column];
                    _rowOfColumn[column] = r;
                    (_columnOfRow[r], column) = (column, _columnOfRow[r]);
                    if (r == row) break;
                }
            }
            return _columnOfRow;
        }

        /// <summary>Dijkstra over reduced costs from a free row to the nearest free column.</summary>
        private (int Sink, double Length) ShortestPath(int row)
        {
            Array.Clear(_rowReached);
            Array.Clear(_columnReached);
            Array.Fill(_distance, double.PositiveInfinity);
            for (int k = 0; k < columns; k++) _open[k] = columns - 1 - k;
            double length = 0;
            for (int openCount = columns; ;)
            {
                _rowReached[row] = true;
                int nearest = -1;
                double least = double.PositiveInfinity;
                for (int k = 0; k < openCount; k++)
                {
                    int column = _open[k];
                    double through = length + cost[row * columns + column] - _rowPrice[row] - _columnPrice[column];
                    if (through < _distance[column])
                    {
                        _previousRow[column] = row;
                        _distance[column] = through;
                    }
                    // Of equally near columns a free one ends the search.
                    if (_distance[column] < least || (_distance[column] == least && _rowOfColumn[column] < 0))
                    {
                        least = _distance[column];
                        nearest = k;
                    }
                }
                length = least;
                if (double.IsPositiveInfinity(length)) throw new ArgumentException("Infinite costs leave no complete assignment.", nameof(cost));
                int taken = _open[nearest];
                if (_rowOfColumn[taken] < 0)
                {
                    _columnReached[taken] = true;
                    return (taken, length);
                }
                row = _rowOfColumn[taken];
                _columnReached[taken] = true;
                _open[nearest] = _open[--openCount];
            }
        }

        private void UpdatePrices(int start, double length)
        {
            _rowPrice[start] += length;
            for (int r = 0; r < rows; r++)
                if (_rowReached[r] && r != start) _rowPrice[r] += length - _distance[_columnOfRow[r]];
            for (int c = 0; c < columns; c++)
                if (_columnReached[c]) _columnPrice[c] -= length - _distance[c];
        }

        private static int[] Filled(int length)
        {
            var array = new int[length];
            Array.Fill(array, -1);
            return array;
        }
    }
}
