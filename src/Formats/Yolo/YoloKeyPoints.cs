namespace SemanticSam.Formats.Yolo;

/// <summary>
/// Whether the lines of a set are boxes with key points, which no data.yaml tells of: pairs, or with a third number that says how sure a point is, and behind
/// them perhaps a confidence and the number of a track, as Ultralytics writes predictions. All lines have as many points, these lie in their box and fill it,
/// and as outlines they would cross themselves: one line alone may be an outline.
/// </summary>
/// <param name="declared">Numbers of the key points that data.yaml does tell of; 0 for none.</param>
internal sealed class YoloKeyPoints(int declared)
{
    private const int BoxNumbers = 4, MostTail = 2;

    /// <summary>So many counts of points; a set with more has outlines.</summary>
    private const int MostCounts = 50;

    /// <summary>So many lines of a kind are looked at closely.</summary>
    private const int MostLooks = 200;

    /// <summary>So many lines are enough that need not cross themselves.</summary>
    private const int Several = 3;

    private readonly Dictionary<(int Of, int Points), Tally> _tallies = [];
    private readonly YoloTrackNumbers _declaredTails = new();
    private int _lines;
    private (int Of, int Points)? _best;

    /// <summary>Whether what alone stands behind the points is the number of a track, and not a confidence.</summary>
    public bool EndWithTracks => declared > 0 ? _declaredTails.AreTracks : _tallies.GetValueOrDefault(Best)?.Tails.AreTracks ?? false;

    public void Add(int file, double[] values)
    {
        if (values.Length == BoxNumbers + declared + 1) _declaredTails.Add(file, values[^1]);
        if (values.Length < BoxNumbers + 3) return;
        _lines++;
        foreach (int of in (int[])[2, 3])
        {
            if (YoloKeyPointLine.Of(values, of) is not { } line) continue;
            if (!_tallies.TryGetValue((of, line.Points), out var tally))
            {
                if (_tallies.Count == MostCounts) continue;
                _tallies.Add((of, line.Points), tally = new());
            }
            tally.Lines++;
            tally.Inside += line.Inside;
            if (line.Tail == 1) tally.Tails.Add(file, values[^1]);
            if (tally.Looks == MostLooks) continue;
            tally.Looks++;
            bool crosses = line.IsFilled && YoloKeyPointLine.CrossesItself(values);
            if (crosses) tally.Crossing++;
            if (crosses || line.IsApart) tally.Clear++;
        }
    }

    /// <summary>Where the key points of a line of so many numbers end; null where it has none.</summary>
    public int? End(int length) =>
        Best is { Of: > 0 } best && BoxNumbers + best.Of * best.Points is var end && length - end is >= 0 and <= MostTail ? end : null;

    /// <summary>The kind of points that the set has, of which most lie in their boxes; of none 0. Triples are far more usual.</summary>
    private (int Of, int Points) Best => _best ??= _tallies.Where(t => IsSure(t.Key.Of, t.Key.Points, t.Value))
        .OrderByDescending(t => Math.Round(t.Value.Inside / t.Value.Lines, 2)).ThenByDescending(t => t.Key.Of).Select(t => t.Key).FirstOrDefault();

    private bool IsSure(int of, int points, Tally tally)
    {
        if (tally.Lines * 10 < _lines * 9) return false;
        if (points == 1) return tally.Lines == _lines && (tally.Lines > 1 || tally.Clear > 0);
        // Pairs along a line, such as a hand's, need not cross; boxes whose size lies far from their points are none of their corners.
        return of == 3 ? tally.Crossing * 4 >= tally.Looks
            : tally.Crossing == tally.Looks || tally.Looks >= Several && tally.Clear * 2 >= tally.Looks;
    }

    /// <summary>Lines that may have one kind of points.</summary>
    private sealed class Tally
    {
        public int Lines, Looks, Crossing, Clear;
        public double Inside;

        public YoloTrackNumbers Tails { get; } = new();
    }
}
