using System.Globalization;

namespace SemanticSam.Formats.Yolo;

/// <summary>
/// What the number behind a box is, "class x y width height number": as a rule the confidence of a prediction, 0 to 1; but sets of turned boxes have their
/// angle there, of which many lie between 0 and 1, too. So the numbers of the whole set decide.
/// </summary>
internal sealed class YoloFifthNumbers
{
    /// <summary>How many are looked at.</summary>
    private const int Most = 100_000;

    /// <summary>Of so many numbers one at least has to be no confidence; angles between 0 and a right one are beyond 1 in a third of cases.</summary>
    private const int Few = 10;

    private const double Rounding = 1e-3, Turn = 2 * Math.PI;

    private int _lines, _count, _outside, _missing;
    private double _largest;
    private bool _areWhole = true, _areNegative, _areTwice;

    /// <summary>Whether the numbers of the set are angles of boxes; one odd line among others proves nothing.</summary>
    public bool AreAngles => _count * 2 > _lines && _outside > 0 && _outside * Few >= _count && _largest <= 360 && _missing < _outside && !AreTracks;

    /// <summary>Whether they are numbers of tracks, of which the first, 0 and 1, might be confidences: an image has each once.</summary>
    public bool AreTracks => _areWhole && _largest > 1 && !_areNegative && !_areTwice;

    /// <summary>Of angles, what they are counted in.</summary>
    public string Unit => AreDegrees ? "degrees" : "radians";

    private bool AreDegrees => _largest > Turn + Rounding || _areWhole;

    /// <summary>Those of a set.</summary>
    /// <param name="layout">The set.</param>
    /// <param name="lines">Reads a file of labels.</param>
    public static YoloFifthNumbers Of(YoloLayout layout, Func<string, IEnumerable<string?>> lines)
    {
        var numbers = new YoloFifthNumbers();
        foreach (string labels in layout.Items.Select(i => i.Labels).OfType<string>())
        {
            if (numbers._count >= Most) break;
            try
            {
                var ofImage = new HashSet<double>();
                foreach (string? line in lines(labels))
                {
                    if (line is null || YoloWords.Of(line) is not { Length: > 0 } words) continue;
                    numbers._lines++;
                    words = YoloWords.Unwrapped(words) ?? words;
                    if (words.Length == 6 && double.TryParse(words[5], NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                        && double.IsFinite(number)) numbers.Add(number, ofImage);
                }
            }
            catch (AnnotationFileException)
            {
                // It is told when it is read.
            }
        }
        return numbers;
    }

    /// <summary>Of an angle the sine and cosine.</summary>
    public (double Sin, double Cos) Read(double angle) => Math.SinCos(AreDegrees ? angle * Math.PI / 180 : angle);

    private void Add(double number, HashSet<double> ofImage)
    {
        _count++;
        _largest = Math.Max(_largest, Math.Abs(number));
        _areWhole &= number == Math.Truncate(number);
        _areNegative |= number < 0;
        if (number is < -Rounding or > 1 + Rounding) _outside++;
        _areTwice |= number > 1 && !ofImage.Add(number);
        if (number == -1) _missing++; // as programs write that they do not know
    }
}
