using SemanticSam.Granularity.Nano;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>Names against pixels: cross-entropy over all pixels, Dice of the names that are there, cross-entropy of presence.</summary>
internal static class WordLoss
{
    private const double TextNoise = 0.012;

    /// <summary>Neighbors of phrases, which mean the same.</summary>
    /// <param name="text">[..., width], of length 1.</param>
    public static Tensor Near(Tensor text) => nn.functional.normalize(text + randn_like(text) * TextNoise, 2, -1);

    /// <summary>The losses of the names of a batch.</summary>
    /// <param name="head">What compares names and pixels.</param>
    /// <param name="features">Encoded images.</param>
    /// <param name="sentences">[texts, width]: what the rows of the batch point into.</param>
    /// <param name="batch">What was asked, and what is there.</param>
    public static (Tensor Pixels, Tensor Dice, Tensor Presence) Of(INameHead head, NanoFeatures features, Tensor sentences, NanoTensors batch)
    {
        Tensor text = sentences.index_select(0, batch.Rows.flatten()).view(batch.Rows.shape[0], batch.Rows.shape[1], -1); // [B, N, width]
        Tensor names = head.Names(Near(text));
        Tensor logits = head.Words(features, names); // [B, N, cells]
        Tensor valid = batch.Valid.unsqueeze(1); // [B, 1, cells]
        Tensor asked = batch.Asked.sum().clamp_min(1);
        Tensor entropy = nn.functional.binary_cross_entropy_with_logits(logits, batch.Masks, reduction: nn.Reduction.None);
        Tensor known = batch.Known * valid; // [B, N, cells]
        Tensor pixels = ((entropy * known).sum(-1) / known.sum(-1).clamp_min(1) * batch.Asked).sum() / asked;
        Tensor share = logits.sigmoid() * valid;
        Tensor dice = 1 - (2 * (share * batch.Masks).sum(-1) + 1) / (share.sum(-1) + batch.Masks.sum(-1) + 1); // [B, N]
        Tensor presence = nn.functional.binary_cross_entropy_with_logits(head.Presence(features, names), batch.Present, reduction: nn.Reduction.None);
        Tensor decided = batch.Asked * batch.Known.all(-1); // whether the image shows the others is not known
        return (pixels, (dice * batch.Present).sum() / batch.Present.sum().clamp_min(1), (presence * decided).sum() / decided.sum().clamp_min(1));
    }
}
