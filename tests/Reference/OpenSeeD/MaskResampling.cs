using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference.OpenSeeD;

/// <summary>From mask logits at a quarter of the network's resolution to mask logits at the image's.</summary>
internal static class MaskResampling
{
    /// <summary>Bilinear to the padded size, then cropped: mask logits of the resized image.</summary>
    /// <param name="logits">[N, h, w].</param>
    /// <param name="padded">Size the network saw.</param>
    /// <param name="unpadded">Size of the resized image.</param>
    /// <returns>[N, unpadded height, unpadded width].</returns>
    public static Tensor ToUnpadded(Tensor logits, PixelSize padded, PixelSize unpadded)
    {
        using var scope = NewDisposeScope();
        var upsampled = nn.functional.interpolate(logits.unsqueeze(0), [padded.Height, padded.Width], mode: InterpolationMode.Bilinear, align_corners: false);
        return upsampled.squeeze(0).narrow(1, 0, unpadded.Height).narrow(2, 0, unpadded.Width).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Bilinear to the padded size, crop, antialiased bicubic to the output size, as one product a side; the result is that of the three
    /// steps up to the order of the sums.
    /// </summary>
    /// <param name="logits">[N, h, w].</param>
    /// <param name="geometry">The image's sizes.</param>
    /// <returns>[N, output height, output width].</returns>
    public static Tensor ToOutput(Tensor logits, ImageGeometry geometry)
    {
        using var scope = NewDisposeScope();
        var (height, width) = ((int)logits.shape[1], (int)logits.shape[2]);
        var rows = Matrix(height, geometry.Padded.Height, geometry.Unpadded.Height, geometry.Output.Height, logits); // [H, h]
        var columns = Matrix(width, geometry.Padded.Width, geometry.Unpadded.Width, geometry.Output.Width, logits); // [W, w]
        return rows.matmul(logits.matmul(columns.transpose(0, 1))).MoveToOuterDisposeScope();
    }

    private static Tensor Matrix(int input, int padded, int cropped, int output, Tensor like)
    {
        var weights = Array.ConvertAll(ResamplingBand.BicubicToImage(input, padded, cropped, output).ToDense(), w => (float)w);
        return tensor(weights, [output, input], dtype: like.dtype, device: like.device);
    }
}
