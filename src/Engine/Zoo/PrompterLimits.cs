using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.RsPrompter;

namespace SemanticSam.Engine.Zoo;

/// <summary>As <see cref="ModelLimits"/>, of tuned prompters.</summary>
internal static class PrompterLimits
{
    /// <summary>Refuses the configuration of a prompter that is out of range.</summary>
    /// <exception cref="CheckpointException">It is; the message names the entry and what is allowed.</exception>
    public static void Require(PrompterConfig config, string source)
    {
        var within = ModelLimits.Range(source);
        if (!Enum.IsDefined(config.Head)) throw new CheckpointException(source, $"prompter.head is {(int)config.Head}, which is none.");
        if (config.StateWidths is not { Count: <= ModelLimits.MostLayers } || config.PyramidWidths is not { Count: <= 4 }
            || config.AnchorScales is not { Count: >= 1 and <= 16 } || config.Decoder is null)
            throw new CheckpointException(source,
                "prompter: lists of widths and of anchor scales are needed, with 256, 4 and 16 entries at most, and the sizes of a decoder.");
        within("prompter.classes", config.Classes, 1, 100_000);
        within("prompter.image_size", config.ImageSize, 64, 2048);
        within("prompter.width", config.Width, 8, ModelLimits.LargestWidth);
        for (int i = 0; i < config.StateWidths.Count; i++) within($"prompter.state_widths[{i}]", config.StateWidths[i], 1, ModelLimits.LargestWidth);
        for (int i = 0; i < config.PyramidWidths.Count; i++) within($"prompter.pyramid_widths[{i}]", config.PyramidWidths[i], 1, ModelLimits.LargestWidth);
        for (int i = 0; i < config.AnchorScales.Count; i++) within($"prompter.anchor_scales[{i}]", config.AnchorScales[i], 1e-3, 1e3);
        within("prompter.aggregator_width", config.AggregatorWidth, 1, ModelLimits.LargestWidth);
        within("prompter.embedding_aggregator_width", config.EmbeddingAggregatorWidth, 1, ModelLimits.LargestWidth);
        within("prompter.points", config.Points, 1, 256);
        within("prompter.box_width", config.BoxWidth, 1, ModelLimits.LargestWidth);
        within("prompter.mask_width", config.MaskWidth, 1, ModelLimits.LargestWidth);
        within("prompter.mask_convolutions", config.MaskConvolutions, 0, ModelLimits.MostLayers);
        within("prompter.queries", config.Queries, 1, 10_000);
        within("prompter.query_width", config.QueryWidth, 1, ModelLimits.LargestWidth);
        within("prompter.point_width", config.PointWidth, 1, ModelLimits.LargestWidth);
        within("prompter.decoder_layers", config.DecoderLayers, 0, ModelLimits.MostLayers);
        within("prompter.decoder_feed_forward", config.DecoderFeedForward, 1, 4 * ModelLimits.LargestWidth);
        within("prompter.encoder_layers", config.EncoderLayers, 0, ModelLimits.MostLayers);
        within("prompter.encoder_feed_forward", config.EncoderFeedForward, 1, 4 * ModelLimits.LargestWidth);
        within("prompter.encoder_points", config.EncoderPoints, 1, 64);
        within("prompter.decoder.mask_channels", config.Decoder.MaskChannels, 4, ModelLimits.LargestWidth);
        within("prompter.decoder.depth", config.Decoder.Depth, 1, ModelLimits.MostLayers);
        within("prompter.decoder.heads", config.Decoder.Heads, 1, 1024);
        within("prompter.decoder.feed_forward", config.Decoder.FeedForward, 1, 4 * ModelLimits.LargestWidth);
        within("prompter.decoder.multimask_outputs", config.Decoder.MultimaskOutputs, 1, 64);
        within("prompter.decoder.iou_head_depth", config.Decoder.IouHeadDepth, 1, 64);
        within("prompter.decoder.iou_head_width", config.Decoder.IouHeadWidth, 1, ModelLimits.LargestWidth);
    }

    /// <summary>Parameters of the large matrices of a prompter, the same for all of its heads.</summary>
    public static double ParametersAtLeast(PrompterConfig config)
    {
        if (config.Head == PrompterHead.Classifier) return (double)MaskClassifier.Width * (config.Classes + 1);
        double width = config.Width, sum = config.StateWidths.Sum(s => (double)s * config.AggregatorWidth) + config.PyramidWidths.Sum(p => (double)p * width);
        if (config.StateWidths.Count == 0) sum += width * config.EmbeddingAggregatorWidth;
        if (config.FindsRegions) sum += 49 * width * config.BoxWidth + (double)config.BoxWidth * (config.BoxWidth + config.Classes);
        else
            sum += (double)config.QueryWidth * ((config.SelectsQueries ? width : 2.0 * config.Queries) + config.Classes
                + 2.0 * config.DecoderLayers * config.DecoderFeedForward + 2.0 * config.EncoderLayers * config.EncoderFeedForward);
        if (config.Head == PrompterHead.MaskRcnn) sum += 9.0 * config.MaskConvolutions * Math.Min(width, config.MaskWidth) * config.MaskWidth;
        if (config.Head == PrompterHead.Query) sum += 2 * width * config.Points * config.PointWidth;
        if (config.DrawsWithSam) sum += config.Decoder.Depth * 2 * width * config.Decoder.FeedForward;
        return sum;
    }
}
