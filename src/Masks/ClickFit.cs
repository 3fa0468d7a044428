namespace SemanticSam.Masks;

/// <summary>
/// How clicks lie in a mask that answers them, and what the mask is shaped like: people click well inside of what they mean, so that a mask at whose rim the
/// click lies is less likely meant.
/// </summary>
/// <param name="Centered">How far inside the click lies, of how far inside any cell lies, 0 to 1; 0 for a click outside.</param>
/// <param name="Depth">How far inside the click lies, over the root of the area.</param>
/// <param name="Thickness">How far inside any cell lies, over the root of the area.</param>
/// <param name="Offset">Distance of the click from the middle of the mask's box, over the root of the area; at most <see cref="MostOffset"/>.</param>
/// <param name="Filled">Share of the mask's box that it covers, 0 to 1.</param>
/// <param name="Borders">Borders of the image that it touches, 0 to 4.</param>
/// <param name="Aspect">Logarithm of the box's width over its height.</param>
internal readonly record struct ClickFit(float Centered, float Depth, float Thickness, float Offset, float Filled, float Borders, float Aspect)
{
    /// <summary>Numbers that <see cref="Write"/> gives.</summary>
    public const int Count = 7;

    /// <summary>What stands for clicks farther away, and for a mask that holds nothing.</summary>
    public const float MostOffset = 5;

    // A step to the side and one across, as the chamfer distance of Borgefors (1986) counts them.
    private const int Side = 3, Across = 4;

    /// <summary>Of clicks on a mask; means over the clicks where there are several. All but the offset is 0 for a mask that holds nothing.</summary>
    /// <param name="logits">[height * width]; above 0 is inside.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="valid">Rows and columns that the image reaches into.</param>
    /// <param name="clicks">At least one, in cells: (0.5, 0.5) is the middle of the first.</param>
    public static ClickFit Of(ReadOnlySpan<float> logits, int height, int width, PixelSize valid,
        IReadOnlyList<(float X, float Y)> clicks)
    {
        if (Box(logits, height, width) is not { } box) return new(0, 0, 0, MostOffset, 0, 0, 0);
        var grid = new Grid(logits, height, width, box);
        var distance = grid.Distances();
        int area = distance.Count(d => d > 0);
        if (area == 0) return new(0, 0, 0, MostOffset, 0, 0, 0);
        float most = distance.Max(), root = MathF.Sqrt(area) / grid.Fineness, depth = 0, offset = 0;
        foreach (var (x, y) in clicks)
        {
            depth += distance.ElementAtOrDefault(grid.At(x, y));
            offset += Math.Min(MostOffset, float.Hypot(x - (box.Left + box.Right) / 2f, y - (box.Top + box.Bottom) / 2f) / root);
        }
        depth /= clicks.Count;
        float unit = Side * grid.Fineness * root, across = box.Right - box.Left, down = box.Bottom - box.Top;
        int borders = (box.Left == 0 ? 1 : 0) + (box.Top == 0 ? 1 : 0) + (box.Right >= valid.Width ? 1 : 0) + (box.Bottom >= valid.Height ? 1 : 0);
        return new(depth / most, depth / unit, most / unit, offset / clicks.Count, root * root / (across * down), borders, MathF.Log(across / down));
    }

    /// <summary>The numbers that a judgment weighs.</summary>
    /// <param name="numbers">Takes <see cref="Count"/> of them.</param>
    public void Write(Span<double> numbers) => (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]) =
        (Centered, Depth, Thickness, Offset, Filled, Borders, Aspect);

    /// <summary>The cells that the mask lies in; null for none.</summary>
    private static (int Left, int Top, int Right, int Bottom)? Box(ReadOnlySpan<float> logits, int height, int width)
    {
        int left = width, top = height, right = 0, bottom = 0;
        for (int y = 0; y < height; y++)
        {
            var row = logits.Slice(y * width, width);
            for (int x = 0; x < width; x++)
                if (row[x] > 0) (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x + 1), y + 1);
        }
        return right == 0 ? null : (left, top, right, bottom);
    }

    /// <summary>The box of a mask, finer than its cells where there are few of them, with a rim of what is outside.</summary>
    private readonly ref struct Grid
    {
        private const int FewCells = 32, ManyCells = 64; // a side

        private readonly ReadOnlySpan<float> _logits;
        private readonly int _height, _width, _left, _top, _columns, _rows;

        public Grid(ReadOnlySpan<float> logits, int height, int width, (int Left, int Top, int Right, int Bottom) box)
        {
            _logits = logits;
            (_height, _width, _left, _top) = (height, width, box.Left, box.Top);
            int side = Math.Max(box.Right - box.Left, box.Bottom - box.Top);
            Fineness = side <= FewCells ? 4 : side <= ManyCells ? 2 : 1;
            (_columns, _rows) = ((box.Right - box.Left) * Fineness + 2, (box.Bottom - box.Top) * Fineness + 2);
        }

        /// <summary>Places a cell, a side.</summary>
        public int Fineness { get; }

        /// <summary>The place of a point in cells; -1 for one beyond the rim.</summary>
        public int At(float x, float y)
        {
            int column = (int)MathF.Floor((x - _left) * Fineness) + 1, row = (int)MathF.Floor((y - _top) * Fineness) + 1;
            return column >= 0 && column < _columns && row >= 0 && row < _rows ? row * _columns + column : -1;
        }

        /// <summary>Distances to the nearest place outside, in thirds of a place: once forth and once back.</summary>
        public int[] Distances()
        {
            var distance = new int[_columns * _rows];
            for (int row = 1; row < _rows - 1; row++)
                for (int column = 1; column < _columns - 1; column++)
                {
                    if (Logit(column, row) <= 0) continue;
                    int i = row * _columns + column, above = i - _columns;
                    distance[i] = Math.Min(Math.Min(distance[i - 1], distance[above]) + Side, Math.Min(distance[above - 1], distance[above + 1]) + Across);
                }
            for (int row = _rows - 2; row > 0; row--)
                for (int column = _columns - 2; column > 0; column--)
                {
                    int i = row * _columns + column, below = i + _columns;
                    if (distance[i] == 0) continue;
                    int back = Math.Min(Math.Min(distance[i + 1], distance[below]) + Side, Math.Min(distance[below - 1], distance[below + 1]) + Across);
                    distance[i] = Math.Min(distance[i], back);
                }
            return distance;
        }

        /// <summary>Between the four nearest cells, as masks are enlarged.</summary>
        private float Logit(int column, int row)
        {
            if (Fineness == 1) return _logits[(_top + row - 1) * _width + _left + column - 1];
            float x = Math.Clamp(_left + (column - 0.5f) / Fineness - 0.5f, 0, _width - 1);
            float y = Math.Clamp(_top + (row - 0.5f) / Fineness - 0.5f, 0, _height - 1);
            int left = (int)x, top = (int)y, right = Math.Min(left + 1, _width - 1), below = Math.Min(top + 1, _height - 1);
            float across = x - left, down = y - top;
            float first = _logits[top * _width + left] * (1 - across) + _logits[top * _width + right] * across;
            return first * (1 - down) + (_logits[below * _width + left] * (1 - across) + _logits[below * _width + right] * across) * down;
        }
    }
}
