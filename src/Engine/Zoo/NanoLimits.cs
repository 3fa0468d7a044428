using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.Nano;
using SemanticSam.TextEncoder.Sentences;

namespace SemanticSam.Engine.Zoo;

/// <summary>As <see cref="ModelLimits"/>, of the family of <see cref="NanoPackage"/>.</summary>
internal static class NanoLimits
{
    /// <summary>Parameters of the convolutions of a ResNet-18: of the stem for each channel at stride 4, of the others for each pair of them.</summary>
    private const double StemWeights = 3 * 7 * 7, StageWeights = 2724;

    /// <summary>Refuses a configuration that is out of range.</summary>
    /// <exception cref="CheckpointException">It is; the message names the entry and what is allowed.</exception>
    public static void Require(NanoPackageConfig config, string source)
    {
        var within = ModelLimits.Range(source);
        var (network, text) = (config.Network, config.Text);
        if (config.Name.Length is 0 or > 100) throw new CheckpointException(source, $"name has {config.Name.Length} characters; 1 to 100 are allowed.");
        within("image_size", config.ImageSize, 32, 2048);
        within("network.backbone_width", network.BackboneWidth, 1, ModelLimits.LargestWidth >> (ResNet18.Stages - 1));
        within("network.pyramid_width", network.PyramidWidth, 1, ModelLimits.LargestWidth);
        within("network.norm_groups", network.NormGroups, 1, ModelLimits.LargestWidth);
        within("network.embedding_width", network.EmbeddingWidth, 1, ModelLimits.LargestWidth);
        within("network.sentence_width", network.SentenceWidth, 1, ModelLimits.LargestWidth);
        within("network.name_hidden", network.NameHidden, 1, ModelLimits.LargestWidth);
        within("network.mask_features", network.MaskFeatures, 1, 256);
        within("network.mask_hidden", network.MaskHidden, 1, ModelLimits.LargestWidth);
        within("network.query_width", network.QueryWidth, 1, ModelLimits.LargestWidth);
        within("network.dynamic_width", network.DynamicWidth, 1, 256);
        within("network.context_layers", network.ContextLayers, 0, ModelLimits.MostLayers);
        within("network.context_width", network.ContextWidth, 1, ModelLimits.LargestWidth);
        within("network.level_blocks", network.LevelBlocks, 0, ModelLimits.MostLayers);
        within("network.mask_blocks", network.MaskBlocks, 0, ModelLimits.MostLayers);
        within("network.place_looks", network.PlaceLooks, 0, ModelLimits.MostLayers);
        within("network.look_width", network.LookWidth, 1, ModelLimits.LargestWidth);
        within("network.surroundings_width", network.SurroundingsWidth, 0, ModelLimits.LargestWidth);
        within("network.surroundings_blocks", network.SurroundingsBlocks, 0, ModelLimits.MostLayers);
        for (int i = 0; i < network.LevelSizes.Count; i++) within($"network.level_sizes[{i}]", network.LevelSizes[i], 1e-4, 10);
        if (new[] { network.PyramidWidth, network.MaskHidden, network.SurroundingsWidth }.Any(w => w % network.NormGroups != 0))
            throw new CheckpointException(source,
                $"network.norm_groups is {network.NormGroups}; it has to divide pyramid_width, mask_hidden and surroundings_width.");
        foreach (var (name, width) in new[] { ("context_width", network.ContextWidth), ("look_width", network.LookWidth) })
            if (width % CellAttention.HeadWidth != 0)
                throw new CheckpointException(source, $"network.{name} is {width}; a multiple of {CellAttention.HeadWidth} is needed.");
        if (network.PlaceLooks > 0 && network.PyramidWidth % 4 != 0)
            throw new CheckpointException(source, $"network.pyramid_width is {network.PyramidWidth}; with place_looks a multiple of 4 is needed.");
        within("text.width", text.Width, 1, ModelLimits.LargestWidth);
        within("text.layers", text.Layers, 0, ModelLimits.MostLayers);
        within("text.heads", text.Heads, 1, 1024);
        within("text.feed_forward", text.FeedForward, 1, 4 * ModelLimits.LargestWidth);
        within("text.vocabulary_size", text.VocabularySize, 3, 2_000_000);
        within("text.positions", text.Positions, 64, 8192); // texts are cut at 64 tokens
        within("text.layer_norm_epsilon", text.LayerNormEpsilon, 0, 1);
        if (text.Width % text.Heads != 0)
            throw new CheckpointException(source, $"text.heads is {text.Heads}; it has to divide text.width, which is {text.Width}.");
    }

    /// <summary>Parameters of the large matrices of a network.</summary>
    public static double ParametersAtLeast(NanoConfig config)
    {
        double pyramid = config.PyramidWidth, query = config.QueryWidth, dynamic = config.DynamicWidth;
        double names = (double)config.SentenceWidth * (config.EmbeddingWidth + config.NameHidden) + (double)config.NameHidden * config.EmbeddingWidth;
        double pixels = 9 * pyramid * pyramid + pyramid * config.EmbeddingWidth + 9 * pyramid * config.MaskHidden
            + (double)config.MaskHidden * config.MaskFeatures;
        double places = 8 * pyramid * query + 4 * query * query + query * dynamic * (config.MaskFeatures + dynamic);
        double context = config.ContextLayers == 0 ? 0
            : config.ContextWidth * (ResNet18.LastWidth(config.BackboneWidth) + pyramid + 8.0 * config.ContextLayers * config.ContextWidth);
        double blocks = 18 * (config.LevelBlocks * (ResNet18.Stages - 1) * pyramid * pyramid
            + (double)config.MaskBlocks * config.MaskHidden * config.MaskHidden);
        double around = config.SurroundingsWidth;
        double surroundings = around == 0 ? 0
            : names + around * (28 * pyramid + (1 + 18 * config.SurroundingsBlocks) * around + config.EmbeddingWidth); // three gather, the fine one is 1 x 1
        double looks = 2.0 * config.PlaceLooks * config.LookWidth * (query + pyramid);
        double backbone = config.BackboneWidth * (StemWeights + StageWeights * config.BackboneWidth);
        return context + blocks + looks + surroundings + backbone + ResNet18.Widths(config.BackboneWidth).Sum(w => w * pyramid) + names + pixels + places;
    }

    /// <summary>Parameters of the large matrices of a sentence encoder.</summary>
    public static double ParametersAtLeast(SentenceEncoderConfig config) =>
        ((double)config.VocabularySize + config.Positions) * config.Width
            + config.Layers * (4.0 * config.Width * config.Width + 2.0 * config.Width * config.FeedForward);
}
