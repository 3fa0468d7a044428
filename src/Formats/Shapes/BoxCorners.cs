namespace SemanticSam.Formats.Shapes;

/// <summary>
/// Whether the boxes of a set are two corners where [x, y, width, height] is expected: then many reach out of their images, and none does as two corners. One
/// box alone may be either.
/// </summary>
internal sealed class BoxCorners
{
    private const int Few = 4;

    /// <summary>Of so many boxes one may be odd as two corners.</summary>
    private const int Sound = 50;

    private int _count, _outside, _odd;

    /// <summary>Adds a box.</summary>
    /// <param name="box">As it is written.</param>
    /// <param name="height">Rows of its image.</param>
    /// <param name="width">Columns of its image.</param>
    /// <param name="isSized">Whether something else says that it has a width and a height.</param>
    public void Add((double X, double Y, double Width, double Height) box, int height, int width, bool isSized = false)
    {
        _count++;
        if (box.X + box.Width > width + 2 || box.Y + box.Height > height + 2) _outside++;
        if (isSized || !(box.Width > box.X && box.Height > box.Y && box.Width <= width + 1 && box.Height <= height + 1)) _odd++;
    }

    /// <summary>Whether so many reach out of their images that it is worth a word.</summary>
    public bool AreOutside => _count >= Few && _outside * Few >= _count;

    /// <summary>Whether they are two corners.</summary>
    public bool Are => AreOutside && _odd <= _count / Sound;

    /// <summary>In words, how many reach out.</summary>
    public string Outside => $"{_outside:N0} of {_count:N0} boxes [x, y, width, height] reach out of their images";

    /// <summary>In words, why they are two corners.</summary>
    public string Why => $"{Outside}, and {(_odd == 0 ? "none does" : $"hardly any does ({_odd:N0})")} as two corners";

    /// <summary>A box as x, y, width and height.</summary>
    public static (double X, double Y, double Width, double Height) Sides((double X, double Y, double Right, double Bottom) box) =>
        (Math.Min(box.X, box.Right), Math.Min(box.Y, box.Bottom), Math.Abs(box.Right - box.X), Math.Abs(box.Bottom - box.Y));
}
