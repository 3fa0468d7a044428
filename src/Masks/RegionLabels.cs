namespace SemanticSam.Masks;

/// <summary>
/// The 8-connected regions of a mask: its vertical segments, joined where those of neighboring columns touch (union-find).
/// Regions are numbered in raster order of 2 x 2 blocks; a block holds pixels of one region only, so this is an order.
/// </summary>
internal sealed class RegionLabels
{
    private readonly Rle _mask;
    private readonly List<(int X, int Top, int Bottom)> _segments = [];
    private readonly int[] _parents, _labels;

    public RegionLabels(Rle mask)
    {
        _mask = mask;
        foreach (var segment in mask.Segments) _segments.Add(segment);
        _parents = new int[_segments.Count];
        for (int i = 0; i < _parents.Length; i++) _parents[i] = i;
        JoinColumns();
        (_labels, Areas) = Number();
    }

    /// <summary>Pixels of each region.</summary>
    public int[] Areas { get; }

    public int Count => Areas.Length;

    /// <summary>The mask of the regions that satisfy a condition.</summary>
    public Rle Select(Func<int, bool> wanted)
    {
        bool[] take = [.. Enumerable.Range(0, Count).Select(wanted)];
        var toggles = new ToggleList(2 * _segments.Count);
        for (int i = 0; i < _segments.Count; i++)
            if (take[_labels[i]]) AddTo(ref toggles, _segments[i]);
        return toggles.ToRle(_mask.Height, _mask.Width);
    }

    /// <summary>Each region as a mask.</summary>
    public Rle[] Split()
    {
        var toggles = new ToggleList[Count];
        for (int r = 0; r < Count; r++) toggles[r] = new(8);
        for (int i = 0; i < _segments.Count; i++) AddTo(ref toggles[_labels[i]], _segments[i]);
        return Array.ConvertAll(toggles, t => t.ToRle(_mask.Height, _mask.Width));
    }

    private void AddTo(ref ToggleList toggles, (int X, int Top, int Bottom) s)
    {
        toggles.Add(s.X * _mask.Height + s.Top);
        toggles.Add(s.X * _mask.Height + s.Bottom);
    }

    private void JoinColumns()
    {
        int left = 0; // first segment that can still touch the current one
        for (int i = 1; i < _segments.Count; i++)
        {
            var s = _segments[i];
            while (left < i && (_segments[left].X < s.X - 1 || (_segments[left].X == s.X - 1 && _segments[left].Bottom < s.Top))) left++;
            for (int k = left; k < i && _segments[k].X == s.X - 1 && _segments[k].Top <= s.Bottom; k++) Join(k, i);
        }
    }

    private (int[] Labels, int[] Areas) Number()
    {
        int blockColumns = (_mask.Width + 1) / 2;
        var first = new Dictionary<int, long>(); // root -> its first 2 x 2 block
        for (int i = 0; i < _segments.Count; i++)
        {
            int root = Find(i);
            long block = (long)(_segments[i].Top / 2) * blockColumns + _segments[i].X / 2;
            first[root] = first.TryGetValue(root, out long known) ? Math.Min(known, block) : block;
        }
        var labelOfRoot = first.OrderBy(p => p.Value).Select((p, label) => (p.Key, label)).ToDictionary(p => p.Key, p => p.label);
        var labels = new int[_segments.Count];
        var areas = new int[labelOfRoot.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = labelOfRoot[Find(i)];
            areas[labels[i]] += _segments[i].Bottom - _segments[i].Top;
        }
        return (labels, areas);
    }

    private int Find(int i)
    {
        while (_parents[i] != i) i = _parents[i] = _parents[_parents[i]];
        return i;
    }

    private void Join(int a, int b)
    {
        (a, b) = (Find(a), Find(b));
        _parents[Math.Max(a, b)] = Math.Min(a, b);
    }
}
