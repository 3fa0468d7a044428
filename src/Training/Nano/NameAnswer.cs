using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>How a name is answered while models are being trained: the pixels above a threshold, if the best of them are sure enough.</summary>
internal static class NameAnswer
{
    private const double BestPixels = 0.005;

    /// <summary>The mask (null where the name is not answered) and the probability that the name is there.</summary>
    /// <param name="encoded">An encoded image.</param>
    /// <param name="sentence">[1, width].</param>
    /// <param name="pixelThreshold">A pixel belongs to the name from this logit on.</param>
    /// <param name="nameThreshold">The mean probability that the best pixels must have.</param>
    public static (Rle? Mask, double Presence) Of(NanoEncoding encoded, Tensor sentence, double pixelThreshold, double nameThreshold)
    {
        using var scope = NewDisposeScope();
        var (logits, presence) = encoded.Answers.Words(sentence);
        double there = presence.sigmoid().item<float>();
        Tensor flat = logits.flatten();
        double best = flat.topk((int)Math.Max(1, flat.numel() * BestPixels), 0).values.sigmoid().mean().item<float>();
        return (best < nameThreshold ? null : ToMask(encoded.Enlarge(logits)[0], pixelThreshold), there);
    }

    /// <summary>A mask of logits, [height, width].</summary>
    public static Rle ToMask(Tensor logits, double threshold) =>
        Rle.FromLogits(logits.cpu().contiguous().data<float>().ToArray(), (int)logits.shape[0], (int)logits.shape[1], (float)threshold);
}
