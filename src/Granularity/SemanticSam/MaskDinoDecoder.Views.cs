using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <content>
/// What prompts see of the finest features. Deformable attention reads levels of stride 8 and coarser, in which a thing of ten pixels is one
/// cell; a grid over the query's own box, as in region heads (RoIAlign, arXiv 1703.06870), shows things of any size at one scale.
/// </content>
internal sealed partial class MaskDinoDecoder
{
    /// <summary>Side of what is looked at, in sides of the box.</summary>
    private const double ViewStretch = 1.5;

    /// <summary>For a layer, the queries and their boxes, the queries with what the prompts among them see added; null where none looks.</summary>
    private Func<int, Tensor, Tensor, Tensor>? ViewOf(AssembledQueries queries, DecoderMemory memory)
    {
        if (prompt_feature is null || queries.PromptCount == 0) return null;
        long others = queries.ConditionedCount + queries.ObjectCount;
        return (layer, content, boxes) =>
        {
            using var scope = NewDisposeScope();
            var seen = prompt_feature[layer].call(Views(boxes.narrow(1, others, queries.PromptCount), memory.MaskFeatures)); // [B, prompts, C]
            var told = content.narrow(1, others, queries.PromptCount) + seen;
            return (others == 0 ? told : cat([content.narrow(1, 0, others), told], 1)).MoveToOuterDisposeScope();
        };
    }

    /// <summary>[B, Q, M * samples * samples]: the mask features on a grid over one and a half times each box.</summary>
    private Tensor Views(Tensor boxes, Tensor maskFeatures)
    {
        using var scope = NewDisposeScope();
        var (batch, queries, side) = (boxes.shape[0], boxes.shape[1], Config.PromptSamples);
        var steps = (arange(side, ScalarType.Float32, boxes.device) / (side - 1) - 0.5) * ViewStretch;
        var x = (boxes.narrow(-1, 0, 1) + boxes.narrow(-1, 2, 1) * steps).unsqueeze(2).expand(-1, -1, side, -1); // [B, Q, side, side]
        var y = (boxes.narrow(-1, 1, 1) + boxes.narrow(-1, 3, 1) * steps).unsqueeze(3).expand(-1, -1, -1, side);
        var grid = (stack([x, y], -1) * 2 - 1).view(batch, queries * side, side, 2);
        var there = nn.functional.grid_sample(maskFeatures, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, align_corners: false); // [B, M, Q*side, side]
        return there.view(batch, Config.MaskWidth, queries, side * side).transpose(1, 2).reshape(batch, queries, -1).MoveToOuterDisposeScope();
    }
}
