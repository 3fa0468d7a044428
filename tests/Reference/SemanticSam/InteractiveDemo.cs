using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Reference.OpenSeeD;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference.SemanticSam;

/// <summary>Masks of clicks and boxes at the resolution of the resized image.</summary>
/// <param name="Masks">[prompts * tokens, H, W] logits, prompt-major, tokens in the order asked for.</param>
/// <param name="Ious">[prompts, tokens] predicted quality, unbounded.</param>
internal sealed record InteractiveResult(Tensor Masks, Tensor Ious) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Masks.Dispose();
        Ious.Dispose();
    }
}

/// <summary>Prompts on an encoded image, as in Semantic-SAM's demo (<c>evaluate_demo</c>): planes of the resized image's size.</summary>
internal static class InteractiveDemo
{
    /// <summary>All prompts in one forward.</summary>
    /// <param name="model">The model that encoded the image.</param>
    /// <param name="image">The image.</param>
    /// <param name="boxes">[n, 4]: (cx, cy, w, h) relative to the unpadded image; a click has w = h = <see cref="InteractiveInference.ClickSize"/>.</param>
    /// <param name="kinds">[n] int64: <see cref="PromptQueries.Click"/> or <see cref="PromptQueries.Box"/>.</param>
    /// <param name="tokens">Mask tokens wanted, in this order; null for all.</param>
    /// <param name="joint">Whether prompts influence each other; the published demo has them joint.</param>
    public static InteractiveResult Run(SemanticSamModel model, SemanticSamFeatures image, Tensor boxes, Tensor kinds,
        IReadOnlyList<int>? tokens = null, bool joint = false)
    {
        using var scope = NewDisposeScope();
        var request = new DecoderRequest
        {
            Prompts = new PromptQueries(InteractiveInference.ToPadded(boxes, image).unsqueeze(0), kinds.unsqueeze(0)) { Joint = joint },
            Masks = MaskOutput.Embeddings,
        };
        var predictions = model.Decoder.forward(image.Memory, request).Prompts[^1];
        long prompts = boxes.shape[0];
        int all = model.Config.Decoder.MaskTokens;
        var ious = predictions.Ious!.squeeze(0); // [n, tokens]
        var codes = predictions.Codes!.Each(t => t.view(prompts, all, -1)); // [n, tokens, ...]
        if (tokens is not null)
        {
            var wanted = tensor(tokens.Select(t => (long)t).ToArray(), device: ious.device);
            ious = ious.index_select(1, wanted);
            codes = codes.Each(t => t.index_select(1, wanted));
        }
        var low = codes.Each(t => t.flatten(0, 1)).Planes(image.Memory.MaskFeatures); // [n*tokens, h, w]
        return new InteractiveResult(MaskResampling.ToUnpadded(low, image.Padded, image.Unpadded).MoveToOuterDisposeScope(), ious.MoveToOuterDisposeScope());
    }
}
