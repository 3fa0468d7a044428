using SemanticSam.Granularity.Sam;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>SAM-det: boxes that a detector found become box prompts of a frozen SAM.</summary>
internal static class DetectedMasks
{
    /// <summary>Logits of one mask a box, [N, 1, 4h, 4w], in the caller's dispose scope.</summary>
    /// <param name="prompts">SAM's prompt encoder.</param>
    /// <param name="decoder">SAM's mask decoder.</param>
    /// <param name="embedding">[1, C, h, w] of the image.</param>
    /// <param name="boxes">In pixels of the original image.</param>
    /// <param name="frame">Sizes of the image.</param>
    public static Tensor Logits(PromptEncoder prompts, MaskDecoder decoder, Tensor embedding, IReadOnlyList<BoxF> boxes, ResizedFrame frame)
    {
        using var scope = NewDisposeScope();
        float[] resized = [.. boxes.Select(frame.ToResized).SelectMany(b => new[] { b.X1, b.Y1, b.X2, b.Y2 })];
        var embedded = prompts.forward(boxes: tensor(resized, [boxes.Count, 4], device: embedding.device));
        return decoder.forward(embedding, prompts.DensePosition(), embedded, multimask: false).Masks.MoveToOuterDisposeScope();
    }

    /// <summary>Logits as masks of the original image.</summary>
    public static Rle[] Masks(Tensor logits, ResizedFrame frame)
    {
        using var scope = NewDisposeScope();
        bool[] inside = (frame.ToOriginal(logits) > 0).cpu().contiguous().data<bool>().ToArray();
        int area = frame.Height * frame.Width;
        return [.. Enumerable.Range(0, (int)logits.shape[0]).Select(i => Rle.FromBools(inside.AsSpan(i * area, area), frame.Height, frame.Width))];
    }
}
