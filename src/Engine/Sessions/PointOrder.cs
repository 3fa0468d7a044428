using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>The points of a prompt, column by column as a mask's runs go.</summary>
internal sealed class PointOrder
{
    private readonly IReadOnlyList<PointPrompt> _points;
    private (int Pixel, bool Positive)[]? _sorted;
    private (int Height, int Width) _size;

    public PointOrder(IReadOnlyList<PointPrompt> points) => _points = points;

    /// <summary>How many points a mask contradicts: positive ones outside, negative ones inside. One pass over runs and points together.</summary>
    public int Contradictions(Rle mask)
    {
        var sorted = Sorted(mask.Height, mask.Width);
        var counts = mask.Counts;
        int wrong = 0, run = 0;
        long end = counts[0];
        foreach (var (pixel, positive) in sorted)
        {
            while (pixel >= end) end += counts[++run];
            if ((run & 1) == 1 != positive) wrong++;
        }
        return wrong;
    }

    private (int Pixel, bool Positive)[] Sorted(int height, int width)
    {
        if (_sorted is not null && _size == (height, width)) return _sorted;
        _size = (height, width);
        return _sorted =
        [
            .. _points.Select(p => (Math.Clamp((int)p.X, 0, width - 1) * height + Math.Clamp((int)p.Y, 0, height - 1), p.Positive)).OrderBy(p => p.Item1),
        ];
    }
}
