using SemanticSam.Imaging;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>Images to network inputs.</summary>
internal static class ImageTensor
{
    /// <summary>An image's bytes as a network takes them: channels first.</summary>
    /// <param name="image">The image.</param>
    /// <returns>[1, 3, H, W] bytes on the CPU: a view that steps through the interleaved pixels, in the caller's dispose scope.</returns>
    public static Tensor Bytes(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var scope = NewDisposeScope();
        return tensor(image.Pixels, [1, image.Height, image.Width, 3], dtype: ScalarType.Byte).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Normalizes and pads an image.</summary>
    /// <param name="image">The image, already resized.</param>
    /// <param name="height">Rows of the tensor, at least the image's.</param>
    /// <param name="width">Columns of the tensor, at least the image's.</param>
    /// <returns>[1, 3, height, width] float32 on the CPU.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The tensor would be smaller than the image.</exception>
    public static Tensor Create(RgbImage image, int height, int width)
    {
        using var scope = NewDisposeScope();
        return PixelStatistics.ImageNet.Normalize(Bytes(image), height, width).contiguous().MoveToOuterDisposeScope();
    }
}
