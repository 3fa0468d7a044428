using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference.OpenSeeD;

/// <summary>A score for every name and pixel.</summary>
internal static class SemanticInference
{
    // Queries go through in pieces, so that the probabilities of a large image's masks are never all there at once.
    private const int QueriesAtOnce = 64;

    /// <summary>Sum over queries of name probability times mask probability; the label of a pixel is its arg max.</summary>
    /// <param name="logits">[Q, names].</param>
    /// <param name="masks">[Q, H, W] logits.</param>
    /// <param name="options">Whether and how probabilities are sharpened.</param>
    /// <returns>[names, H, W].</returns>
    public static Tensor Map(Tensor logits, Tensor masks, TextInferenceOptions options) =>
        Map(logits, (start, count) => masks.narrow(0, start, count), options);

    /// <summary>The same with masks made piece by piece.</summary>
    /// <param name="logits">[Q, names].</param>
    /// <param name="masksOf">Mask logits [count, H, W] of queries start to start + count - 1.</param>
    /// <param name="options">Whether and how probabilities are sharpened.</param>
    /// <returns>[names, H, W].</returns>
    public static Tensor Map(Tensor logits, Func<long, long, Tensor> masksOf, TextInferenceOptions options)
    {
        using var scope = NewDisposeScope();
        var weights = NameProbabilities(logits, options).transpose(0, 1); // [names, Q]
        Tensor? sum = null;
        for (long start = 0; start < logits.shape[0]; start += QueriesAtOnce)
        {
            using var piece = NewDisposeScope();
            long count = Math.Min(QueriesAtOnce, logits.shape[0] - start);
            var masks = masksOf(start, count).sigmoid();
            var part = weights.narrow(1, start, count).matmul(masks.flatten(1)).view(weights.shape[0], masks.shape[1], masks.shape[2]);
            sum = (sum is null ? part : sum.add_(part)).MoveToOuterDisposeScope();
        }
        return sum!.MoveToOuterDisposeScope();
    }

    /// <summary>Variant of models trained with a column for "no object": softmax over the names and that column, which is dropped.</summary>
    /// <param name="logits">[Q, names + 1].</param>
    /// <param name="masks">[Q, H, W] logits.</param>
    /// <returns>[names, H, W].</returns>
    public static Tensor MapWithNoObject(Tensor logits, Tensor masks)
    {
        using var scope = NewDisposeScope();
        var weights = logits.softmax(-1).narrow(1, 0, logits.shape[1] - 1).transpose(0, 1);
        return weights.matmul(masks.sigmoid().flatten(1)).view(weights.shape[0], masks.shape[1], masks.shape[2]).MoveToOuterDisposeScope();
    }

    /// <summary>[Q, names]: sigmoid of the logits, sharpened by a softmax over names when asked.</summary>
    internal static Tensor NameProbabilities(Tensor logits, TextInferenceOptions options)
    {
        using var scope = NewDisposeScope();
        var probabilities = logits.sigmoid();
        return (options.Sharpen ? (probabilities / options.Temperature).softmax(-1) : probabilities).MoveToOuterDisposeScope();
    }
}
