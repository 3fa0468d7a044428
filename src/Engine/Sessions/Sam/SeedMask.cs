using SemanticSam.Granularity.Sam;
using SemanticSam.Masks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Engine.Sessions.Sam;

/// <summary>A mask of the image's size as the low-resolution logits that SAM takes.</summary>
internal static class SeedMask
{
    /// <summary>A cell that is covered entirely counts as this likely; so the logits stay within 7, as SAM's own mostly do.</summary>
    private const double Certain = 0.999;

    /// <summary>The log-odds of the share of each cell that the mask covers; the padding is as sure a no as can be.</summary>
    /// <param name="mask">Of the original image's size.</param>
    /// <param name="input">Size of the resized image.</param>
    /// <param name="model">Sizes of the frame.</param>
    /// <returns>[1, 1, 4h, 4w] on the CPU.</returns>
    public static Tensor Logits(Rle mask, PixelSize input, SamModel model)
    {
        using var scope = NewDisposeScope();
        double perPixel = (double)model.MaskSide / model.Config.ImageSize;
        long height = Math.Max(1, (long)Math.Round(input.Height * perPixel)), width = Math.Max(1, (long)Math.Round(input.Width * perPixel));
        var full = tensor(mask.ToBools(), [1, 1, mask.Height, mask.Width]).to(ScalarType.Float32);
        var share = F.interpolate(full, [height, width], mode: InterpolationMode.Bilinear, align_corners: false, antialias: true);
        share = F.pad(share, [0, model.MaskSide - width, 0, model.MaskSide - height]).clamp(1 - Certain, Certain);
        return (share / (1 - share)).log().MoveToOuterDisposeScope();
    }
}
