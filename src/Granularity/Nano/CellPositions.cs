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

    /// <summary>Of one point.</summary>
    /// <param name="x">Over the longer side.</param>
    /// <param name="y">Over the longer side.</param>
    /// <param name="rates">See <see cref="SineEncoding.Rates"/>, of half the features.</param>
    /// <param name="encoded">[features].</param>
    public static void Write(float x, float y, ReadOnlySpan<float> rates, Span<float> encoded)
    {
        for (int i = 0; i < rates.Length; i++)
        {
            (encoded[2 * i], encoded[2 * i + 1]) = MathF.SinCos(y * (float)Cycles * rates[i]);
            (encoded[2 * (rates.Length + i)], encoded[2 * (rates.Length + i) + 1]) = MathF.SinCos(x * (float)Cycles * rates[i]);
        }
    }
}
