using SemanticSam.Engine.Checkpoints;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Sam;

namespace SemanticSam.Engine.Zoo;

/// <summary>Sizes of a SAM that was never published, from the shapes of its tensors.</summary>
internal static class SamShapes
{
    private const string Encoder = "image_encoder.", Decoder = "mask_decoder.";

    /// <summary>The configuration. What no shape tells, the heads of the mask decoder, is as published.</summary>
    /// <exception cref="CheckpointException">A tensor is missing, or the shapes contradict each other.</exception>
    public static SamConfig ConfigOf(StateDict weights)
    {
        long Size(string name, int dimension) => weights[name].Shape is var shape && dimension < shape.Length ? shape[dimension]
            : throw new CheckpointException(weights.Source, $"the tensor '{name}' has too few dimensions.");
        int Count(string prefix) => weights.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal))
            .Select(k => k[prefix.Length..].Split('.')[0]).Distinct().Count();
        int depth = Count(Encoder + "blocks."), grid = (int)Size(Encoder + "pos_embed", 1), patch = (int)Size(Encoder + "patch_embed.proj.weight", 2);
        long width = Size(Encoder + "pos_embed", 3);
        int[] sides = [.. Enumerable.Range(0, depth).Select(k => ((int)Size($"{Encoder}blocks.{k}.attn.rel_pos_h", 0) + 1) / 2)];
        var config = new SamConfig
        {
            Name = $"sam-custom-{width}x{depth}",
            Vit = new()
            {
                ImageSize = grid * patch,
                Patch = patch,
                Width = width,
                Depth = depth,
                Heads = width / Math.Max(1, Size(Encoder + "blocks.0.attn.rel_pos_h", 1)),
                GlobalBlocks = [.. Enumerable.Range(0, depth).Where(k => sides[k] == grid)],
                Window = sides.Where(s => s != grid).DefaultIfEmpty(grid).First(),
                MlpRatio = (int)(Size(Encoder + "blocks.0.mlp.lin1.weight", 0) / width),
                Output = Size(Encoder + "neck.0.weight", 0),
            },
            MaskChannels = Size("prompt_encoder.mask_downscaling.3.weight", 0),
            DecoderDepth = Count(Decoder + "transformer.layers."),
            FeedForward = Size(Decoder + "transformer.layers.0.mlp.lin1.weight", 0),
            MultimaskOutputs = (int)Size(Decoder + "mask_tokens.weight", 0) - 1,
            IouHeadDepth = Count(Decoder + "iou_prediction_head.layers."),
            IouHeadWidth = Size(Decoder + "iou_prediction_head.layers.0.weight", 0),
        };
        try
        {
            config.Validate();
            config.Vit.Validate();
            return config;
        }
        catch (ArgumentException e)
        {
            throw new CheckpointException(weights.Source,
                $"this is a SAM of sizes that do not fit each other: {MessageText.OfArgument(e, entry: true)}", inner: e);
        }
    }
}
