using SemanticSam.Granularity.Sam;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>SAM's mask decoder on prompts that a head made: one mask a prompt, by the token for unambiguous prompts.</summary>
internal static class PromptedMasks
{
    private const float Margin = 0.15f;

    /// <summary>A box with a margin on each side, within the image.</summary>
    /// <param name="box">In pixels.</param>
    /// <param name="side">Of the square image.</param>
    public static BoxF Around(BoxF box, float side)
    {
        float x = Margin * box.Width, y = Margin * box.Height;
        return new(Math.Clamp(box.X1 - x, 0, side), Math.Clamp(box.Y1 - y, 0, side), Math.Clamp(box.X2 + x, 0, side), Math.Clamp(box.Y2 + y, 0, side));
    }

    /// <summary>Masks.</summary>
    /// <param name="decoder">SAM's mask decoder.</param>
    /// <param name="images">[R, C, h, w]: the embedding of each prompt's image.</param>
    /// <param name="position">[1, C, h, w].</param>
    /// <param name="tokens">[R, points, C].</param>
    /// <param name="dense">[R or 1, C, h, w].</param>
    /// <param name="fine">What the decoder sees besides; null for nothing.</param>
    /// <returns>Logits [R, 1, 4h, 4w] and predicted IoU [R, 1].</returns>
    public static (Tensor Masks, Tensor Iou) Draw(MaskDecoder decoder, Tensor images, Tensor position, Tensor tokens, Tensor dense,
        FineRows? fine = null)
    {
        using var scope = NewDisposeScope();
        var (queries, keys, iou) = decoder.Attend(images, position, new PromptEmbeddings(tokens, dense, HasMasks: true));
        var masks = decoder.Draw(queries, keys, images.shape[2], images.shape[3], 0, 1, fine);
        return (masks.MoveToOuterDisposeScope(), iou.narrow(1, 0, 1).MoveToOuterDisposeScope());
    }
}
