using SemanticSam.Granularity.Layers;
using SemanticSam.Masks;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>
/// The anchors of all levels of a pyramid, one level after another. There are half a million for an image of 1024 pixels, so that they are made once,
/// and those that meet a box are computed instead of sought.
/// </summary>
internal sealed class AnchorGrid
{
    private readonly LevelShape[] _shapes;
    private readonly float[] _scales;
    private readonly BoxF[][] _ofCell;

    /// <param name="shapes">Sizes of the maps at <see cref="SimpleFpn.Strides"/>, the finest first.</param>
    /// <param name="scales">Sides of anchors over the stride.</param>
    public AnchorGrid(IEnumerable<LevelShape> shapes, IReadOnlyList<float> scales)
    {
        (_shapes, _scales) = ([.. shapes], [.. scales]);
        _ofCell = [.. _shapes.Select((_, l) => Anchors.OfCell(SimpleFpn.Strides[l], scales))];
        Boxes = [.. _shapes.SelectMany((shape, l) => Anchors.OfMap(shape, SimpleFpn.Strides[l], scales))];
        var starts = new int[_shapes.Length + 1];
        for (int l = 0; l < _shapes.Length; l++) starts[l + 1] = starts[l] + (int)_shapes[l].Count * _ofCell[l].Length;
        Starts = starts;
    }

    /// <summary>All anchors, in each level row by row.</summary>
    public BoxF[] Boxes { get; }

    /// <summary>Index of the first anchor of each level, and the number of all.</summary>
    public IReadOnlyList<int> Starts { get; }

    /// <summary>Whether it is the grid of these maps.</summary>
    public bool IsOf(IEnumerable<LevelShape> shapes, IReadOnlyList<float> scales) => _shapes.SequenceEqual(shapes) && _scales.SequenceEqual(scales);

    /// <summary>Indices of all anchors that a box meets, and of some beside it.</summary>
    public int[] Around(BoxF box)
    {
        var found = new List<int>();
        for (int l = 0; l < _shapes.Length; l++)
        {
            int stride = SimpleFpn.Strides[l], height = (int)_shapes[l].Height, width = (int)_shapes[l].Width, kinds = _ofCell[l].Length;
            for (int k = 0; k < kinds; k++)
            {
                var anchor = _ofCell[l][k];
                int top = First(box.Y1 - anchor.Y2, stride), bottom = Last(box.Y2 - anchor.Y1, stride, height);
                int left = First(box.X1 - anchor.X2, stride), right = Last(box.X2 - anchor.X1, stride, width);
                for (int row = top; row <= bottom; row++)
                    for (int column = left; column <= right; column++) found.Add(Starts[l] + (row * width + column) * kinds + k);
            }
        }
        return [.. found];
    }

    private static int First(float from, int stride) => Math.Max(0, (int)MathF.Floor(from / stride));

    private static int Last(float to, int stride, int length) => Math.Min(length - 1, (int)MathF.Ceiling(to / stride));
}
