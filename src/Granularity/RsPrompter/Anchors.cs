using SemanticSam.Granularity.Layers;
using SemanticSam.Masks;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>The boxes that a region proposal network starts from: around every cell one of each ratio and scale.</summary>
internal static class Anchors
{
    /// <summary>Height over width.</summary>
    private static readonly float[] Ratios = [0.5f, 1, 2];

    /// <summary>Anchors a cell.</summary>
    public static int PerCell(IReadOnlyList<float> scales) => Ratios.Length * scales.Count;

    /// <summary>The anchors of the first cell, ratio by ratio, in each scale by scale.</summary>
    public static BoxF[] OfCell(int stride, IReadOnlyList<float> scales)
    {
        var anchors = new List<BoxF>();
        foreach (float ratio in Ratios)
            foreach (float scale in scales)
            {
                float root = MathF.Sqrt(ratio), width = stride * (1 / root) * scale, height = stride * root * scale;
                anchors.Add(new(-0.5f * width, -0.5f * height, 0.5f * width, 0.5f * height));
            }
        return [.. anchors];
    }

    /// <summary>The anchors of a map, row by row, in each cell as <see cref="OfCell"/>; cells are not moved to their centers.</summary>
    public static BoxF[] OfMap(LevelShape shape, int stride, IReadOnlyList<float> scales)
    {
        var cell = OfCell(stride, scales);
        var anchors = new BoxF[shape.Count * cell.Length];
        int at = 0;
        for (int row = 0; row < shape.Height; row++)
            for (int column = 0; column < shape.Width; column++)
                foreach (var (x1, y1, x2, y2) in cell)
                    anchors[at++] = new(x1 + column * stride, y1 + row * stride, x2 + column * stride, y2 + row * stride);
        return anchors;
    }
}
