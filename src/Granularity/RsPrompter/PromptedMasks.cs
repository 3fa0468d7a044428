using SemanticSam.Granularity.Sam;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>SAM's mask decoder on prompts that a head made: one mask a prompt, by the token for unambiguous prompts.</summary>
internal static class PromptedMasks
{
    /// <summary>Masks.</summary>
    /// <param name="decoder">SAM's mask decoder.</param>
    /// <param name="images">[R, C, h, w]: the embedding of each prompt's image.</param>
    /// <param name="position">[1, C, h, w].</param>
    /// <param name="tokens">[R, points, C].</param>
    /// <param name="dense">[R or 1, C, h, w].</param>
    /// <returns>Logits [R, 1, 4h, 4w] and predicted IoU [R, 1].</returns>
    public static (Tensor Masks, Tensor Iou) Draw(MaskDecoder decoder, Tensor images, Tensor position, Tensor tokens, Tensor dense)
    {
        using var scope = NewDisposeScope();
        var (queries, keys, iou) = decoder.Attend(images, position, new PromptEmbeddings(tokens, dense, HasMasks: true));
        var masks = decoder.Draw(queries, keys, images.shape[2], images.shape[3], 0, 1);
        return (masks.MoveToOuterDisposeScope(), iou.narrow(1, 0, 1).MoveToOuterDisposeScope());
    }
}
