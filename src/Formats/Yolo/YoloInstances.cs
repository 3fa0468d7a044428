namespace SemanticSam.Formats.Yolo;

/// <summary>
/// Numbers of instances behind the classes, "class instance x1 y1 ...". Those above 2 are no shares of a side; whether a 0 or 1 is a corner's is told by the
/// whole set, in which all lines begin with one or none does.
/// </summary>
internal sealed class YoloInstances
{
    private readonly HashSet<(string, double)> _ofFile = [];
    private int _file, _odd, _even, _whole, _clear;
    private double _largest;
    private bool _areTwice;

    /// <summary>Whether the set's lines have them.</summary>
    public bool AreThere => _whole > 0 && _whole * 20 >= _odd * 19 && _even * 10 <= _odd && (_largest >= 2 || !_areTwice && _clear * 10 >= _whole * 9);

    public void Add(int file, string name, double[] values)
    {
        if (values.Length < 5) return;
        if (values.Length % 2 == 0)
        {
            _even++;
            return;
        }
        _odd++;
        if (!MayBegin(values)) return;
        if (file != _file) _ofFile.Clear();
        _file = file;
        _whole++;
        _largest = Math.Max(_largest, values[0]);
        _areTwice |= !_ofFile.Add((name, values[0]));
        // As a corner's the number leads away from the outline, and without it no corner lies apart.
        if (values.Length >= 7 && YoloWords.SticksOut(values.AsSpan(..^1), 0) && !YoloWords.SticksOut(values.AsSpan(1..), values.Length - 3)) _clear++;
    }

    /// <summary>Whether a line may have one.</summary>
    public static bool MayBegin(ReadOnlySpan<double> values) => values.Length >= 5 && values.Length % 2 != 0 && YoloTrackNumbers.IsOne(values[0])
        && !values[1..].ContainsAnyExceptInRange(-1.0, 2.0);
}
