using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>
/// Which hole is tied to which place of which outline. A hole is tied to the outline straight above its top left pixel. That outline reaches higher up than
/// the hole does, so ties never form a ring; and they run over the mask, so that a consumer which draws outlines draws nothing new.
/// </summary>
internal sealed class HoleTies
{
    private readonly Dictionary<(int Outline, int Side), List<(int At, int Hole, OutlinePlace Top)>> _bySide = [];

    /// <param name="contours">All outlines of a mask.</param>
    public HoleTies(IReadOnlyList<Contour> contours)
    {
        var tops = new List<(int Hole, OutlinePlace Place, int X, int Y)>();
        for (int i = 0; i < contours.Count; i++)
            if (contours[i].IsHole) tops.Add(Top(contours[i], i));
        if (tops.Count == 0) return;
        var columns = tops.Select(t => t.X).Distinct().ToDictionary(x => x, _ => new List<(int Y, int Outline, int Side, int At)>());
        Fill(columns, contours);
        foreach (var (hole, place, x, y) in tops)
        {
            var column = columns[x];
            int at = column.BinarySearch((y, int.MinValue, 0, 0));
            var (_, outline, side, step) = column[(at < 0 ? ~at : at) - 1]; // the nearest above
            if (!_bySide.TryGetValue((outline, side), out var list)) _bySide[(outline, side)] = list = [];
            list.Add((step, hole, place));
        }
        foreach (var list in _bySide.Values) list.Sort((a, b) => (a.At, a.Hole).CompareTo((b.At, b.Hole)));
    }

    /// <summary>Of each hole the outline above it, which may be another hole's.</summary>
    public IEnumerable<(int Hole, int Outline)> Parents => _bySide.SelectMany(s => s.Value.Select(t => (t.Hole, s.Key.Outline)));

    /// <summary>The holes tied to a place, each with the place where its bridge arrives: the upper side of its top left pixel.</summary>
    public ReadOnlySpan<(int At, int Hole, OutlinePlace Top)> At(int outline, OutlinePlace place)
    {
        if (!_bySide.TryGetValue((outline, place.Side), out var list)) return [];
        int from = From(list, place.At), to = from;
        while (to < list.Count && list[to].At == place.At) to++;
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(list)[from..to];
    }

    /// <summary>The next step of a side behind one to which a hole is tied; null where there is none.</summary>
    public int? Behind(int outline, OutlinePlace place) =>
        _bySide.TryGetValue((outline, place.Side), out var list) && From(list, place.At + 1) is var next && next < list.Count ? list[next].At : null;

    /// <summary>The first of a list that is not before a step.</summary>
    private static int From(List<(int At, int Hole, OutlinePlace Top)> list, int at)
    {
        int low = 0, high = list.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (list[middle].At < at) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>The upper side of a hole's top left pixel, which is walked leftwards under the mask: the last step of its side.</summary>
    private static (int, OutlinePlace, int X, int Y) Top(Contour hole, int index)
    {
        int best = -1, left = 0, top = 0;
        for (int side = 0; side < hole.Points.Count; side++)
        {
            var (from, to) = ContourSides.Ends(hole, side);
            if (to.X < from.X && (best < 0 || (to.Y, to.X).CompareTo((top, left)) < 0)) (best, left, top) = (side, to.X, to.Y);
        }
        return (index, new(best, ContourSides.Length(hole, best) - 1), left, top);
    }

    /// <summary>The steps to the right, mask below them, in the columns that holes ask for, from top to bottom.</summary>
    private static void Fill(Dictionary<int, List<(int Y, int Outline, int Side, int At)>> columns, IReadOnlyList<Contour> contours)
    {
        int[] asked = [.. columns.Keys.Order()];
        for (int i = 0; i < contours.Count; i++)
            for (int side = 0; side < contours[i].Points.Count; side++)
            {
                var (from, to) = ContourSides.Ends(contours[i], side);
                if (to.X <= from.X) continue;
                int at = Array.BinarySearch(asked, from.X);
                for (at = at < 0 ? ~at : at; at < asked.Length && asked[at] < to.X; at++) columns[asked[at]].Add((from.Y, i, side, asked[at] - from.X));
            }
        foreach (var column in columns.Values) column.Sort();
    }
}
