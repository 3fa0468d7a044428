using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>
/// Mean and standard deviation of each channel for values 0 to 255, and with them the one normalization of all networks:
/// (value - mean) / deviation in float32, then zeros at the right and at the bottom, so that padding is exactly 0.
/// </summary>
/// <param name="mean">R, G, B.</param>
/// <param name="deviation">R, G, B.</param>
/// <exception cref="ArgumentException">Not three of each.</exception>
internal sealed class PixelStatistics(IReadOnlyList<float> mean, IReadOnlyList<float> deviation)
{
    private readonly float[] _mean = Three(mean, nameof(mean)), _deviation = Three(deviation, nameof(deviation));

    /// <summary>ImageNet's, which SAM, MobileSAM and Semantic-SAM use.</summary>
    public static PixelStatistics ImageNet { get; } = new([123.675f, 116.28f, 103.53f], [58.395f, 57.12f, 57.375f]);

    /// <summary>Normalizes images, then pads them.</summary>
    /// <param name="images">[B, 3, H, W] RGB 0 to 255, bytes or floats.</param>
    /// <param name="height">Rows of the result, at least H.</param>
    /// <param name="width">Columns of the result, at least W.</param>
    /// <returns>[B, 3, height, width] float32, on the device of the images, in the caller's dispose scope.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The result would be smaller than the images.</exception>
    public Tensor Normalize(Tensor images, long height, long width)
    {
        long right = width - images.shape[3], bottom = height - images.shape[2];
        if (right < 0 || bottom < 0)
            throw new ArgumentOutOfRangeException(nameof(width), $"An image of {images.shape[3]} x {images.shape[2]} does not fit into {width} x {height}.");
        using var scope = NewDisposeScope();
        Tensor perChannel = tensor(_mean, device: images.device).view(-1, 1, 1), spread = tensor(_deviation, device: images.device).view(-1, 1, 1);
        var normalized = (images.to(ScalarType.Float32) - perChannel) / spread;
        return nn.functional.pad(normalized, [0, right, 0, bottom]).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="Normalize(Tensor, long, long)"/>, one value.</summary>
    /// <param name="value">0 to 255.</param>
    /// <param name="channel">0 red, 1 green, 2 blue.</param>
    public float Normalize(float value, int channel) => (value - _mean[channel]) / _deviation[channel];

    private static float[] Three(IReadOnlyList<float> values, string name) =>
        values.Count == 3 ? [.. values] : throw new ArgumentException($"There have to be three values, for R, G and B; there are {values.Count}.", name);
}
