using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference;

/// <summary>
/// The figures Semantic-SAM reports for one click a mask (arXiv 2307.04767): the IoU of the answer the model itself likes best ("Max"), of the
/// best answer ("Oracle"), and of answers matched with all masks that contain the click ("multi-granularity").
/// </summary>
internal static class ClickIou
{
    /// <summary>Max and Oracle of each click.</summary>
    /// <param name="logits">[clicks * tokens, H, W], click-major; above 0 is foreground.</param>
    /// <param name="predictedIous">[clicks, tokens].</param>
    /// <param name="masks">[clicks, H, W], 0 or 1: what each click meant.</param>
    /// <returns>[clicks] each, float32.</returns>
    public static (float[] Max, float[] Oracle) OfClicks(Tensor logits, Tensor predictedIous, Tensor masks)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        long clicks = predictedIous.shape[0], tokens = predictedIous.shape[1];
        var ious = Paired(logits, masks.unsqueeze(1).expand(-1, tokens, -1, -1).flatten(0, 1)).view(clicks, tokens);
        var liked = predictedIous.argmax(1, keepdim: true);
        return (Host(ious.gather(1, liked).squeeze(1)), Host(ious.amax(1)));
    }

    /// <summary>The IoU of every matched pair of an answer and a mask that contains its click; their mean is the multi-granularity figure.</summary>
    /// <param name="logits">[clicks * tokens, H, W], click-major; above 0 is foreground.</param>
    /// <param name="matching">Of <see cref="ManyToManyCriterion.Match"/>.</param>
    /// <param name="masks">[masks, H, W], 0 or 1.</param>
    public static float[] OfPairs(Tensor logits, ManyToManyCriterion.Matching matching, Tensor masks)
    {
        ArgumentNullException.ThrowIfNull(matching);
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var queries = tensor(matching.Queries.ToArray(), device: logits.device);
        var rows = tensor(matching.Pairs.Select(p => matching.PairMasks[(int)p]).ToArray(), device: logits.device);
        return Host(Paired(logits.index_select(0, queries), masks.index_select(0, rows)));
    }

    /// <summary>[R, H, W] logits and masks to [R]; 0 where both are empty.</summary>
    private static Tensor Paired(Tensor logits, Tensor masks)
    {
        var answered = (logits > 0).to(ScalarType.Float32).flatten(1);
        var wanted = masks.to(ScalarType.Float32).flatten(1);
        var both = (answered * wanted).sum(1);
        return both / (answered.sum(1) + wanted.sum(1) - both).clamp_min(1);
    }

    private static float[] Host(Tensor values) => values.cpu().contiguous().data<float>().ToArray();
}
