namespace SemanticSam.Formats.Yolo;

/// <summary>
/// Numbers of tracks at the ends of lines, as predictions on videos have them: "class outline confidence track", or without the confidence. Read as a
/// corner the two spoil the outline. One above 1 is no share of a side; whether a 0 or 1 is one is told by the whole set.
/// </summary>
internal sealed class YoloTracks
{
    private const double Rounding = 0.01;

    /// <summary>So many lines have to end with the one track that there is.</summary>
    private const int Alone = 3;

    private readonly YoloTrackNumbers _withoutConfidence = new(), _withConfidence = new();
    private int _pairs, _fitting, _apart;
    private double _least = double.MaxValue;

    public void Add(int file, double[] values)
    {
        if (values.Length < 6) return;
        if (values.Length % 2 != 0)
        {
            if (AreShares(values.AsSpan(..^1))) _withoutConfidence.Add(file, values[^1]);
            return;
        }
        _pairs++;
        if (!MayEnd(values)) return;
        _fitting++;
        _withConfidence.Add(file, values[^1]);
        _least = Math.Min(_least, values[^1]);
        if (YoloWords.SticksOut(values, values.Length - 2)) _apart++;
    }

    /// <summary>Whether the last number is that of a track: of an odd count it alone is too many, else it stands behind a confidence.</summary>
    public bool Ends(ReadOnlySpan<double> values) => values.Length >= 6 && MayEnd(values)
        && (values[^1] > 1 || (values.Length % 2 != 0 ? _withoutConfidence.AreTracks : EndTogether));

    /// <summary>Nearly all end so; with one track only, its corner would have to lie apart from each outline.</summary>
    private bool EndTogether => _withConfidence.AreSingle && _fitting * 10 >= _pairs * 9
        && (_withConfidence.Largest > 1 || _least == 1 && _fitting >= Alone && _apart == _fitting);

    private static bool MayEnd(ReadOnlySpan<double> values) => YoloTrackNumbers.IsOne(values[^1]) && AreShares(values[..^1])
        && (values.Length % 2 != 0 || values[^2] is >= 0 and <= 1);

    private static bool AreShares(ReadOnlySpan<double> values) => !values.ContainsAnyExceptInRange(-Rounding, 1 + Rounding);
}
