using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>Sines and cosines of places in an image, in units of its longer side, so that they do not depend on how much padding there is.</summary>
internal static class CellPositions
{
    private const double Cycles = 8; // of the fastest sine over the longer side: two or three cells at stride 16 are told apart

    /// <summary>Of the cells of a map, row by row, [1, H W, features].</summary>
    public static Tensor Of(long height, long width, int features, Device device)
    {
        Tensor x = (arange(width, ScalarType.Float32, device) + 0.5) / Math.Max(height, width);
        Tensor y = (arange(height, ScalarType.Float32, device) + 0.5) / Math.Max(height, width);
        return At(stack([x.repeat(height), y.repeat_interleave(width)], -1).unsqueeze(0), features);
    }

    /// <summary>Of points, [..., features].</summary>
    /// <param name="points">[..., 2]: x and y over the longer side.</param>
    /// <param name="features">A multiple of 4.</param>
    public static Tensor At(Tensor points, int features) => SineEncoding.Boxes(points * Cycles, features);
}
