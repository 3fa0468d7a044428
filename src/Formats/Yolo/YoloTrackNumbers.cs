namespace SemanticSam.Formats.Yolo;

/// <summary>Whether the last numbers of a set's lines are those of tracks: whole, each once in an image, and not all of them a confidence of 0 or 1.</summary>
internal sealed class YoloTrackNumbers
{
    private readonly HashSet<double> _ofFile = [];
    private int _file;

    public double Largest { get; private set; }

    /// <summary>Whether all are whole, and an image has each once.</summary>
    public bool AreSingle { get; private set; } = true;

    public bool AreTracks => AreSingle && Largest > 1;

    /// <summary>Files come one after the other.</summary>
    public void Add(int file, double number)
    {
        if (file != _file) _ofFile.Clear();
        _file = file;
        Largest = Math.Max(Largest, number);
        AreSingle &= IsOne(number) && _ofFile.Add(number);
    }

    public static bool IsOne(double number) => number >= 0 && number == Math.Truncate(number);
}
