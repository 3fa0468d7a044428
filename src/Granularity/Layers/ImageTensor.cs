using System.Runtime.InteropServices;
using SemanticSam.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>Mean and deviation of each channel, for bytes 0 to 255.</summary>
/// <param name="Mean">R, G, B.</param>
/// <param name="Std">R, G, B.</param>
public sealed record PixelStatistics((float R, float G, float B) Mean, (float R, float G, float B) Std)
{
    /// <summary>ImageNet's, which SAM, MobileSAM and Semantic-SAM use.</summary>
    public static PixelStatistics ImageNet { get; } = new((123.675f, 116.28f, 103.53f), (58.395f, 57.12f, 57.375f));
}

/// <summary>Pictures to network inputs: (x - mean) / std in float32, then zeros at the right and at the bottom.</summary>
public static class ImageTensor
{
    /// <summary>A float32 tensor [1, 3, height, width] on the CPU, padded after normalisation, so that padding is exactly 0.</summary>
    /// <param name="image">The picture, already resized.</param>
    /// <param name="height">Rows of the tensor, at least the picture's; 0 for the picture's own.</param>
    /// <param name="width">Columns of the tensor, at least the picture's; 0 for the picture's own.</param>
    /// <param name="statistics">Mean and deviation; null takes <see cref="PixelStatistics.ImageNet"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tensor would be smaller than the picture.</exception>
    public static Tensor Create(RgbImage image, int height = 0, int width = 0, PixelStatistics? statistics = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (height == 0) height = image.Height;
        if (width == 0) width = image.Width;
        if (height < image.Height || width < image.Width)
            throw new ArgumentOutOfRangeException(nameof(height), $"A picture of {image.Width} x {image.Height} does not fit into {width} x {height}.");
        Tensor tensor = empty([1L, 3L, height, width], dtype: ScalarType.Float32);
        Write(image, MemoryMarshal.Cast<byte, float>(tensor.bytes), height, width, statistics ?? PixelStatistics.ImageNet);
        return tensor;
    }

    /// <summary>As <see cref="Create"/>, padded to the next multiple in both directions (Semantic-SAM: 32).</summary>
    /// <param name="image">The picture, already resized.</param>
    /// <param name="multiple">At least 1.</param>
    /// <param name="statistics">Mean and deviation; null takes <see cref="PixelStatistics.ImageNet"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="multiple"/> is below 1.</exception>
    public static Tensor CreatePadded(RgbImage image, int multiple, PixelStatistics? statistics = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(multiple, 1);
        return Create(image, checked((image.Height + multiple - 1) / multiple * multiple), checked((image.Width + multiple - 1) / multiple * multiple), statistics);
    }

    /// <summary>Fills planes [3, height, width].</summary>
    internal static unsafe void Write(RgbImage image, Span<float> planes, int height, int width, PixelStatistics statistics)
    {
        // A byte has 256 values: normalise those, then look up.
        float[] tables = [.. Table(statistics.Mean.R, statistics.Std.R), .. Table(statistics.Mean.G, statistics.Std.G), .. Table(statistics.Mean.B, statistics.Std.B)];
        int plane = height * width;
        fixed (float* pinnedPlanes = planes, pinnedTables = tables)
        fixed (byte* pinnedPixels = image.Pixels)
        {
            float* to = pinnedPlanes, table = pinnedTables;
            byte* from = pinnedPixels;
            Parallel.For(0, height, y =>
            {
                int filled = y < image.Height ? image.Width : 0;
                byte* row = from + (long)y * image.Stride;
                float* red = to + (long)y * width, green = red + plane, blue = green + plane;
                for (int x = 0; x < filled; x++, row += 3)
                {
                    red[x] = table[row[0]];
                    green[x] = table[256 + row[1]];
                    blue[x] = table[512 + row[2]];
                }
                new Span<float>(red + filled, width - filled).Clear();
                new Span<float>(green + filled, width - filled).Clear();
                new Span<float>(blue + filled, width - filled).Clear();
            });
        }
    }

    private static IEnumerable<float> Table(float mean, float std)
    {
        for (int value = 0; value < 256; value++) yield return (value - mean) / std;
    }
}
