using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

// How good the masks of a prompt are: each query tells the IoU of its own mask, and the masks of a click are compared with each other,
// for how likely one of them is meant depends on what the others are.
internal sealed partial class MaskDinoDecoder
{
    private const int QualityWidth = 64;

    /// <summary>Boxes are told by the logarithm of their sides, for sizes differ by factors; sides below this share of the picture's are alike.</summary>
    private const double SmallestSide = 1e-4;

    private static Mlp QualityOfClicks(DecoderConfig config) =>
        new(config.MaskTokens * (config.Width + 1 + 4), QualityWidth, config.MaskTokens, 3); // query, IoU and box of each token

    /// <returns>[B, n, tokens] IoUs; those of clicks are within 0..1 in inference.</returns>
    private Tensor Quality(Tensor state, Tensor boxes, long prompts, Tensor kinds)
    {
        using var scope = NewDisposeScope();
        var ofPrompts = state.narrow(1, state.shape[1] - prompts, prompts);
        var ious = iou_prediction_head!.call(ofPrompts).view(state.shape[0], -1, Config.MaskTokens);
        if (click_quality is not null)
            ious = where(kinds.eq(PromptQueries.Click).unsqueeze(-1), Compared(ofPrompts, ious, boxes.narrow(1, boxes.shape[1] - prompts, prompts)), ious);
        return ious.MoveToOuterDisposeScope();
    }

    private Tensor Compared(Tensor state, Tensor ious, Tensor boxes)
    {
        long batch = ious.shape[0], count = ious.shape[1];
        var described = cat([boxes.narrow(-1, 0, 2), boxes.narrow(-1, 2, 2).clamp_min(SmallestSide).log()], -1);
        var seen = cat([state.reshape(batch, count, -1), ious, described.reshape(batch, count, -1)], -1); // [B, n, tokens * (C + 5)]
        var compared = ious + click_quality!.call(seen);
        return training ? compared : compared.clamp(0, 1); // what is added may leave what an IoU can be
    }
}
