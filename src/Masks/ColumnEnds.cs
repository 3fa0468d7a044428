namespace SemanticSam.Masks;

/// <summary>
/// Where the foreground begins and ends in each column of a mask: an even one is where it begins, the side of a pixel that an outline walks to the right,
/// the odd one after it where it ends, a side that is walked to the left. Between two such sides an outline goes straight on, or up or down along one line
/// between two columns.
/// </summary>
internal sealed class ColumnEnds
{
    private readonly int[] _rows, _columns;

    /// <summary>Of each column of the mask's bounds the first; one more than columns.</summary>
    private readonly int[] _firsts;

    private readonly int _left;

    private ColumnEnds(int[] rows, int[] columns, int[] firsts, int left) => (_rows, _columns, _firsts, _left) = (rows, columns, firsts, left);

    /// <summary>Of a mask with foreground.</summary>
    public static ColumnEnds Of(Rle mask)
    {
        int left = mask.Bounds.Left, count = 0;
        foreach (var _ in mask.Segments) count += 2;
        int[] rows = new int[count], columns = new int[count], firsts = new int[mask.Bounds.Width + 1];
        int end = 0, begun = 0;
        foreach (var (column, top, bottom) in mask.Segments)
        {
            while (begun <= column - left) firsts[begun++] = end;
            (rows[end], rows[end + 1]) = (top, bottom);
            columns[end] = columns[end + 1] = column;
            end += 2;
        }
        while (begun < firsts.Length) firsts[begun++] = end;
        return new(rows, columns, firsts, left);
    }

    /// <summary>The corner where an outline comes to a side.</summary>
    public (int X, int Y) Before(int end) => (_columns[end] + (end & 1), _rows[end]);

    /// <summary>The corner where it leaves it.</summary>
    public (int X, int Y) After(int end) => (_columns[end] + 1 - (end & 1), _rows[end]);

    /// <summary>For each side the one that follows on its outline. Where two pixels touch by a corner, both ways turn left there, which joins them.</summary>
    public int[] Linked()
    {
        int[] next = new int[_rows.Length];
        for (int line = 0; line < _firsts.Length; line++)
        {
            int l = _firsts[Math.Max(0, line - 1)], lefts = _firsts[line], r = lefts, rights = _firsts[Math.Min(line + 1, _firsts.Length - 1)];
            bool inLeft = false, inRight = false;
            int down = -1, up = -1; // who goes down the line since the corner above, and who goes on there after coming up
            while (l < lefts || r < rights)
            {
                int left = l < lefts ? _rows[l] : int.MaxValue, right = r < rights ? _rows[r] : int.MaxValue;
                bool isLeft = left <= right, isRight = right <= left, along = inLeft != inRight;
                if (!isRight) Meet(l, arrives: !inLeft, along);
                else if (!isLeft) Meet(r, arrives: inRight, along);
                else if (!along) next[inLeft ? r : l] = inLeft ? l : r; // straight on
                else
                {
                    // Four pixels, two of them set, one diagonal: left of the line, then right of it, or the other way round.
                    var (first, second) = inLeft ? (r, l) : (l, r);
                    Meet(first, arrives: !inLeft, along: true);
                    Meet(second, arrives: !inLeft, along: false);
                }
                if (isLeft) (inLeft, l) = (!inLeft, l + 1);
                if (isRight) (inRight, r) = (!inRight, r + 1);
            }

            void Meet(int end, bool arrives, bool along)
            {
                if (arrives && along) next[end] = up;
                else if (arrives) down = end;
                else if (along) next[down] = end;
                else up = end;
            }
        }
        return next;
    }

    /// <summary>Where a line between two columns has foreground on one side of it alone: line, first row, and the row below the last.</summary>
    public void ForEachUpright(Action<int, int, int> take)
    {
        for (int line = 0; line < _firsts.Length; line++)
        {
            int l = _firsts[Math.Max(0, line - 1)], lefts = _firsts[line], r = lefts, rights = _firsts[Math.Min(line + 1, _firsts.Length - 1)], from = -1;
            while (l < lefts || r < rights)
            {
                int left = l < lefts ? _rows[l] : int.MaxValue, right = r < rights ? _rows[r] : int.MaxValue, row = Math.Min(left, right);
                if (left == row) l++;
                if (right == row) r++;
                if (left == right) continue; // both change: as alike or unlike as above
                if (from < 0) from = row;
                else
                {
                    take(_left + line, from, row);
                    from = -1;
                }
            }
        }
    }
}
