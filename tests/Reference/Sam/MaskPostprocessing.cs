using SemanticSam.Masks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Tests.Reference.Sam;

/// <summary>SAM's own way from low-resolution logits to the image: whole planes (<c>Sam.postprocess_masks</c>).</summary>
internal static class MaskPostprocessing
{
    /// <summary>
    /// Mask logits at the size of the original image: bilinear to the encoder's square, what is padding cut off, bilinear to the
    /// image. A pixel belongs to the mask where the logit exceeds 0.
    /// </summary>
    /// <param name="logits">[B, M, h, w].</param>
    /// <param name="side">Side of the encoder's square.</param>
    /// <param name="input">Size of the resized image, before padding.</param>
    /// <param name="original">Size of the image.</param>
    /// <returns>[B, M, H, W].</returns>
    public static Tensor ToOriginal(Tensor logits, int side, PixelSize input, PixelSize original)
    {
        using var scope = NewDisposeScope();
        var square = F.interpolate(logits, [side, side], mode: InterpolationMode.Bilinear, align_corners: false);
        var cropped = square.narrow(2, 0, input.Height).narrow(3, 0, input.Width);
        return F.interpolate(cropped, [original.Height, original.Width], mode: InterpolationMode.Bilinear, align_corners: false).MoveToOuterDisposeScope();
    }
}
